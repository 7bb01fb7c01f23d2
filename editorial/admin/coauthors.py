"""The authors of a piece at the desk: who confirmed, who was invited, and settling what stays open."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path

from articles.models import Article
from editorial import access, coauthors
from editorial.admin.base import desk_page
from editorial.contribute.coauthors import AddForm, act, add, show
from editorial.registry import Blocked


class CoAuthorPages:
    """What `ArticleAdmin` has for co-authors: one page of the piece."""

    def coauthor_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view  # type: ignore[attr-defined]
        return [path("<int:pk>/authors/", view(self.authors_view), name="articles_article_authors")]

    @desk_page
    def authors_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET shows the authors with how far each is. POST invites, enters, moves, removes, takes an invitation back."""
        desk: Any = self
        article: Article = desk.piece_or_404(request, pk)
        if not access.may_decide(request.user, article):
            raise PermissionDenied("An editor of the piece settles who stands above it.")
        form = AddForm(request.POST if "add" in request.POST else None)
        why_not = coauthors.why_not_settle(request.user, article)
        if request.method == "POST":
            try:
                said = add(form, article, request.user) if form.is_bound else act(article, request.user, request.POST.get("action", ""))  # fmt: skip
            except Blocked as answer:
                if form.is_bound:
                    show(form, answer)
                else:
                    desk.message_user(request, str(answer), messages.WARNING)
            except PermissionDenied as refusal:
                desk.message_user(request, str(refusal), messages.ERROR)
            else:
                if said:
                    desk.message_user(request, said, messages.SUCCESS)
                    return redirect("admin:articles_article_authors", pk)
        context = {
            "title": "Authors",
            "named": coauthors.named(article),
            "form": form,
            "why_not": why_not,
            "voids": article.status in ("approval", "ready") or article.is_scheduled(),
            "is_public": article.is_public(),
        }
        response: HttpResponse = desk._page(request, "authors.html", article, context)
        return response
