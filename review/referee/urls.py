"""Addresses of the referees' pages, all of them under /referee/."""

from django.urls import URLPattern

app_name = "referee"

urlpatterns: list[URLPattern] = []
