"""A page with the editor and nothing else, for test_rich_text; with a library and pieces that are always the same."""

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import RequestContext, Template
from django.urls import path, reverse_lazy

from forum.rich_text import RichTextField, RichTextWidget

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
    body = RichTextField(
        label="Text",
        required=False,
        widget=RichTextWidget(pictures_url=reverse_lazy("pictures"), pieces_url=reverse_lazy("pieces")),
    )


def page(request: HttpRequest) -> HttpResponse:
    form = Form(request.POST or None, initial={"body": request.GET.get("body", "")})
    form.fields["body"].widget.attrs["data-language"] = request.GET.get("language", "en-AU")
    if "bare" in request.GET:
        form.fields["body"].widget.addresses = {}
    return HttpResponse(Template(PAGE).render(RequestContext(request, {"form": form})))


def violations(request: HttpRequest) -> HttpResponse:
    return HttpResponse(LISTENER, content_type="text/javascript")


def picture(number: int, **told: object) -> dict[str, object]:
    src = f"/media/images/aa/{number}.png"
    return {"id": number, "src": src, "thumb": "/dot.png", "alt": f"Crane {number}", "caption": f"The quay, {number}",
            "credit": "Photo: A", "width": 1200, "height": 800} | told  # fmt: skip


def pictures(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        if not request.FILES["file"].name.endswith(".png"):
            return JsonResponse({"error": "This file is not a JPEG, PNG or WebP picture."}, status=422)
        sent = {name: request.POST[name] for name in ("alt", "caption", "credit")}
        return JsonResponse(picture(99, **sent), status=201)
    first = int(request.GET["page"])
    results = [picture(first * 10 + n) for n in range(3) if request.GET["q"] in f"The quay, {first * 10 + n}"]
    return JsonResponse({"results": results, "more": first == 1 and not request.GET["q"]})


def pieces(request: HttpRequest) -> HttpResponse:
    found = {"title": "Ports of call", "url": "/2026/01/02/ports-of-call/", "by": "Ada A", "on": "2 January 2026"}
    return JsonResponse({"results": [found] if request.GET["q"] == "ports" else []})


DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63fccfc0500f0004850180"
    "8fb29a8e0000000049454e44ae426082"
)


def dot(request: HttpRequest) -> HttpResponse:
    return HttpResponse(DOT, content_type="image/png")


urlpatterns = [
    path("", page),
    path("violations.js", violations),
    path("pictures/", pictures, name="pictures"),
    path("pieces/", pieces, name="pieces"),
    path("dot.png", dot),
    path("media/images/aa/<str:name>", lambda request, name: dot(request)),
]
