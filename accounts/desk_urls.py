"""The desk's sign-in, under /admin/ and before the admin's own."""

from django.urls import path

from accounts import views

urlpatterns = [path("login/", views.desk_login)]
