"""A page with the editor and nothing else, for test_rich_text."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template
from django.urls import path

from forum.rich_text import RichTextField

PAGE = """<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><title>Editor</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
{% load static %}<link rel="stylesheet" href="{% static 'css/tokens.css' %}">
<link rel="stylesheet" href="{% static 'css/site.css' %}"><link rel="stylesheet" href="{% static 'css/portal.css' %}">
<script src="/violations.js"></script>{{ form.media }}</head>
<body><main class="desk-page"><form method="post">{% csrf_token %}{{ form.body.as_field_group }}
<div class="actions"><button type="submit" class="button">Save</button></div></form>
{% if form.is_valid %}<pre id="stored">{{ form.cleaned_data.body }}</pre>{% endif %}</main></body></html>"""
LISTENER = """window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});"""


class Form(forms.Form):
    body = RichTextField(label="Text", required=False)


def page(request: HttpRequest) -> HttpResponse:
    form = Form(request.POST or None, initial={"body": request.GET.get("body", "")})
    return HttpResponse(Template(PAGE).render(RequestContext(request, {"form": form})))


def violations(request: HttpRequest) -> HttpResponse:
    return HttpResponse(LISTENER, content_type="text/javascript")


urlpatterns = [path("", page), path("violations.js", violations)]
