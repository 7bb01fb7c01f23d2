"""Start from a Word document: its text into the form of a piece, at the desk and in the portal alike.

Nothing is saved by it but the pictures, which go through `articles.images.store`. The person looks at what stands in
the form then, and can put back what stood there before; saving makes a version as any other.
"""

import io
import re
import time
from dataclasses import dataclass
from html import escape, unescape
from pathlib import PurePath
from typing import Final

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict

from accounts.models import User
from articles import images
from prose import characters, sanitise, word
from prose.word import WordError, process

FILE: Final = "word_file"
TAKE: Final = "word"
PUT_BACK: Final = "word_back"
# Of the form, what a document fills.
TEXT: Final = ("title", "in_brief", "body")
# What stood there before is sent along under these names, so that it can be put back.
BEFORE: Final = "before_"
# A form holds 5 MB, of which each character may take three bytes.
MOST_KEPT: Final = 3
LONGEST_KEPT: Final = 800_000
# Making a picture anew takes up to a second: what is left after these is told to the person.
PICTURE_SECONDS: Final = 20

# Of the text, where a line with the names is looked for.
HEAD: Final = 600

_BYLINE = re.compile(r"<p>(By \w[^<]{1,98}[^<.!?:…])</p>")
_IMG = re.compile(rf'<img src="{re.escape(word.PLACEHOLDER)}(\d+)" alt="([^"]*)">')


@dataclass(frozen=True, slots=True)
class Taken:
    """What a document gave for the form. `remarks` are for the person, in plain words."""

    name: str
    title: str
    in_brief: str
    body: str
    remarks: list[str]


def take(file: UploadedFile, *, by: User, most_pictures: int | None = None) -> Taken:
    """Read a document that `by` has sent and store its pictures, of which they may add `most_pictures`.

    Raises WordError, in words for them, where it can't be taken.
    """
    if (file.size or 0) > word.MAX_BYTES:
        raise WordError(
            f"The document has {(file.size or 0) / 1048576:.0f} MB; at most {word.MAX_BYTES // 1048576} MB are taken. "
            "Save it with smaller pictures, or without them, and add the pictures here."
        )
    text = process.read(file.read())
    remarks = list(text.remarks)
    body = sanitise.sanitise(_with_pictures(text, by, most_pictures, remarks))
    if len(body) > sanitise.MAX_BODY:
        raise WordError(
            f"With its markup the text has {len(body):,} characters, and a piece holds at most {sanitise.MAX_BODY:,}. "
            "Shorten it, or make two documents of it."
        )
    if text.html.count("<") > 2 * sanitise.MAX_TAGS:
        remarks.append("The document has so much formatting that only its words could be kept.")
    lacking = [name for name, given in (("title", text.title), ("In Brief", text.in_brief)) if not given]
    if lacking:
        remarks.append(
            f"No {' and no '.join(lacking)} could be told from the rest. What the form has there was left as it is."
        )
    if (byline := _BYLINE.search(body[:HEAD])) and byline[1][3].isupper():
        remarks.append(
            f"“{unescape(byline[1])}” stands in the text. Names are printed from their own fields, so take it out here."
        )
    return Taken(
        name=shown_name(file.name),
        title=sanitise.plain_line(text.title),
        in_brief=sanitise.plain_text(text.in_brief),
        body=body,
        remarks=remarks,
    )


def shown_name(name: str | None) -> str:
    """The file's name as it is shown."""
    return sanitise.plain_line(PurePath((name or "").replace("\\", "/")).name)[:80] or "the document"


def _with_pictures(text: word.WordText, by: User, most: int | None, remarks: list[str]) -> str:
    """The text with its pictures stored; those that were refused are told, and only their captions stay."""
    stored: dict[int, str] = {}
    until = time.monotonic() + PICTURE_SECONDS
    for picture in text.pictures:
        if most is not None and len(stored) >= most:
            problem = "You sent very many pictures today. Add it tomorrow."
        elif time.monotonic() > until:
            problem = "There was no time left for it. Add it here."
        else:
            try:
                row = images.store(io.BytesIO(picture.data), len(picture.data), uploaded_by=by, alt=picture.alt)
            except ValidationError as refused:
                problem = " ".join(refused.messages)
            else:
                stored[picture.number] = (
                    f'<img src="{escape(row.file.url)}" alt="{escape(row.alt)}" width="{row.width}" height="{row.height}">'
                )
                continue
        remarks.append(f"Picture {picture.number} was not taken. {problem}")
    if stored:
        count, bare = len(stored), sum(1 for p in text.pictures if p.number in stored and not p.alt)
        said = f"{count} picture{'s' if count > 1 else ''} came along. Only use what we may print"
        remarks.append(f"{said}, and say for each what it shows." if bare else f"{said}.")
    return _IMG.sub(lambda match: stored.get(int(match[1]), ""), text.html)


def filled(typed: QueryDict, taken: Taken) -> QueryDict:
    """A form with the document's text in it. What it gives no words for stays as it was typed.

    What stood there is carried along, after what is carried along already.
    """
    given = {name: getattr(taken, name) for name in TEXT if getattr(taken, name)}
    now = _text_in(typed)
    is_replaced = any(not _is_empty(now[name]) and now[name] != words for name, words in given.items())
    return _with(typed, now | given, [*_kept(typed), now] if is_replaced else _kept(typed))


def put_back(typed: QueryDict) -> QueryDict:
    """A form with the text that the last document replaced; what stands there now is carried along in its turn."""
    kept = _kept(typed)
    return _with(typed, kept[-1], [_text_in(typed), *kept[:-1]]) if kept else typed


def before_in(data: QueryDict) -> list[tuple[str, str]]:
    """What a form carries along, as its hidden fields."""
    return [(BEFORE + name, text[name]) for text in _kept(data) for name in TEXT]


def _text_in(data: QueryDict) -> dict[str, str]:
    return {name: data.get(name, "") for name in TEXT}


def _kept(data: QueryDict) -> list[dict[str, str]]:
    """The texts that are carried along, the last replaced last: as many as a form may hold."""
    columns = [data.getlist(BEFORE + name) for name in TEXT]
    found: list[dict[str, str]] = []
    size = 0
    for row in reversed(list(zip(*columns, strict=False))):
        size += sum(map(len, row))
        if len(found) == MOST_KEPT or (found and size > LONGEST_KEPT):
            break
        found.insert(0, dict(zip(TEXT, map(str, row), strict=True)))
    return found


def _with(typed: QueryDict, text: dict[str, str], kept: list[dict[str, str]]) -> QueryDict:
    data = typed.copy()
    for name in TEXT:
        data[name] = text[name]
        data.setlist(BEFORE + name, [one[name] for one in kept])
    return data


def _is_empty(html: str) -> bool:
    return characters.is_blank(re.sub(r"<(?!img)[^<>]*>", "", html))
