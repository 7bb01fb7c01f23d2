"""The content security policy that answers carry."""

from typing import Any

import pytest
from csp.constants import HEADER, SELF
from csp.decorators import csp_exempt, csp_replace, csp_update
from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from forum.content_policy import ContentPolicyMiddleware


def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse("text")


VIEWS: dict[str, Any] = {
    "plain": plain,
    "with more": csp_update({"frame-src": ["https://example.org"]})(plain),
    "with another": csp_replace({"default-src": ["https://example.org"]})(plain),
    "without": csp_exempt()(plain),
}


def parts(answer: HttpResponse) -> set[str]:
    return {part.strip() for part in answer.get(HEADER, "").split(";")}


@pytest.mark.parametrize("name", VIEWS)
def test_it_is_that_of_the_library(name: str) -> None:
    request = RequestFactory().get("/")
    for _ in range(2):  # the second time as it was written down
        assert parts(ContentPolicyMiddleware(VIEWS[name])(request)) == parts(CSPMiddleware(VIEWS[name])(request))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CONTENT_SECURITY_POLICY", None),
        ("CONTENT_SECURITY_POLICY", {"EXCLUDE_URL_PREFIXES": ["/"], "DIRECTIVES": {"default-src": [SELF]}}),
        ("CONTENT_SECURITY_POLICY_REPORT_ONLY", {"DIRECTIVES": {"default-src": [SELF]}}),
    ],
)
def test_settings_of_the_library_hold(settings: Any, name: str, value: Any) -> None:
    setattr(settings, name, value)
    ours, its = (
        dict(made(plain)(RequestFactory().get("/")).items()) for made in (ContentPolicyMiddleware, CSPMiddleware)
    )
    assert ours.keys() == its.keys()


def test_another_setting_is_another_policy(settings: Any) -> None:
    answer = ContentPolicyMiddleware(plain)
    assert f"default-src {SELF}" in parts(answer(RequestFactory().get("/")))
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": {"default-src": ["https://example.org"]}}
    assert parts(answer(RequestFactory().get("/"))) == {"default-src https://example.org"}
