"""The public history of a piece: what readers were given and told, and what changed between any two texts."""

import datetime
import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from articles.history import Entry, TooLong, difference, entries_of, given_of, text_of
from articles.pieces import public_text
from articles.reviewed import terms_of
from articles.views.article import address_of, piece_at, piece_titled, verdict_on
from articles.views.public import absolute, page, public, takes
from forum.models import Masthead
from prose.scripts import direction_of


@public
@takes("text", "from", "to")
def history(
    request: HttpRequest, masthead: Masthead, now: datetime.datetime, year: str, month: str, day: str, slug: str
) -> HttpResponse:
    """`?from=2&to=3` shows what changed from the second time to the third, `?text=2` the text of the second."""
    article = piece_at(request, masthead, now, (year, month, day, slug), "articles:history", piece_titled)
    if isinstance(article, HttpResponse):
        return article
    given = given_of(article, now)
    entries = entries_of(article, given, masthead)
    verdict = verdict_on(article, given[::-1], masthead)
    last = entries[0].number if entries else 0
    address = reverse("articles:history", args=address_of(article))
    context: dict[str, Any] = {
        "title": public_text(article).title,
        "url": article.get_absolute_url(),
        "history_url": address,
        "language": article.language,
        "direction": direction_of(article.language),
        "entries": entries,
        "terms": terms_of(article, masthead),
        "verdict": verdict,
        "is_retracted": verdict is not None and verdict.is_retracted,
        "canonical": absolute(address),
        "chosen_from": max(last - 1, 1),
        "chosen_to": last,
    }
    status = 200
    if "text" in request.GET:
        chosen = _asked(request, "text", entries, otherwise=last)
        if chosen is None:
            context["problem"] = _no_such_text(last)
            status = 404
        else:
            context |= {"chosen": chosen, "text": None if chosen.is_sealed else text_of(article, chosen)}
    elif "from" in request.GET or "to" in request.GET:
        newer = _asked(request, "to", entries, otherwise=last)
        older = _asked(request, "from", entries, otherwise=max(newer.number - 1, 1) if newer else 1)
        if older is None or newer is None:
            context["problem"] = _no_such_text(last)
            status = 404
        else:
            is_sealed = older.is_sealed or newer.is_sealed
            found, is_too_long = None, False
            if not is_sealed:
                try:
                    found = difference(article, older, newer)
                except TooLong:
                    is_too_long = True
            context |= {
                "older": older,
                "newer": newer,
                "is_sealed": is_sealed,
                "is_too_long": is_too_long,
                "difference": found,
                "chosen_from": older.number,
                "chosen_to": newer.number,
            }
    return page(request, "articles/history.html", masthead, context, status=status)


def _no_such_text(last: int) -> str:
    if last > 1:
        return _("The texts of this piece have the numbers from 1 to %(last)s. Choose among them.") % {"last": last}
    return _("This piece has one text so far, number 1.")


def _asked(request: HttpRequest, name: str, entries: list[Entry], *, otherwise: int) -> Entry | None:
    typed = request.GET.get(name, "")
    number = int(typed) if re.fullmatch(r"[0-9]{1,6}", typed) else 0 if typed else otherwise
    return next((entry for entry in entries if entry.number == number), None)
