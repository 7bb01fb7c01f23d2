"""The desk's page for the front page: the places at its top and in the editors' selection, who stands there until when,
and how it will look."""

import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from articles.front import Front, front_page
from articles.models import Article, FrontPick
from articles.status import Status
from editorial import access, front
from editorial.admin import article_list, words
from editorial.admin.base import DeskAdmin, desk_page
from editorial.admin.order import Typed, ids_of
from editorial.admin.widgets import MomentField
from editorial.front import Span
from editorial.registry import Blocked

Section = FrontPick.Section
HEADINGS = {Section.TOP: "At the top", Section.SELECTION: "Editors’ selection"}
EMPTY = {
    Section.TOP: "Nothing is chosen: the newest pieces stand there by themselves.",
    Section.SELECTION: "Nothing is chosen: the page goes without a selection.",
}
FOUND = 20
LONGEST_SEARCH = 300


class SpanForm(forms.Form):
    """From when until when a pick stands, to the minute."""

    starts_at = MomentField(label="From", required=False)
    ends_at = MomentField(label="Until", required=False)

    def __init__(self, *args: Any, pick: FrontPick | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pick = pick
        if pick is not None:
            self.initial = {"starts_at": pick.starts_at, "ends_at": pick.ends_at}

    def span(self, now: datetime.datetime) -> Span:
        """As typed; a moment that shows the same minute as the saved one is the saved one. Empty starts now."""
        start, end = self.cleaned_data["starts_at"], self.cleaned_data["ends_at"]
        if self.pick is not None:
            start = self.pick.starts_at if _is_same(start, self.pick.starts_at) else start
            end = self.pick.ends_at if _is_same(end, self.pick.ends_at) else end
        return Span(start or now.replace(second=0, microsecond=0), end)


class PutForm(SpanForm):
    """Another piece for the front page."""

    article = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    section = forms.ChoiceField(label="Where", choices=Section.choices, initial=Section.TOP, required=False)
    place = forms.IntegerField(
        label="Place", min_value=1, max_value=99, initial=1, help_text="1 is the first; those from there on move down.",
        widget=forms.NumberInput(attrs={"class": "order-field"}),
    )  # fmt: skip

    def clean_section(self) -> str:
        return str(self.cleaned_data["section"] or Section.TOP)

    def clean_article(self) -> int:
        if not self.cleaned_data["article"]:
            raise forms.ValidationError("Choose a piece.")
        return int(self.cleaned_data["article"])


class AtForm(forms.Form):
    at = MomentField(label="At", required=False)


def _is_same(typed: datetime.datetime | None, saved: datetime.datetime | None) -> bool:
    if typed is None or saved is None:
        return typed is saved
    return typed == saved.replace(second=0, microsecond=0)


@admin.register(FrontPick)
class FrontPickAdmin(DeskAdmin):
    list_title = "Front page"

    # Those who publish; a piece of their own is refused by `editorial.front`.
    def has_view_permission(self, request: HttpRequest, obj: FrontPick | None = None) -> bool:
        return bool(request.user.is_active and request.user.has_perm("editorial.publish"))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: FrontPick | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: FrontPick | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        """One page and its preview; none of the stock forms."""
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="articles_frontpick_changelist"),
            path("preview/", view(self.preview_view), name="articles_frontpick_preview"),
        ]

    @desk_page
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self._page(request)

    def _page(self, request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        is_put = request.method == "POST" and "put" in request.POST
        is_search = request.method == "POST" and "find" in request.POST
        is_table = request.method == "POST" and not is_put and not is_search
        # A search keeps what was typed beside it, and finds fault with nothing.
        kept = {name: request.POST[f"new-{name}"] for name in PutForm.base_fields if f"new-{name}" in request.POST}
        put_form = PutForm(request.POST, prefix="new") if is_put else PutForm(prefix="new", initial=kept)
        picks = list(front.standing(now))
        forms_of = {
            pick.pk: SpanForm(
                request.POST if is_table and f"pick{pick.pk}-starts_at" in request.POST else None,
                prefix=f"pick{pick.pk}",
                pick=pick,
            )
            for pick in picks
        }
        problems: list[str] = []
        if is_put or is_table:
            try:
                said = self._put(request, put_form, now) if is_put else self._change(request, forms_of, now)
            except Blocked as answer:
                for reason in answer.reasons:
                    if is_put and reason.where in put_form.fields:
                        put_form.add_error(reason.where, reason.text)
                    else:
                        problems.append(reason.text)
            except PermissionDenied as answer:
                problems = [str(answer)]
            else:
                if said:
                    self.message_user(request, said, messages.SUCCESS)
                    return redirect("admin:articles_frontpick_changelist")
            picks = list(front.standing(now))
        typed = Typed(request.POST) if is_table else None
        return self._render(request, now, picks, forms_of, put_form, typed, problems)

    def _put(self, request: HttpRequest, form: PutForm, now: datetime.datetime) -> str:
        """Put the chosen piece there; empty where the form has errors."""
        if not form.is_valid():
            return ""
        article = Article.objects.select_related("latest").filter(pk=form.cleaned_data["article"]).first()
        if article is None or not access.may_publish(request.user, article):
            raise PermissionDenied(front.NOT_YOURS)
        pick = front.put(
            article, by=request.user, section=form.cleaned_data["section"], place=form.cleaned_data["place"],
            span=form.span(now), now=now,
        )  # fmt: skip
        return f"“{article}” has place {pick.position} {pick.get_section_display()}."

    def _change(self, request: HttpRequest, forms_of: dict[int, SpanForm], now: datetime.datetime) -> str:
        """Save the table, move a pick or take one off; empty where the form has errors."""
        post = request.POST
        if "remove" in post:
            chosen = ids_of(post["remove"])
            return f"{front.remove(chosen[0] if chosen else 0, by=request.user, now=now)} – taken off."
        seen = ids_of(post.get("seen", ""))
        sent = {pk: form for pk, form in forms_of.items() if f"pick{pk}-starts_at" in post}
        # Each is asked, so that every error is shown.
        if sum(not form.is_valid() for form in sent.values()):
            return ""
        fixed = front.fixed_for(request.user, [form.pick for form in forms_of.values() if form.pick])
        order = Typed(post).order(seen, fixed)
        spans = {pk: form.span(now) for pk, form in sent.items() if pk in seen}
        section = _section_of(post)
        count = front.arrange(order, spans, by=request.user, seen=seen, section=section, now=now)
        return "The front page is saved." if count else "Nothing was changed."

    def _render(
        self, request: HttpRequest, now: datetime.datetime, picks: list[FrontPick], forms_of: dict[int, SpanForm],
        put_form: PutForm, typed: Typed | None, problems: list[str],
    ) -> HttpResponse:  # fmt: skip
        page = front_page(now)
        fixed = front.fixed_for(request.user, picks)
        sections = [
            {
                "value": section.value,
                "title": HEADINGS[section],
                "empty": EMPTY[section],
                "rows": rows,
                "seen": ",".join(str(row["pk"]) for row in rows),
                "has_fixed": any(row["is_fixed"] for row in rows),
            }
            for section in Section
            for rows in [_rows([p for p in picks if p.section == section], forms_of, fixed, typed, page, now)]
        ]
        query = (request.POST.get("q") or request.GET.get("q") or "").replace("\x00", " ").strip()[:LONGEST_SEARCH]
        found = self._found(request, query, put_form, now)
        has_errors = bool(put_form.errors or any(form.errors for form in forms_of.values()))
        return TemplateResponse(
            request,
            "admin/articles/frontpick/front.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": "Front page",
                "sections": sections,
                "problems": problems,
                "has_errors": has_errors,
                "put_form": put_form,
                "query": query,
                "found": found[:FOUND],
                "has_more": len(found) > FOUND,
                "now": words.moment(now),
                "zone": timezone.get_current_timezone_name(),
                "top": [
                    {
                        "title": page.by_id[pk].live.title,
                        "url": page.by_id[pk].get_absolute_url,
                        "is_lead": page.by_id[pk] is page.lead,
                        "is_picked": pk in page.picked,
                    }
                    for pk in page.top
                ],
                "selection": [{"title": p.live.title, "url": p.get_absolute_url} for p in page.selection],
                "at_form": AtForm(initial={"at": now}),
            },
        )

    def _found(self, request: HttpRequest, query: str, form: PutForm, now: datetime.datetime) -> list[dict[str, Any]]:
        """What a search finds among published and scheduled pieces; without one the newest and those next to come."""
        pieces = article_list.on_desk(request).filter(pk__in=front.eligible(request.user).values("pk"))
        if query:
            pieces = article_list.search(request, pieces, query)
        chosen = str(form["article"].value() or "")
        found = [
            {
                "pk": piece.pk,
                "title": words.title(piece),
                "standing": words.standing(piece, now),
                "day": words.day(piece.published_on) if piece.published_on and piece.is_public(now) else "",
                "is_chosen": str(piece.pk) == chosen,
            }
            for piece in pieces.order_by("-published_at", "-pk")[: FOUND + 1]
        ]
        if chosen.isascii() and chosen.isdigit() and len(chosen) < 19 and not any(row["is_chosen"] for row in found):
            # What was chosen stays there while another search is made.
            for piece in article_list.on_desk(request).filter(pk=int(chosen)):
                found.insert(0, {"pk": piece.pk, "title": words.title(piece), "standing": words.standing(piece, now), "day": "", "is_chosen": True})  # fmt: skip
        return found

    @desk_page
    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """The readers' own front page as it will be at a moment (?at=), without what is not on this person's desk."""
        # Only the preview needs the readers' views.
        from articles.views.home import home_context
        from forum.languages import for_readers
        from forum.models import Masthead

        if not self.has_view_permission(request):
            raise PermissionDenied
        now = timezone.now()
        form = AtForm(request.GET)
        if not form.is_valid():
            self.message_user(request, "This is no moment that can be shown. Choose another.", messages.ERROR)
            return redirect("admin:articles_frontpick_changelist")
        at = form.cleaned_data["at"] or now
        ahead = Article.objects.listed(at).filter(published_at__gt=now)
        hidden = set(ahead.exclude(pk__in=access.desk_pieces(request.user).values("pk")).values_list("pk", flat=True))
        preview = {"at": at, "now": now, "left_out": len(hidden), "url": reverse("admin:articles_frontpick_changelist")}
        with for_readers(masthead := Masthead.current()):
            shown = front_page(at, leave_out=hidden)
            for pk, piece in shown.by_id.items():
                if piece.published_at and piece.published_at > now:
                    piece.get_absolute_url = reverse("admin:articles_article_preview", args=[pk])
            context = {"masthead": masthead, **home_context(shown), "preview": preview}
            response = TemplateResponse(request, "articles/home.html", context)
            response.render()
        response["X-Robots-Tag"] = "noindex"
        response["Cache-Control"] = "private, no-store"
        return response


def _section_of(post: QueryDict) -> str:
    """The section whose table was sent."""
    section = post.get("section", "")
    return str(section) if section in Section.values else Section.TOP


def _rows(
    picks: list[FrontPick], forms_of: dict[int, SpanForm], fixed: set[int], typed: Typed | None, page: Front,
    now: datetime.datetime,
) -> list[dict[str, Any]]:  # fmt: skip
    """The picks of a section as its table shows them."""
    rows = []
    for place, pick in enumerate(picks, start=1):
        is_fixed = pick.pk in fixed
        shows, why = _shows(pick, page, now)
        rows.append(
            {
                "pk": pick.pk,
                "place": place,
                "number": (typed.numbers if typed else {}).get(pick.pk, str(place)),
                "title": _title(pick, is_fixed, now),
                "url": "" if is_fixed else reverse("admin:articles_article_change", args=[pick.article_id]),
                "form": forms_of.get(pick.pk) or SpanForm(prefix=f"pick{pick.pk}", pick=pick),
                "is_fixed": is_fixed,
                "from": words.moment(pick.starts_at),
                "until": words.moment(pick.ends_at) if pick.ends_at else "",
                "by": str(pick.by),
                "shows": shows,
                # Why a piece of one's own is not there is told by nobody: it would tell what the desk does with it.
                "why": "" if is_fixed and not _is_public(pick.article, now) else why,
                "is_first": place == 1,
                "is_last": place == len(picks),
            }
        )
    return rows


def _is_public(article: Article, now: datetime.datetime) -> bool:
    return article.status == Status.PUBLISHED and article.is_public(now)


def _title(pick: FrontPick, is_hidden: bool, now: datetime.datetime) -> str:
    """What the person may know it by: of a piece that is not on their desk, what readers have."""
    if not is_hidden:
        return words.title(pick.article)
    if _is_public(pick.article, now) and pick.article.live:
        return str(pick.article.live.title)
    return "A piece that is not on your desk"


def _shows(pick: FrontPick, page: Front, now: datetime.datetime) -> tuple[words.Pill, str]:
    """Whether readers see the pick now, and if not, why."""
    article = pick.article
    off = words.Pill("Does not show")
    if article.status == Status.TAKEN_DOWN:
        return off, "The piece was taken down."
    if article.status == Status.RETRACTED:
        return off, "The piece was retracted."
    if article.live_id is None or article.published_at is None:
        return off, f"The piece is {Status(article.status).label}; readers do not have it."
    if pick.starts_at > now:
        return words.Pill("Not yet", "soon"), f"Starts on {words.moment(pick.starts_at)}."
    if article.published_at > now:
        return words.Pill("Not yet", "soon"), f"The piece is scheduled for {words.moment(article.published_at)}."
    if pick.section == Section.SELECTION:
        if pick.article_id in page.top:
            return off, "It stands at the top of the page already."
        if pick.article_id in page.selected:
            return words.Pill("Shows", "public"), ""
        return off, "The places before it are taken."
    if pick.article_id not in page.picked:
        return off, "The places before it are taken."
    piece = page.by_id[pick.article_id]
    return words.Pill("Leads the page" if piece is page.lead else "Shows", "public"), ""
