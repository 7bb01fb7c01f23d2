"""What the authors of a piece read of its reviews, in their portal: beside the decision, and while they revise."""

import datetime

from django.http import FileResponse, Http404, HttpRequest
from django.template.loader import render_to_string
from django.urls import path
from django.utils.safestring import SafeString

from articles.models import Article
from editorial import rooms
from editorial.contribute.door import for_authors, own_piece
from review import files, released

LARGEST = 2**31 - 1
# Of one comment that is answered, and of all: the rest is written by hand.
LONGEST_QUOTED = 600
LONGEST_SKELETON = 12_000


def panel(request: HttpRequest, article: Article) -> SafeString:
    """The comments on a piece, round by round; nothing where none was released."""
    return _panel(article, is_folded=False)


def writing_panel(request: HttpRequest, article: Article) -> SafeString:
    """The comments of the last round, folded, beside the page on which they are answered."""
    return _panel(article, is_folded=True)


def _panel(article: Article, *, is_folded: bool) -> SafeString:
    rounds = released.for_authors(article)
    if not rounds:
        return SafeString("")
    shown = rounds[:1] if is_folded else rounds
    return render_to_string("contribute/_review.html", {"article": article, "rounds": shown, "is_folded": is_folded})


def to_answer(article: Article, now: datetime.datetime) -> str:
    """The comments of the last round one by one, quoted, with room below each: what a response begins with."""
    rounds = released.for_authors(article, now)
    if (
        not rounds
        or rounds[0].round.number != article.rounds.order_by("-number").values_list("number", flat=True).first()
    ):
        return ""
    lines: list[str] = []
    for one in rounds[0].reviews:
        # Referees read the response too, and are told of no other's name, not even where the author knows it.
        lines += [f"Referee {one.number}", ""]
        for part in one.parts:
            if part.kind in ("comments", "remark"):
                about = f"{part.heading}: " if part.heading else ""
                for paragraph in filter(None, (p.strip() for p in part.text.split("\n\n"))):
                    lines += [_quoted(about + paragraph), "", ""]
                    about = ""
    text = "\n".join(lines).strip()
    return text + "\n\n" if text and len(text) <= LONGEST_SKELETON else ""


def _quoted(words: str) -> str:
    words = words if len(words) <= LONGEST_QUOTED else words[:LONGEST_QUOTED].rsplit(" ", 1)[0] + " …"
    return "\n".join(f"> {line}" for line in words.splitlines())


# A file is answered piece by piece; the door asks no more of a response.
@for_authors  # type: ignore[arg-type]
def file(request: HttpRequest, pk: int, number: int, referee: int) -> FileResponse:
    """A referee's file, for the authors of the piece alone, under a name that tells of nobody."""
    article = own_piece(request, pk)
    found = released.file_for_authors(article, number, referee) if max(number, referee) <= LARGEST else None
    if found is None:
        raise Http404("No such file.")
    return files.download(found, f"Referee {referee}, round {number}")


app_name = "reviews"
urlpatterns = [path("<int:pk>/reviews/<int:number>/<int:referee>/file/", file, name="file")]


def register() -> None:
    """Hang the panels on the hooks of the portal; for `AppConfig.ready()`."""
    for hooks, hook in ((rooms.PORTAL_PANELS, panel), (rooms.WRITING_PANELS, writing_panel)):
        if hook not in hooks:
            hooks.append(hook)
    rooms.FIRST_WORDS["resubmit", "message"] = to_answer
    rooms.STEP_PAGES |= {
        (step, "in_review"): "admin:review_decide" for step in ("request_revision", "accept", "decline")
    }
