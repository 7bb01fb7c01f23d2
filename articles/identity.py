"""Names of things for other people's programs, the same for ever whatever becomes of title, slug, day and address.

They are made of the host of `SITE_URL` and the number of the row.
"""

import uuid
from urllib.parse import urlsplit

from django.conf import settings


def guid(kind: str, pk: int) -> str:
    """As RSS knows it: `example.org:article:12`."""
    return f"{_host()}:{kind}:{pk}"


def urn(kind: str, pk: int) -> str:
    """As an IRI, where one is asked for (Atom, JSON Feed, a book): always the same UUID for the same thing."""
    return uuid.uuid5(uuid.uuid5(uuid.NAMESPACE_DNS, _host()), f"{kind}:{pk}").urn


def _host() -> str:
    return urlsplit(settings.SITE_URL).hostname or "localhost"
