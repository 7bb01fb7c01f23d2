"""The content security policy of an answer. Nearly all have that of the settings alone, which is written down once."""

from functools import lru_cache
from typing import Any

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase


class ContentPolicyMiddleware(CSPMiddleware):
    """As django-csp's own, which would put the policy together for each answer: a twentieth of what the page of a piece takes.

    Where the settings have a policy that is only reported, or none, or except addresses from it, django-csp does it.
    """

    def process_request(self, request: HttpRequest) -> None:
        """No page has a nonce: it would be another for each reader, and pages are the same for all."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        # A view that asks for another policy (`csp.decorators`) leaves a word of it on its answer.
        if settings.DEBUG or not _is_plain() or any(name.startswith("_csp") for name in vars(response)):
            return super().process_response(request, response)
        if HEADER not in response:
            response[HEADER] = _written(repr(settings.CONTENT_SECURITY_POLICY))
        return response


def _is_plain() -> bool:
    policy = settings.CONTENT_SECURITY_POLICY
    return (
        bool(policy)
        and "EXCLUDE_URL_PREFIXES" not in policy
        and not getattr(settings, "CONTENT_SECURITY_POLICY_REPORT_ONLY", None)
    )


@lru_cache(maxsize=8)
def _written(made_from: str) -> Any:
    """The policy of the settings, which `made_from` tells from others."""
    return build_policy()
