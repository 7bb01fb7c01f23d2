"""The site behind Django's own cache middleware, in local memory: what `make bench` compares ours with."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from forum.settings import *  # noqa: F403  all of the site's

PAGE_CACHE_MB = 0
MIDDLEWARE = [
    "django.middleware.cache.UpdateCacheMiddleware",
    *MIDDLEWARE,  # noqa: F405  the site's
    "django.middleware.cache.FetchFromCacheMiddleware",
    "bench.django_cache.may_be_kept",
]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


def may_be_kept(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Our pages ask to be asked for each time, which Django's cache takes as a wish not to be kept."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if request.method == "GET":
            response.headers.pop("Cache-Control", None)
        return response

    return answer
