"""One's own author record: names in any script, affiliation, bio, ORCID."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.models import User
from articles.search import reindex_author
from authors.models import Author
from editorial.contribute.door import for_authors, page, person
from editorial.contribute.forms import AuthorForm, guessed_name


@for_authors
def profile(request: HttpRequest) -> HttpResponse:
    """The record as it stands, to be changed. What stands above earlier pieces stays as it was on the day."""
    me = person(request)
    if request.method == "POST":
        with transaction.atomic():
            # Two presses on Save must not make two records.
            User.objects.select_for_update().get(pk=me.pk)
            author = Author.objects.filter(user=me).first() or Author(user=me)
            form = AuthorForm(request.POST, instance=author)
            if form.is_valid() and _saved(form):
                messages.success(request, "Saved. Your author page and your next piece say so.")
                return redirect("contribute:profile")
    else:
        author = Author.objects.filter(user=me).first() or Author(user=me)
        form = AuthorForm(instance=author, initial={} if author.pk else guessed_name(me))
    has_page = author.pk is not None and author.bylines.filter(article__live__isnull=False).exists()
    context = {"tab": "profile", "form": form, "author": author, "has_page": has_page}
    return page(request, "contribute/profile.html", context, status=422 if form.errors else 200)


def _saved(form: AuthorForm) -> bool:
    """Whether the record could be stored: of two people who give one ORCID at the same moment, one is told."""
    try:
        with transaction.atomic():
            reindex_author(form.save().pk)
    except IntegrityError:
        form.add_error("orcid", "Another author has this ORCID.")
        return False
    return True
