"""Addresses of the referees' pages, all of them under /referee/: by the secret of one review, or signed in."""

from django.urls import URLPattern, path

from review.referee import home, pages, parts
from review.referee.door import pages as both

app_name = "referee"

_OF_A_REVIEW = (
    both("", pages.review),
    both("save/", parts.save, "save"),
    both("remark/", parts.remark, "remark"),
    both("remark/<int:remark_pk>/", parts.remark, "change_remark"),
    both("send/", pages.send, "send"),
    both("more/", pages.more, "more"),
    both("cant/", pages.cant, "cant"),
    both("picture/<int:place>/", parts.picture, "picture"),
    both("file/", parts.file, "file"),
)

urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    # Those of the signed in first: “reviews” is no secret of anybody's.
    *(own for own, _by_link in _OF_A_REVIEW),
    *(by_link for _own, by_link in _OF_A_REVIEW),
]
