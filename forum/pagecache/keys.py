"""What a request asks for, said in one way only, so that no two spellings of an address are two pages that are kept."""

import re
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.core.handlers.wsgi import get_path_info
from django.http import Http404
from django.http.request import split_domain_port, validate_host
from django.urls import resolve

from forum.pagecache.store import Key

Environ = dict[str, Any]

# The attribute of a view of a page for everyone: the names of the parameters that it takes.
PARAMETERS = "page_parameters"
# Added to links by those who count readers; they change nothing of a page.
TRACKING = re.compile(r"(?:utm_\w+|fbclid|gclid|dclid|msclkid|mc_cid|mc_eid|igshid|yclid|_ga)", re.ASCII)
LONGEST_ADDRESS = 1000
MOST_PARAMETERS = 20
_MEMORIES = 1024
_UNKNOWN: Any = object()


class Keys:
    """By the address alone. What was found is remembered, within bounds."""

    def __init__(self) -> None:
        self.hosts: dict[str, bool] = {}
        self.asked: dict[str, str] = {}
        self.parameters: dict[str, frozenset[str] | None] = {}
        self._secure = settings.SECURE_PROXY_SSL_HEADER

    def of(self, environ: Environ) -> Key | None:
        """What the request asks for, in one way only; None for what is never kept."""
        host = environ.get("HTTP_HOST", "")
        if not (self.hosts.get(host) or self.is_allowed(host)):
            return None
        path = environ["PATH_INFO"]
        # Nothing is remembered of what is longer than any address of ours.
        if len(path) > LONGEST_ADDRESS:
            return None
        if query := environ.get("QUERY_STRING"):
            if len(query) > LONGEST_ADDRESS:
                return None
            asked = f"{path}?{query}"
            if (known := self.asked.get(asked)) is None:
                if (normal := self._query(environ, path, query)) is None:
                    return None
                known = f"{path}?{normal}" if normal else path
                remember(self.asked, asked, known)
            path = known
        if len(path) > LONGEST_ADDRESS:
            return None
        return self._is_secure(environ), path

    def _is_secure(self, environ: Environ) -> bool:
        if self._secure:
            return bool(environ.get(self._secure[0], "").split(",", 1)[0].strip() == self._secure[1])
        return bool(environ["wsgi.url_scheme"] == "https")

    def is_allowed(self, host: str) -> bool:
        """Whether the site answers by this name."""
        allowed = settings.ALLOWED_HOSTS or ([".localhost", "127.0.0.1", "[::1]"] if settings.DEBUG else [])
        domain, _ = split_domain_port(host)
        is_allowed = bool(domain) and validate_host(domain, allowed)
        if is_allowed:
            remember(self.hosts, host, True)
        return is_allowed

    def _query(self, environ: Environ, path: str, query: str) -> str | None:
        """The parameters that the page takes, in one order and spelling. None where somebody else may want the others."""
        takes = self.takes(environ)
        if takes is None:
            return None
        try:
            pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=MOST_PARAMETERS, errors="replace")
        except ValueError:
            return None
        # At the front page a query may be the address that a piece had on an older site: `/?p=123`.
        if path == "/" and any(not TRACKING.fullmatch(name) for name, _ in pairs):
            return None
        return urlencode(sorted(pair for pair in pairs if pair[0] in takes))

    def takes(self, environ: Environ) -> frozenset[str] | None:
        """The parameters of the page at this path; None where there is no page that may be kept."""
        path = environ["PATH_INFO"]
        # One look: others may clear what is remembered at any moment.
        known: frozenset[str] | None = self.parameters.get(path, _UNKNOWN)
        if known is not _UNKNOWN:
            return known
        try:
            view = resolve(get_path_info(environ)).func
        except Http404:
            return None
        found: frozenset[str] | None = getattr(view, PARAMETERS, None)
        remember(self.parameters, path, found)
        return found


def remember(memory: dict[str, Any], key: str, value: Any) -> None:
    """Bounded: whoever asks for ever other things is only answered more slowly."""
    if len(memory) >= _MEMORIES:
        memory.clear()
    memory[key] = value
