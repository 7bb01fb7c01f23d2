"""What the desk's own frame and front page show."""

from typing import Any

from django import template
from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from articles.models import Article, ErrorReport
from editorial import access, queue, rooms
from editorial.admin import words
from editorial.models import Letter
from forum.models import Mail, Masthead

register = template.Library()

# As many of each as one reads at a glance; the list has the rest.
SHOWN = 12
# The desk's own order of things; what a person may not see is left out.
SECTIONS = (
    ("Pieces", "articles", "Article"),
    ("Front page", "articles", "FrontPick"),
    ("Error reports", "articles", "ErrorReport"),
    ("Letters", "editorial", "Letter"),
    ("Referees", "review", "Referee"),
    ("Authors", "authors", "Author"),
    ("Pictures", "articles", "Image"),
    ("Regions", "articles", "Region"),
    ("Tags", "articles", "Tag"),
    ("Special features", "articles", "Series"),
    ("Letter templates", "editorial", "LetterTemplate"),
    ("Plain pages", "forum", "Page"),
    ("Navigation", "forum", "NavigationItem"),
    ("Masthead", "forum", "Masthead"),
    ("People", "accounts", "User"),
    ("Changes", "editorial", "Change"),
)


@register.simple_tag(takes_context=True)
def desk_sections(context: Any) -> list[dict[str, Any]]:
    """Links to what this person may see, in the desk's order."""
    models = {
        (app["app_label"], model["object_name"]): model
        for app in context.get("available_apps") or []
        for model in app["models"]
    }
    here = context["request"].path
    return [
        {
            "name": name,
            "url": model["admin_url"],
            # Pictures are added several at once, with what is told of all of them.
            "add_url": reverse("admin:articles_image_upload")
            if object_name == "Image" and model.get("add_url")
            else model.get("add_url"),
            "is_here": here.startswith(model["admin_url"]),
        }
        for name, app, object_name in SECTIONS
        if (model := models.get((app, object_name))) and model.get("admin_url")
    ]


@register.simple_tag(takes_context=True)
def desk_waiting(context: Any) -> dict[str, Any]:
    """What waits: for this person, with authors, on the calendar, in the post. A fixed number of queries."""
    user = context["request"].user
    now = timezone.now()
    zone = Masthead.current().zone
    with timezone.override(zone):
        mine = list(
            queue.waiting_for_editors(user)
            .select_related("handling__editor")
            .prefetch_related(*rooms.WORDS_READ)
            .defer("latest__body")[: SHOWN + 1]
        )
        pieces = (
            access.desk_pieces(user)
            .select_related("latest", "handling__editor")
            .defer("latest__body", "latest__in_brief")
        )
        own = Q(handling__editor=user) | Q(handling__editor=None)
        with_authors = queue.with_holder(pieces).filter(own, holder=queue.AUTHOR).exclude(handling__due_on=None)
        scheduled = pieces.filter(live__isnull=False, published_at__gt=now).order_by("published_at")
        today = timezone.localdate(now)
        failed = Letter.objects.filter(mail__state=Mail.State.FAILED, article__in=access.desk_pieces(user).values("pk"))
        return {
            "can_decide": user.has_perm("editorial.decide"),
            "reports": access.reports_for(user).filter(state=ErrorReport.State.NEW).count()
            if user.has_perm("articles.view_errorreport") and user.has_perm("editorial.decide")
            else 0,
            "reads_pieces": user.has_perm("articles.view_article"),
            "mine": [_row(piece, user, now) for piece in mine[:SHOWN]],
            "has_more": len(mine) > SHOWN,
            "with_authors": [
                _row(piece, user, now)
                | {
                    "due": words.day(piece.handling.due_on) if piece.handling.due_on else "",
                    "is_late": bool(piece.handling.due_on and piece.handling.due_on < today),
                }
                for piece in with_authors.order_by("handling__due_on")[:SHOWN]
            ],
            "scheduled": [
                _row(piece, user, now) | {"at": words.moment(piece.published_at)} for piece in scheduled[:SHOWN]
            ],
            "panels": [said for panel in rooms.FRONT_PANELS if (said := panel(context["request"]))],
            "links": [link for links in rooms.FRONT_LINKS for link in links(context["request"])],
            "failed": [
                {
                    "url": reverse("admin:editorial_letter_change", args=[letter.pk]),
                    "subject": letter.subject,
                    "to": letter.reader_name,
                    "at": words.moment(letter.at),
                }
                for letter in failed.select_related("recipient")[:SHOWN]
            ],
        }


def _row(piece: Article, user: Any, now: Any) -> dict[str, Any]:
    since = getattr(piece, "desk_since", None) or getattr(piece, "since", None)
    waited = max((now - since).days, 0) if since else 0
    return {
        "url": reverse("admin:articles_article_change", args=[piece.pk]),
        "title": words.title(piece),
        "standing": words.standing(piece, now),
        "next": words.next_step(piece, now, user),
        "waited": words.days(waited),
        "is_long": waited >= 7,
        "is_unassigned": piece.handling.editor_id is None,
    }


@register.simple_tag
def portal_url() -> str:
    """The authors' pages, for people of the desk who write too."""
    try:
        return reverse("contribute:home")
    except NoReverseMatch:
        return ""
