"""The desk as a whole: what it is called, how one signs in, and what other packages may not show there."""

from typing import Any

from allauth.account import admin as account_admin
from allauth.mfa import admin as mfa_admin
from allauth.usersessions import admin as sessions_admin
from django.contrib import admin
from django.contrib.auth import admin as auth_admin
from procrastinate.contrib.django import admin as jobs_admin
from taggit import admin as tag_admin

from accounts.views import desk_login

# Imported, so that what they register is registered by now and can be taken out.
ELSEWHERE = (account_admin, mfa_admin, sessions_admin, auth_admin, jobs_admin, tag_admin)
# By the labels of apps, so that a room above is let in without being imported.
OURS = frozenset({"accounts", "authors", "articles", "editorial", "forum", "review"})

# Jobs, sessions, second steps and address rows are no business of an editor's: their pages would go round our rules.
for model in list(admin.site._registry):
    if model._meta.app_label not in OURS:
        admin.site.unregister(model)

admin.site.site_header = "Desk"
admin.site.site_title = "Desk"
admin.site.index_title = "Desk"
admin.site.enable_nav_sidebar = False
admin.site.empty_value_display = "–"
# Rate limits and the second step hold for the desk too; who has no role there is told so.
admin.site.login = desk_login  # type: ignore[method-assign]

# The stock pages that would go round our rules: `r/` tells the address of any row, a scheduled piece's included, and
# passwords are changed on the account pages, where the second step and the limits hold.
LEFT_OUT = frozenset({"view_on_site", "password_change", "password_change_done"})
stock_urls = admin.site.get_urls


def our_urls() -> list[Any]:
    """The admin's addresses without those that are left out."""
    return [address for address in stock_urls() if getattr(address, "name", None) not in LEFT_OUT]


admin.site.get_urls = our_urls  # type: ignore[method-assign]
