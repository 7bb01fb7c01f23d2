"""The field for the text of a piece, at the desk and in the authors' portal alike.

The editor is TipTap as django-prose-editor ships it, set up by the modules in static/rich_text. It keeps to the site's
policy as it stands: nothing inline, no hash, no nonce. Without scripts the field is a plain text area: text
with empty lines between its paragraphs is as good as HTML.

Nothing is sanitised here. That is done once, where a revision is made, by `prose.sanitise`.
"""

import re
from collections.abc import Callable
from html import escape
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.templatetags.static import static
from django.utils.functional import Promise

from forum.models import Masthead
from prose.sanitise import MAX_BODY

_View = TypeVar("_View", bound=Callable[..., Any])

_BLOCK = re.compile(r"</?(?:p|h[1-6]|ul|ol|li|blockquote|figure|table|tr|td|th|pre|hr|div)\b[^<>]*>", re.IGNORECASE)
_INLINE = re.compile(r"</?(?:a|b|strong|i|em|sup|sub|br|code|span)\b[^<>]*>", re.IGNORECASE)
_EMPTY_LINES = re.compile(r"\n[^\S\n]*\n\s*")


def as_html(text: str) -> str:
    """HTML of what was typed: HTML stays as it is, and plain text becomes paragraphs.

    An empty line ends a paragraph, and single line breaks within one are spaces, as in a mail. In a text that has no
    empty line at all, each line is a paragraph.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text or _BLOCK.search(text):
        return text
    if not _INLINE.search(text):
        text = escape(text, quote=False)
    paragraphs = _EMPTY_LINES.split(text) if _EMPTY_LINES.search(text) else text.split("\n")
    return "\n".join(f"<p>{' '.join(paragraph.split())}</p>" for paragraph in paragraphs if paragraph.strip())


class RichTextWidget(forms.Textarea):
    """A text area that the script turns into the editor.

    `usual_words`: the length that the word count mentions. `pictures_url` and `pieces_url`: where the editor asks for
    pictures of the library and for published pieces to link to; without one its button is not there. The language of
    the text, for its quotation marks, is the masthead's unless `attrs` has a `data-language`.
    """

    template_name = "forum/rich_text.html"

    def __init__(
        self,
        attrs: dict[str, Any] | None = None,
        *,
        usual_words: int | None = 800,
        pictures_url: "str | Promise" = "",
        pieces_url: "str | Promise" = "",
    ) -> None:
        super().__init__({"rows": 20, **(attrs or {})})
        self.usual_words = usual_words
        # Addresses may be lazy: a form is made before the addresses are known.
        self.addresses = {"data-pictures": pictures_url, "data-pieces": pieces_url}

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        given = context["widget"]["attrs"]
        # By its hashed address, which only the server knows.
        given |= {"data-rich-text": static("django_prose_editor/editor.js")}
        given |= {name: str(address) for name, address in self.addresses.items() if address}
        if not given.get("data-language"):
            given["data-language"] = Masthead.current().language
        if self.usual_words:
            given |= {"data-usual-words": str(self.usual_words)}
        return context

    def use_required_attribute(self, initial: Any) -> bool:
        """Never: a browser can't point at a required field that the editor has hidden."""
        return False

    class Media:
        css = {"all": ("django_prose_editor/editor.css", "rich_text/forum-editor.css")}
        js = (forms.Script("rich_text/forum-editor.js", type="module"),)


class RichTextField(forms.CharField):
    """The text of a piece as HTML, not yet sanitised. What is too long is refused and stays in the form."""

    widget = RichTextWidget

    # Not CharField's max_length: its attribute makes browsers cut off what is pasted beyond, without a word.
    def __init__(self, *, max_characters: int = MAX_BODY, **kwargs: Any) -> None:
        self.max_characters = max_characters
        super().__init__(**kwargs)

    def validate(self, value: str) -> None:
        super().validate(value)
        if len(value) > self.max_characters:
            raise ValidationError(
                f"This text has {len(value):,} characters, and at most {self.max_characters:,} fit. "
                "Shorten it, or make two pieces of it. It is not saved yet; it still stands here.",
                code="max_length",
            )

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        # What is refused for its length is given back as it came.
        return text if len(text) > self.max_characters else as_html(text)
