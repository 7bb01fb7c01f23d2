"""Addresses that a region, topic, author or special feature once had: each leads to the present one for ever."""

import datetime
from typing import Any

from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponsePermanentRedirect
from django.urls import reverse

from articles.lists import rows_of
from articles.models import RegionListing
from articles.models.listing import Listing


def moved(
    request: HttpRequest, model: type[Listing], slug: str, name: str, now: datetime.datetime
) -> HttpResponsePermanentRedirect:
    """Where the page or feed `name` went whose last part was `slug`; else Http404.

    Call it where nothing has the slug now. A topic or an author that readers may not know of yet is not told by its
    new address either: `model` is the list that tells what they know.
    """
    target: Any = model._meta.get_field("target").related_model  # type: ignore[misc]  # each table has its own
    found = target.objects.filter(former_slugs__slug=slug).first()
    if found is None or not (model is RegionListing or rows_of(model, now).filter(target=found).exists()):
        raise Http404("There is nothing at this address.")
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(reverse(name, args=[found.slug]) + (f"?{query}" if query else ""))


def keep_slug(obj: Any) -> None:
    """Call it before saving a row whose slug may be another: the one that it has in the database becomes a former one.

    Goes back to a former slug of its own without leaving it behind as one. Call it inside a transaction.
    """
    model = type(obj)
    before = (
        model._default_manager.select_for_update(no_key=True).filter(pk=obj.pk).values_list("slug", flat=True).first()
    )
    if before is None or before == obj.slug:
        return
    former = former_model(model)
    former.objects.filter(slug=obj.slug, **{former_owner(model): obj}).delete()
    former.objects.get_or_create(slug=before, defaults={former_owner(model): obj})


def former_model(model: type[Model]) -> Any:
    """The table of former slugs of a model."""
    return model._meta.get_field("former_slugs").related_model


def former_owner(model: type[Model]) -> str:
    """The field of that table that names the row."""
    return str(model._meta.get_field("former_slugs").field.name)  # type: ignore[union-attr]


def why_not_slug(obj: Any, slug: str) -> str:
    """Empty where the row may have this slug; else why not: an old address leads to one place only."""
    former = former_model(type(obj)).objects.filter(slug=slug).exclude(**{former_owner(type(obj)): obj.pk}).first()
    if former is None:
        return ""
    owner = getattr(former, former_owner(type(obj)))
    return f"The address “{slug}” leads to {owner}, which once had it. Choose another."
