"""Pages for readers travel compressed, where the reader's browser takes that.

Safe for what `public` answers alone. A compressed answer that holds a secret and something that a stranger chose gives
the secret away by its length (the BREACH attack); these pages hold none: no session, no key of a form, no name of who
reads.
"""

import gzip
import re

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

# Less than this is not worth the reader's time to unpack; it fits into one packet either way.
WORTH = 512
# What nobody keeps is packed for one reader: in 40 % of the time that what is kept may take, and a tenth larger.
_LEVEL = 2
_GZIP = re.compile(r"(?:^|,)\s*(?:x-)?gzip\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?)\s*)?(?=,|$)", re.IGNORECASE)
_TEXT = re.compile(r"text/|application/(?:[-\w.]+\+)?(?:json|xml)\b|image/svg\+xml")


def takes_gzip(header: str) -> bool:
    """Whether an Accept-Encoding names gzip, and not only to refuse it."""
    found = _GZIP.search(header)
    return found is not None and float(found[1] or 1) > 0


def is_to_be_packed(request: HttpRequest, response: HttpResponse) -> bool:
    """Says in the answer, either way, that it depends on what the browser takes."""
    if len(response.content) < WORTH or not _TEXT.match(response["Content-Type"]):
        return False
    patch_vary_headers(response, ["Accept-Encoding"])
    return takes_gzip(request.META.get("HTTP_ACCEPT_ENCODING", ""))


def pack(response: HttpResponse) -> None:
    """The same bytes each time: without the moment at which it was done."""
    response.content = gzip.compress(response.content, compresslevel=_LEVEL, mtime=0)
    response["Content-Encoding"] = "gzip"
    if response.has_header("Content-Length"):
        response["Content-Length"] = str(len(response.content))
