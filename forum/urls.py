"""Addresses of the whole site. Rooms are named by strings: the ground imports none of them."""

from django.contrib import admin
from django.urls import include, path

from forum import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("accounts/", include("accounts.urls")),
    path("contribute/", include("editorial.contribute.urls")),
    path("contribute/", include("review.portal")),
    path("referee/", include("review.referee.urls")),
    path("", include("articles.urls")),
]

handler400 = "forum.views.bad_request"
handler403 = "forum.views.forbidden"
handler404 = "articles.views.missing.not_found"
handler500 = "forum.views.server_error"
