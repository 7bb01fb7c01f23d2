"""The content security policy of an answer. Nearly all have that of the settings alone, which is written down once."""

from functools import lru_cache
from typing import Any

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase


class ContentPolicyMiddleware(CSPMiddleware):
    """As django-csp's own, which would put the policy together for each answer: a twentieth of what the page of a piece takes."""

    def process_request(self, request: HttpRequest) -> None:
        """No page has a nonce: it would be another for each reader, and pages are the same for all."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        # A view that asks for another policy (`csp.decorators`) leaves a word of it on its answer.
        if settings.DEBUG or any(name.startswith("_csp") for name in vars(response)):
            return super().process_response(request, response)
        if HEADER not in response:
            response[HEADER] = _written(repr(settings.CONTENT_SECURITY_POLICY))
        return response


@lru_cache(maxsize=8)
def _written(made_from: str) -> Any:
    """The policy of the settings, which `made_from` tells from others."""
    return build_policy()
