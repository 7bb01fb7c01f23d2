"""The sheet that an author writes on: the text's form and the names above it, as stored, as typed, as rearranged."""

import hashlib
import json
import secrets
from typing import Any

from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from accounts.models import User
from articles.models import Article, Byline, Image
from authors.models import Author
from editorial.contribute.forms import ByName, OwnName, OwnPrintedName, TextForm, guessed_name

MOST_NAMES = 30
DECLARED = ("conflict_of_interest", "appeared_elsewhere", "suggested_regions", "suggested_topics", "please_not")
PICTURE_WORDS = ("alt", "caption", "credit")

Row = ByName


class Sheet:
    """All forms of the writing page.

    `base` is the version that the person began from, `mark` stands for the names, declarations and words of the
    picture that they saw, `key` makes of two presses on the first Save one piece.
    """

    def __init__(
        self, me: User, article: Article | None, text: TextForm, rows: list[Row], *, base: int, mark: str, key: str
    ) -> None:
        self.me, self.article = me, article
        self.text, self.rows = text, rows
        self.base, self.mark, self.key = base, mark, key

    @classmethod
    def stored(cls, me: User, article: Article | None) -> "Sheet":
        """The sheet with what is stored, or a blank one."""
        author = Author.objects.filter(user=me).first()
        key = "" if article else secrets.token_urlsafe(16)
        if article is None:
            me_row = own_row(me, author, None, prefix="row-0", initial=_own_initial(me, author, None))
            text = TextForm(initial={}, pictures=set())
            return cls(me, None, text, [me_row], base=0, mark="", key=key)
        latest = article.latest
        picture = latest.lead_image
        initial = {
            "title": latest.title,
            "in_brief": latest.in_brief,
            "body": latest.body,
            "picture": latest.lead_image_id,
        }
        initial |= {name: getattr(article.handling, name) for name in DECLARED}
        if picture is not None:
            initial |= {name: getattr(picture, name) for name in PICTURE_WORDS}
        rows: list[Row] = []
        bylines = list(article.bylines.select_related("author"))
        for byline in bylines:
            prefix = f"row-{len(rows)}"
            if is_own(byline, me):
                rows.append(own_row(me, author, article, prefix=prefix, initial=_own_initial(me, author, byline)))
            else:
                words = {"id": byline.pk, "name": byline.name, "affiliation": byline.affiliation, "bio": byline.bio}
                rows.append(ByName(prefix=prefix, initial=words))
        if author is None and article.corresponding_id == me.pk:
            rows.append(own_row(me, None, article, prefix=f"row-{len(rows)}", initial=_own_initial(me, None, None)))
        text = TextForm(initial=initial, pictures=_pictures(me, article), language=_language(article))
        return cls(me, article, text, rows, base=latest.pk, mark=mark_of(article), key=key)

    @classmethod
    def typed(cls, me: User, article: Article | None, data: QueryDict, files: MultiValueDict[str, Any]) -> "Sheet":
        """The sheet with what was typed, to be checked and saved."""
        author = Author.objects.filter(user=me).first()
        rows = [
            own_row(me, author, article, prefix=f"row-{n}", data=data)
            if kind == "me"
            else ByName(data, prefix=f"row-{n}")
            for n, kind in enumerate(_kinds(data))
        ]
        text = TextForm(data, files, pictures=_pictures(me, article), language=_language(article))
        return cls(
            me,
            article,
            text,
            rows,
            base=_number(data.get("base")),
            mark=data.get("mark", "")[:64],
            key=data.get("key", "")[:64],
        )

    @classmethod
    def rearranged(
        cls, me: User, article: Article | None, data: QueryDict, action: str, picture: Image | None
    ) -> "Sheet":
        """The sheet with what was typed, unchecked, after a name was added, moved or taken away."""
        author = Author.objects.filter(user=me).first()
        numbers = list(enumerate(_kinds(data)))
        verb, _, which = action.partition("-")
        place = _number(which) if which.isdigit() else -1
        if verb == "remove" and 0 <= place < len(numbers) and numbers[place][1] != "me":
            numbers.pop(place)
        if verb == "up" and 0 < place < len(numbers):
            numbers[place - 1], numbers[place] = numbers[place], numbers[place - 1]
        rows: list[Row] = []
        for old, kind in numbers:
            prefix, words = f"row-{len(rows)}", _words(data, f"row-{old}-")
            rows.append(
                own_row(me, author, article, prefix=prefix, initial=words)
                if kind == "me"
                else ByName(prefix=prefix, initial=words)
            )
        if verb == "add" and len(rows) < MOST_NAMES:
            rows.append(ByName(prefix=f"row-{len(rows)}"))
        initial = {name: data.get(name, "") for name in TextForm.base_fields}
        initial["has_no_picture"] = "has_no_picture" in data
        initial["picture"] = picture.pk if picture else ""
        text = TextForm(initial=initial, pictures=_pictures(me, article), language=_language(article))
        return cls(
            me,
            article,
            text,
            rows,
            base=_number(data.get("base")),
            mark=data.get("mark", "")[:64],
            key=data.get("key", "")[:64],
        )

    def is_valid(self) -> bool:
        """Whether everything typed can be stored; what is missing is no error."""
        return all([self.text.is_valid(), *(row.is_valid() for row in self.rows)])

    @property
    def picture(self) -> Image | None:
        """The picture that the page shows."""
        value = self.text["picture"].value()
        pk = _number(value)
        return Image.objects.filter(pk=pk).first() if pk in self.text.pictures else None

    @property
    def errors(self) -> list[tuple[str, str]]:
        """What has to be mended, each with the id of its field."""
        found = [("", str(e)) for e in self.text.non_field_errors()]
        for form in (self.text, *self.rows):
            for field in form:
                label = str(field.label)
                found += [(anchor(field.html_name), f"{label}: {error}") for error in field.errors]
        return found


def anchor(html_name: str) -> str:
    """The id in the writing page where a field is mended."""
    return {"body": "text", "bylines": "names", "lead_image": "picture", "picture_file": "id_picture_file"}.get(
        html_name, f"id_{html_name}"
    )


def is_own(byline: Byline, me: User) -> bool:
    """Whether a name above a piece is this person's own."""
    return byline.author is not None and byline.author.user_id == me.pk


def own_row(me: User, author: Author | None, article: Article | None, *, prefix: str, **given: Any) -> Row:
    """The form for one's own name: in parts as long as this is the first piece, else as printed."""
    if author is None or not author.bylines.exclude(article=article).exists():
        return OwnName(prefix=prefix, **given)
    return OwnPrintedName(prefix=prefix, **given)


def content(article: Article) -> dict[str, Any]:
    """The names, the declarations and the words of the picture, for telling whether they changed."""
    return {
        "names": [[b.name, b.affiliation, b.bio] for b in article.bylines.order_by("position", "pk")],
        "declared": [getattr(article.handling, name) for name in DECLARED],
        "picture": picture_content(article.latest.lead_image, article),
    }


def picture_content(picture: Image | None, article: Article) -> list[Any]:
    """Which picture stands above a piece, and its words if they are the author's own."""
    if picture is None:
        return []
    is_authors = picture.uploaded_by_id is not None and picture.uploaded_by_id == article.corresponding_id
    return [picture.pk, *(getattr(picture, name) for name in PICTURE_WORDS if is_authors)]


def mark_of(article: Article) -> str:
    """A short stand-in for names, declarations and the words of the picture as they are now."""
    return hashlib.sha256(json.dumps(content(article)).encode()).hexdigest()[:24]


def _own_initial(me: User, author: Author | None, byline: Byline | None) -> dict[str, Any]:
    if author is None:
        return dict(guessed_name(me))
    words: dict[str, Any] = {
        name: getattr(author, name) for name in ("given_name", "family_name", "single_name", "is_family_first")
    }
    source = byline or author
    return words | {
        "id": byline.pk if byline else "",
        "name": source.name,
        "affiliation": source.affiliation,
        "bio": source.bio,
    }


def _language(article: Article | None) -> str:
    """Of the text, for its quotation marks; a new piece has the masthead's."""
    return article.language if article else ""


def _pictures(me: User, article: Article | None) -> set[int]:
    """Pictures that this person may put above the piece: the one there, and those that they sent."""
    mine = set(Image.objects.filter(uploaded_by=me).values_list("pk", flat=True))
    if article is not None and article.latest.lead_image_id:
        mine.add(article.latest.lead_image_id)
    return mine


def _kinds(data: QueryDict) -> list[str]:
    """Which rows of names were sent: one's own at most once."""
    kinds: list[str] = []
    for number in range(min(_number(data.get("rows")), MOST_NAMES)):
        kind = "me" if data.get(f"row-{number}-kind") == "me" and "me" not in kinds else "other"
        kinds.append(kind)
    return kinds


def _words(data: QueryDict, prefix: str) -> dict[str, Any]:
    words: dict[str, Any] = {key.removeprefix(prefix): data.get(key, "") for key in data if key.startswith(prefix)}
    words["is_family_first"] = "is_family_first" in words
    return words


def _number(text: Any) -> int:
    """A number from a form, 0 where it is none."""
    text = str(text or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
