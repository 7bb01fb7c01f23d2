"""The publication as the checks see it: the types of page, and what each answers."""

from functools import cache

from django.test import Client
from lxml import html

from tests.readers.content import STATUS


class Site:
    """`pages` says where each type of page is; `text` and `tree` are what is answered there."""

    def __init__(self, address: str, pages: dict[str, str]) -> None:
        self.address, self.pages = address, pages
        self.text = cache(self._text)

    def _text(self, address: str) -> str:
        """What a reader gets at an address, of a type of page or any other."""
        page = Client(raise_request_exception=False).get(address, headers={"host": self.address.split("//")[1]})
        assert page.status_code == self.status(address), (address, page.status_code)
        return page.content.decode()

    def status(self, address: str) -> int:
        return next((STATUS[name] for name, at in self.pages.items() if at == address and name in STATUS), 200)

    def tree(self, name: str) -> html.HtmlElement:
        return html.document_fromstring(self.text(self.pages[name]))
