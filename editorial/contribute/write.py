"""The writing page: begin a piece, save at any time, go on to submitting. Nothing that was typed is ever lost."""

from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import formats, timezone

from articles.models import Article, Image
from articles.status import Status
from editorial import access, coauthors, rooms, word
from editorial.contribute import saving
from editorial.contribute.door import for_authors, own_piece, page, person
from editorial.contribute.sheet import DECLARED, MOST_NAMES, PICTURE_WORDS, Sheet, anchor, content, mark_of
from editorial.models import Letter
from editorial.registry import Blocked
from editorial.writing import Stale
from prose import diff
from prose.word import WordError

# Characters of two texts that are compared while somebody waits for an answer to Save.
LONGEST_COMPARED = 300_000
# Presses that only rearrange the names; the rest of the word says which one.
REARRANGING = ("add", "remove-", "up-")


@for_authors
def new(request: HttpRequest) -> HttpResponse:
    """A blank sheet; the first save makes the piece."""
    me = person(request)
    if request.method == "POST":
        return _posted(request, None)
    if saving.has_too_many_drafts(me):
        return page(request, "contribute/too_many.html", {"tab": "new", "most": saving.MOST_DRAFTS})
    return _sheet_page(request, Sheet.stored(me, None))


@for_authors
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet of a piece that is in its author's hands."""
    article = own_piece(request, pk)
    if request.method == "POST":
        return _posted(request, article)
    if problem := why_not_write(request, article):
        messages.warning(request, problem)
        return redirect("contribute:piece", pk)
    return _sheet_page(request, Sheet.stored(person(request), article))


def why_not_write(request: HttpRequest, article: Article) -> str:
    """Empty where this person may write the piece now; else why not, in an author's words."""
    me = person(request)
    if article.corresponding_id != me.pk:
        return "The corresponding author writes the text. You can read it here."
    if access.why_not_edit_text(me, article):
        return "The piece is not in your hands now, so its text can’t be changed here. You can read it."
    return ""


def _posted(request: HttpRequest, article: Article | None) -> HttpResponse:
    """What the press of a button asks for."""
    me = person(request)
    action = request.POST.get("action", "save")
    if action == word.PUT_BACK:
        return _with_text(request, article, word.put_back(request.POST), is_back=True)
    # A document that was chosen is taken, whatever was pressed: saving without its text is not what was meant.
    if action == word.TAKE or request.FILES.get(word.FILE):
        return _from_word(request, article)
    if action.startswith(REARRANGING):
        picture, problem = _picture(Sheet.typed(me, article, request.POST, request.FILES))
        sheet = Sheet.rearranged(me, article, request.POST, action, picture)
        said = [problem] if problem else []
        if action == "add" and len(sheet.rows) == MOST_NAMES:
            said.append(f"At most {MOST_NAMES} names stand above a piece.")
        return _sheet_page(request, sheet, said=said, is_unsaved=True)
    sheet = Sheet.typed(me, article, request.POST, request.FILES)
    if not sheet.is_valid():
        picture, problem = _picture(sheet)
        _keep_picture(sheet, picture)
        return _sheet_page(request, sheet, said=[problem] if problem else [], status=422, is_unsaved=True)
    picture, problem = _picture(sheet)
    if action == "save_over" and (over := request.POST.get("over", "")).isdigit() and article is not None:
        # Knowingly: the person has seen what else was saved.
        sheet.base, sheet.mark = int(over[:18]), request.POST.get("over_mark", "")[:64]
    try:
        saved = saving.save(sheet, picture) if article else saving.begin(sheet, request.session, picture)
    except Stale as stale:
        _keep_picture(sheet, picture)
        return _conflict(request, sheet, stale)
    except saving.DetailsStale:
        _keep_picture(sheet, picture)
        return _conflict(request, sheet, None)
    except Blocked as blocked:
        _keep_picture(sheet, picture)
        for reason in blocked.reasons:
            sheet.text.add_error(reason.where if reason.where in sheet.text.fields else None, reason.text)
        return _sheet_page(request, sheet, status=422, is_unsaved=True)
    except PermissionDenied:
        _keep_picture(sheet, picture)
        current = own_piece(request, sheet.article.pk) if sheet.article else None
        problem = why_not_write(request, current) if current else ""
        sheet.text.add_error(None, f"Nothing was saved. {problem} Copy what you typed if you still need it.")
        return _sheet_page(request, sheet, status=409, is_unsaved=True, is_over=True)
    left = ([problem] if problem else []) + saving.left_over(sheet, picture)
    return _saved(request, sheet, saved, picture, left, action)


def _from_word(request: HttpRequest, article: Article | None) -> HttpResponse:
    """The form filled from a document; what was typed stays where it can't be."""
    me = person(request)
    file = request.FILES.get(word.FILE)
    problem = why_not_write(request, article) if article else ""
    if not problem and file is None:
        problem = "Choose a document first, then press “Take its text”."
    if not problem and not ratelimit.consume(request, action="word", user=me):
        problem = "You have had many documents read in a short time. Wait a while, or copy the text into the page."
    if not problem and file is not None:
        try:
            taken = word.take(file, by=me, most_pictures=saving.pictures_left(me))
        except WordError as refused:
            problem = f"“{word.shown_name(file.name)}” was not taken. {refused}"
        else:
            return _with_text(request, article, word.filled(request.POST, taken), taken=taken)
    return _with_text(request, article, request.POST, said=[problem], status=422)


def _with_text(
    request: HttpRequest,
    article: Article | None,
    data: QueryDict,
    *,
    taken: word.Taken | None = None,
    is_back: bool = False,
    said: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The sheet with another text in it, unchecked and unsaved, and all else as it was typed."""
    me = person(request)
    picture, problem = _picture(Sheet.typed(me, article, request.POST, request.FILES))
    sheet = Sheet.rearranged(me, article, data, "", picture)
    said = [*(said or []), *([problem] if problem else [])]
    shown = {"taken": taken, "is_back": is_back, "before": word.before_in(data)}
    return _sheet_page(request, sheet, said=said, status=status, is_unsaved=True, from_word=shown)


def _saved(
    request: HttpRequest, sheet: Sheet, article: Article, picture: Image | None, left: list[str], action: str
) -> HttpResponse:
    """On to the next page, or the same page again for what could not be saved yet."""
    zone = request.masthead.time_zone  # type: ignore[attr-defined]
    at = f"{formats.date_format(timezone.localtime(), 'H:i')} ({zone})"
    if left:
        stored = own_piece(request, article.pk)
        sheet.article = stored
        sheet.base, sheet.mark, sheet.key = stored.latest_id, mark_of(stored), ""
        _keep_picture(sheet, picture)
        return _sheet_page(request, sheet, said=left, saved_at=at)
    if action == "authors":
        messages.success(request, f"Saved at {at}.")
        return redirect("contribute:authors", article.pk)
    if action == "submit":
        return redirect("contribute:step", article.pk, "submit" if article.status == Status.DRAFT else "resubmit")
    messages.success(request, f"Saved at {at}.")
    return redirect("contribute:write", article.pk)


def _picture(sheet: Sheet) -> tuple[Image | None, str]:
    """The picture above the piece, and why a new one was refused."""
    try:
        return saving.take_picture(sheet), ""
    except ValidationError as refused:
        return sheet.picture, f"The picture was not taken. {' '.join(refused.messages)}"


def _keep_picture(sheet: Sheet, picture: Image | None) -> None:
    """A picture just sent stays chosen on the page that is shown again."""
    sheet.text.data = {**sheet.text.data.dict(), "picture": str(picture.pk) if picture else ""}  # type: ignore[attr-defined]
    if picture is not None:
        sheet.text.pictures.add(picture.pk)


def _conflict(request: HttpRequest, sheet: Sheet, stale: Stale | None) -> HttpResponse:
    """Somebody saved in the meantime: what was typed stays, beside what stands now."""
    assert sheet.article is not None
    article = own_piece(request, sheet.article.pk)
    current = article.latest
    words = sheet.text.cleaned_data
    conflict = {
        "at": timezone.localtime(current.at),
        "is_by_me": current.by_id == sheet.me.pk,
        "is_text": stale is not None,
        "over": current.pk,
        "over_mark": mark_of(article),
        "title": diff.diff_text(current.title, words.get("title") or ""),
        "in_brief": diff.diff_text(current.in_brief, words.get("in_brief") or ""),
        "body": _diff(current.body, words.get("body") or ""),
        "beside": _beside(sheet, article),
    }
    return _sheet_page(request, sheet, conflict=conflict, status=409, is_unsaved=True)


def _beside(sheet: Sheet, article: Article) -> list[tuple[str, str]]:
    """What is saved beside the text where something else was typed here, each with its label."""
    fields = sheet.text.fields
    saved = {name: getattr(article.handling, name) for name in DECLARED}
    if article.latest.lead_image is not None:
        saved |= {name: getattr(article.latest.lead_image, name) for name in PICTURE_WORDS}
    found = [
        (str(fields[name].label or name.replace("_", " ").capitalize()), words)
        for name, words in saved.items()
        if words != (sheet.text.cleaned_data.get(name) or "")
    ]
    stored, typed = content(article)["names"], saving.names_typed(sheet)
    if sheet.rows and stored != typed:
        found.append(("Authors", "; ".join(" · ".join(filter(None, line)) for line in stored)))
    return found


def _diff(stored: str, typed: str) -> str:
    """What saving would change in the text; of the very longest it is not worked out, since it takes a while."""
    return diff.diff_html(stored, typed) if len(stored) + len(typed) < LONGEST_COMPARED else ""


def _sheet_page(
    request: HttpRequest,
    sheet: Sheet,
    *,
    said: list[str] | None = None,
    conflict: dict[str, object] | None = None,
    saved_at: str = "",
    is_unsaved: bool = False,
    is_over: bool = False,
    from_word: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    article = sheet.article
    if from_word is None and (before := word.before_in(request.POST)):
        from_word = {"before": before}  # carried along as long as nothing is saved
    is_revision = article is not None and article.status == Status.REVISING
    states = {str(one.byline.pk): one.state for one in coauthors.named(article)} if article else {}
    for row in sheet.rows:
        row.state = states.get(str(row["id"].value() or ""), "")
    action = reverse("contribute:write", args=[article.pk]) if article else reverse("contribute:new")
    context = {
        "tab": "pieces" if article else "new",
        "article": article,
        "sheet": sheet,
        "form": sheet.text,
        "rows": sheet.rows,
        "picture": sheet.picture,
        "may_describe": sheet.picture is None or saving.may_describe(sheet.picture, sheet.me),
        "errors": sheet.errors if sheet.text.is_bound else [],
        "said": said or [],
        "conflict": conflict,
        "saved_at": saved_at,
        "is_unsaved": is_unsaved,
        "is_over": is_over,
        "word": from_word if from_word and any(from_word.values()) else None,
        "is_revision": is_revision,
        "letter": editors_letter(request, article) if article and is_revision else None,
        "due_on": article.handling.due_on if article and is_revision else None,
        "panels": [panel(request, article) for panel in rooms.WRITING_PANELS] if article and is_revision else [],
        "form_action": action,
        "most_names": MOST_NAMES,
        "anchor": anchor,
    }
    return page(request, "contribute/write.html", context, status=status)


def editors_letter(request: HttpRequest, article: Article) -> Letter | None:
    """The letter with which the editors asked this person to revise."""
    letters = access.letters_for(person(request), article)
    return letters.filter(kind="revision_requested").first()
