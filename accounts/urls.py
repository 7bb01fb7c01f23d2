"""Everything under /accounts/. Our own pages have the namespace "accounts", allauth's their own plain names."""

from django.urls import include, path

from accounts import views

_own = [
    path("", views.overview, name="overview"),
    path("start/", views.start, name="start"),
]

urlpatterns = [
    path("", include((_own, "accounts"))),
    path("", include("allauth.urls")),
]
