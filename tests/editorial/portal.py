"""Writing in the authors' portal as a browser without scripts does it: fetch the page, change fields, press a button."""

from html.parser import HTMLParser
from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import User
from articles.models import Article


class _Fields(HTMLParser):
    """The values of one form's fields, as a browser would send them; buttons are pressed, not sent."""

    def __init__(self, marker: str) -> None:
        super().__init__()
        self.marker, self.is_inside, self.area = marker, False, ""
        self.values: dict[str, Any] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = dict(attrs)
        if tag == "form":
            self.is_inside = self.marker in (at.get("id") or "", at.get("action") or "")
        if not self.is_inside or not at.get("name"):
            return
        name = at["name"] or ""
        if tag == "textarea":
            self.area, self.values[name] = name, ""
        elif tag == "input" and at.get("type") == "checkbox":
            if "checked" in at:
                self.values[name] = at.get("value") or "on"
        elif tag == "input" and at.get("type") != "file":
            self.values[name] = at.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.is_inside = False
        if tag == "textarea":
            self.area = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            # The first line break after the tag is the page's, not the text's.
            text = data if self.values[self.area] else data.removeprefix("\r\n").removeprefix("\n")
            self.values[self.area] += text


def fields(response: Any, form: str = "sheet") -> dict[str, Any]:
    """What the form of a page would send unchanged. `form` is its id or its action."""
    parser = _Fields(form)
    parser.feed(response.content.decode())
    parser.values.pop("csrfmiddlewaretoken", None)
    return parser.values


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def at(name: str, article: Article | int | None = None, *more: str) -> str:
    """The address of a page of the portal."""
    args = [] if article is None else [article if isinstance(article, int) else article.pk, *more]
    return reverse(f"contribute:{name}", args=args)


def save(client: Client, article: Any = None, action: Any = "save", **changes: Any) -> Any:
    """Open the writing page, change what is given, press a button."""
    address = at("write", article) if article else at("new")
    sheet = fields(client.get(address))
    assert sheet, "The page has no form to write on."
    return client.post(address, sheet | changes | {"action": action})
