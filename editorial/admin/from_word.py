"""The form of a piece at the desk, filled from a Word document: shown again, and nothing saved."""

from typing import Any, Final

from django.http import HttpRequest

from editorial import word
from prose.word import WordError

# The buttons of the form.
TAKE: Final = "_word"
PUT_BACK: Final = "_word_back"
# Where the request keeps what is shown about it.
_SHOWN: Final = "desk_word"


def is_asked(request: HttpRequest) -> bool:
    """Whether a document is to be taken. One that was chosen is, whatever was pressed: saving the form without its
    text is not what was meant."""
    return TAKE in request.POST or PUT_BACK in request.POST or bool(request.FILES.get(word.FILE))


def fill(request: HttpRequest) -> None:
    """Put the text of the document, or the one from before, into what was sent. Ask beforehand who may."""
    file = request.FILES.get(word.FILE)
    said: dict[str, Any] = {}
    if PUT_BACK in request.POST:
        request.POST = word.put_back(request.POST)  # type: ignore[misc]
        said["is_back"] = True
    elif file is None:
        said["problem"] = "Choose a document first, then press “Take its text”."
    else:
        try:
            taken = word.take(file, by=request.user)
        except WordError as refused:
            said["problem"] = f"“{word.shown_name(file.name)}” was not taken. {refused}"
        else:
            request.POST = word.filled(request.POST, taken)  # type: ignore[misc]
            said["taken"] = taken
    request.__dict__[_SHOWN] = said


def is_filled(request: HttpRequest) -> bool:
    """Whether the form was filled in this request, and is to be shown without saving or finding fault."""
    return _SHOWN in request.__dict__


def shown(request: HttpRequest) -> dict[str, Any]:
    """For the page: what was taken, what was refused, and the text that is carried along until something is saved."""
    before = word.before_in(request.POST) if request.method == "POST" else []
    return {**request.__dict__.get(_SHOWN, {}), "before": before}
