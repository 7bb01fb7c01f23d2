"""The desk as a person uses it: pages are opened, their forms filled in and sent."""

import re
from typing import Any

import lxml.html
from django.test import Client

from accounts.models import User
from articles.models import Article


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(article: Article | int, page: str = "change/") -> str:
    return f"/admin/articles/article/{article if isinstance(article, int) else article.pk}/{page}"


def fields_of(html: str, form_id: str = "article_form") -> dict[str, Any]:
    """What a browser would send of the form as it stands on the page."""
    tree = lxml.html.fromstring(html)
    form = tree.get_element_by_id(form_id) if form_id else tree.xpath("//main//form")[0]
    data: dict[str, Any] = {}
    for element in form.inputs:
        name, value = element.get("name"), element.value
        kind = element.get("type", "text")
        if not name or kind in ("submit", "file") or (kind in ("checkbox", "radio") and not element.checked):
            continue
        if element.tag == "textarea":
            # A browser drops the line break that opens a text area.
            value = (value or "").removeprefix("\n")
        values = sorted(value) if element.tag == "select" and element.multiple else [value or ""]
        if values:
            kept = data.get(name, [])
            data[name] = [*(kept if isinstance(kept, list) else [kept]), *values]
    data = {name: values[0] if len(values) == 1 else values for name, values in data.items()}
    data.pop("csrfmiddlewaretoken", None)
    # The empty row from which the script makes new ones is sent by no browser with a name that counts.
    return {name: value for name, value in data.items() if "__prefix__" not in name}


def opened(client: Client, article: Article) -> dict[str, Any]:
    response = client.get(url(article))
    assert response.status_code == 200, response
    return fields_of(response.content.decode())


def save(client: Client, article: Article, data: dict[str, Any], **changes: Any) -> Any:
    return client.post(url(article), data | changes)


def step(client: Client, article: Article, name: str, **said: Any) -> Any:
    """Open a step's page, answer its questions, and send the letters as they stand where it writes any."""
    page = client.get(url(article, f"step/{name}/"))
    assert page.status_code == 200, page
    response = client.post(url(article, f"step/{name}/"), fields_of(page.content.decode(), "") | said)
    return send(client, article, name, response)


def send(client: Client, article: Article, name: str, response: Any, **changes: Any) -> Any:
    """Press “Send” on the page of letters, where the answers led there; `letter_accepted_text="…"` changes one."""
    page = response.content.decode()
    if response.status_code != 200 or 'id="letters_form"' not in page:
        return response
    typed = {key.replace("_", "-", 1) if key.startswith("letter_") else key: value for key, value in changes.items()}
    typed = {"-".join(key.rsplit("_", 1)) if key.startswith("letter-") else key: value for key, value in typed.items()}
    return client.post(url(article, f"step/{name}/"), fields_of(page, "letters_form") | {"send": "1"} | typed)


def text(response: Any) -> str:
    """What the page says, without its markup, on one line."""
    return re.sub(r"\s+", " ", lxml.html.fromstring(response.content.decode()).text_content())
