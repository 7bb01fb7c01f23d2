"""/admin/login/ : stands before the desk's own addresses."""

from django.urls import path

from accounts import views

urlpatterns = [path("", views.desk_login, name="desk_login")]
