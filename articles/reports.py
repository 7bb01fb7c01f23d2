"""What a reader found wrong in a piece: taken in here, answered at the desk.

Nothing is kept of the reader but what they wrote and, where they gave it, an address for the answer. Limits hold for
each reader (by a keyed digest of the network address, for an hour, in the cache), each piece and the whole site.
"""

import datetime
import ipaddress
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django import forms
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.models import Article, ErrorReport
from prose import sanitise

LONGEST = 2000
PER_PIECE = 12
PER_SITE = 60
SPAN = datetime.timedelta(hours=1)


class TooMany(Exception):  # noqa: N818  it is an answer, not an error
    """A report that can't be taken now. Nothing was stored."""


class ReportForm(forms.Form):
    """What is wrong, where to answer, and a field that only machines fill in."""

    text = forms.CharField(error_messages={"required": gettext_lazy("Say what is wrong, in a few words.")})
    email = forms.EmailField(
        required=False,
        max_length=254,
        error_messages={
            "invalid": gettext_lazy("This is not an e-mail address. Mend it, or leave it empty."),
            "max_length": gettext_lazy("This e-mail address is too long. Mend it, or leave it empty."),
        },
    )
    website = forms.CharField(required=False)

    def __init__(self, posted: Any = None) -> None:
        # A NUL is no character that anybody types, and PostgreSQL takes none.
        super().__init__({name: posted.get(name, "").replace("\x00", "") for name in self.base_fields})

    def clean_text(self) -> str:
        text = sanitise.plain_text(self.cleaned_data["text"])
        if not text:
            raise forms.ValidationError(_("Say what is wrong, in a few words."))
        if len(text) > LONGEST:
            raise forms.ValidationError(
                _("This has %(number)s characters; at most %(most)s fit. Say it shorter, or write to us.")
                % {
                    name: number_format(n, force_grouping=True)
                    for name, n in (("number", len(text)), ("most", LONGEST))
                }
            )
        return text

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise forms.ValidationError(
                _("This has to stay empty: it tells machines from people. Empty it, then send.")
            )
        return ""


def take_in(request: HttpRequest, article: Article, form: ReportForm, now: datetime.datetime) -> None:
    """Store a report that is valid; the same words again within the hour are one report.

    `article` is public. Raises TooMany.
    """
    text = form.cleaned_data["text"]
    with transaction.atomic():
        # One after the other for each piece: a second press finds the first, and a limit holds for all who come at once.
        locked = Article.objects.select_for_update(no_key=True).get(pk=article.pk)
        if locked.live_id is None:
            return  # taken down this moment; the page that follows says so
        recent = ErrorReport.objects.filter(at__gt=now - SPAN)
        if recent.filter(article=article, text=text).exists():
            return
        if recent.count() >= PER_SITE or recent.filter(article=article).count() >= PER_PIECE:
            raise TooMany
        if not ratelimit.consume(request, action="report_error", key=_reader(request)):
            raise TooMany
        ErrorReport.objects.create(
            article=article, revision_id=locked.live_id, text=text, email=form.cleaned_data["email"], at=now
        )


def _reader(request: HttpRequest) -> str:
    """Whoever comes from the same network address is one reader; a household has many of the longer ones."""
    address = get_adapter().get_client_ip(request)
    try:
        if isinstance(ipaddress.ip_address(address), ipaddress.IPv6Address):
            address = str(ipaddress.ip_network(f"{address}/64", strict=False))
    except ValueError:
        pass  # no address at all: counted by what stands there
    return salted_hmac("articles.reports", address).hexdigest()
