"""What each role may do: one table, brought into the database after every migration.

In a migration the permissions do not exist yet, and a flushed test database would lose groups made there.
"""

from typing import Any

from accounts import roles

VIEW_PIECES = ("articles.view_article", "articles.view_image", "articles.view_region", "articles.view_tag", "articles.view_series",
    "authors.view_author", "editorial.view_letter", "articles.view_errorreport")  # fmt: skip
EDIT_PIECES = ("articles.change_article", "articles.add_image", "articles.change_image", "articles.delete_image")
DECIDE = ("editorial.decide", "editorial.edit_text", "editorial.publish", "articles.add_article", "articles.add_tag", "articles.change_tag",
    "articles.add_region", "articles.change_region", "articles.add_series", "articles.change_series", "authors.add_author", "authors.change_author",
    "editorial.see_referees")  # fmt: skip
MANAGE = ("editorial.manage", "editorial.view_lettertemplate", "editorial.change_lettertemplate", "editorial.view_change", "forum.view_masthead", "forum.change_masthead", "forum.add_masthead", "accounts.view_user", "accounts.change_user",
    "forum.view_page", "forum.add_page", "forum.change_page", "forum.view_navigationitem", "forum.change_navigationitem",
    "articles.delete_region", "articles.delete_tag", "articles.delete_series", "authors.delete_author")  # fmt: skip
ADMINISTER = (
    "accounts.view_user",
    "accounts.add_user",
    "accounts.change_user",
    "forum.view_masthead",
    "forum.change_masthead",
    "forum.add_masthead",
    "forum.view_page",
    "forum.add_page",
    "forum.change_page",
    "forum.view_navigationitem",
    "forum.change_navigationitem",
)

GRANTS: dict[str, tuple[str, ...]] = {
    roles.AUTHOR: (),
    roles.REFEREE: (),
    roles.COPY_EDITOR: (*VIEW_PIECES, *EDIT_PIECES, "editorial.edit_text"),
    roles.EDITOR: (*VIEW_PIECES, *EDIT_PIECES, *DECIDE),
    roles.MANAGING_EDITOR: (*VIEW_PIECES, *EDIT_PIECES, *DECIDE, *MANAGE),
    roles.ADMINISTRATOR: ADMINISTER,
}

# Whose permissions the table names.
APPS = ["forum", "accounts", "authors", "articles", "editorial"]


def extend(app: str, grants: dict[str, tuple[str, ...]]) -> None:
    """Add what a role may do in a room above; for its `AppConfig.ready()`."""
    if app not in APPS:
        APPS.append(app)
        for role, names in grants.items():
            GRANTS[role] = (*GRANTS[role], *names)


def synchronise(sender: Any, **kwargs: Any) -> None:
    """Make the groups and give each exactly its permissions; harmless to repeat. Handler of `post_migrate`."""
    from django.apps import apps
    from django.contrib.auth.management import create_permissions
    from django.contrib.auth.models import Group, Permission
    from django.db.models import Q

    # Django makes the permissions in a handler of its own, which may come after this one.
    for app in APPS:
        create_permissions(apps.get_app_config(app), verbosity=0)
    wanted = {name for grants in GRANTS.values() for name in grants}
    query = Q(pk__in=[])
    for name in wanted:
        app, codename = name.split(".")
        query |= Q(content_type__app_label=app, codename=codename)
    known = {
        f"{p.content_type.app_label}.{p.codename}": p
        for p in Permission.objects.filter(query).select_related("content_type")
    }
    for role, grants in GRANTS.items():
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.set([known[name] for name in grants if name in known])
