"""Saving the form of a piece: the text as a new version, the details in place, all in one transaction."""

from typing import Any

from django.forms.models import BaseInlineFormSet
from django.utils import timezone

from accounts.models import User
from articles.models import Article, Byline, Revision, TaggedArticle
from editorial import writing
from editorial.admin.article_form import DECLARED, ArticleForm
from editorial.admin.widgets import settled_tags
from editorial.models import Event, Handling
from editorial.perform import transaction_of

COLUMNS = (
    "series",
    "series_position",
    "slug",
    "language",
    "translation_of",
    "licence",
    "doi",
    "first_appeared",
    "first_appeared_url",
    "corresponding",
)


def save_piece(form: ArticleForm, bylines: "BaseInlineFormSet[Any, Any, Any] | None", *, by: User) -> Revision | None:
    """Write what the form changed and nothing else; returns the new version of the text where there is one."""
    piece = Article.objects.get(pk=form.instance.pk)
    with transaction_of(piece) as (locked, handling):
        written = _save_text(form, locked, by=by)
        locked.refresh_from_db()
        before = writing.snapshot(locked)
        corresponding = locked.corresponding
        _save_columns(form, locked)
        if "regions" in form.changed_data:
            locked.regions.set(form.cleaned_data["regions"])
        if "tags" in form.changed_data:
            set_tags(locked, form.cleaned_data["tags"])
        if bylines is not None and bylines.has_changed():
            save_bylines(locked, bylines)
        _save_declarations(form, locked, handling, corresponding, by=by)
        writing.settle_details(locked, by=by, before=before)
    return written


def _save_text(form: ArticleForm, locked: Article, *, by: User) -> Revision | None:
    if not form.text:
        return None
    # The form has held its base against this very row, which has been locked since.
    base = locked.latest_id
    revision = writing.revise(
        locked, by=by, base=base, title=form.text["title"], in_brief=form.text["in_brief"], body=form.text["body"],
        lead_image=form.text["lead_image"], note=form.cleaned_data.get("note") or "", is_copy_fix=bool(form.cleaned_data.get("is_copy_fix")),
    )  # fmt: skip
    return revision if revision.pk != base else None


def _save_columns(form: ArticleForm, locked: Article) -> None:
    """Own fields alone, so that what another request wrote meanwhile stays."""
    changed = [name for name in COLUMNS if name in form.changed_data]
    for name in changed:
        setattr(locked, name, form.cleaned_data[name])
    if "series" in changed and "series_position" not in changed and locked.series_position is not None:
        # The number was its place in another special feature.
        locked.series_position = None
        changed.append("series_position")
    if "slug" in changed:
        # Emptied, the slug follows the title again.
        locked.has_own_slug = bool(form.data.get("slug", "").strip())
        changed.append("has_own_slug")
    if changed:
        locked.save(update_fields=changed)


def set_tags(article: Article, typed: list[str]) -> None:
    """Give the piece exactly these tags, in as few queries as there are kinds of change."""
    tags = settled_tags(typed)
    TaggedArticle.objects.filter(content_object=article).exclude(tag__in=tags).delete()
    TaggedArticle.objects.bulk_create(
        [TaggedArticle(content_object=article, tag=tag) for tag in tags], ignore_conflicts=True
    )


def save_bylines(article: Article, bylines: "BaseInlineFormSet[Any, Any, Any]") -> None:
    """Delete, change and add, and number them anew in the order of their positions."""
    bylines.save(commit=False)
    for row in bylines.deleted_objects:
        row.delete()
    kept = [
        form for form in bylines.forms if form not in bylines.deleted_forms and (form.instance.pk or form.has_changed())
    ]
    # Equal numbers and none: as they stand on the page.
    kept.sort(key=lambda form: form.cleaned_data.get("order") or 1000)
    # No row may hold what another is about to take.
    changing = [form.instance.pk for form in kept if form.instance.pk and {"author", "role"} & set(form.changed_data)]
    Byline.objects.filter(pk__in=changing).update(author=None)
    for position, form in enumerate(kept):
        row = form.instance
        row.article, row.position = article, position
        row.save()


def _save_declarations(
    form: ArticleForm, locked: Article, handling: Handling, corresponding: User | None, *, by: User
) -> None:
    """What an editor declares for an author, and who corresponds; the timeline says so."""
    changes: dict[str, list[str]] = {}
    for name in DECLARED:
        if name in form.changed_data and getattr(handling, name) != form.cleaned_data[name]:
            changes[name] = [getattr(handling, name), form.cleaned_data[name]]
            setattr(handling, name, form.cleaned_data[name])
    if changes:
        handling.save(update_fields=list(changes))
    ids: dict[str, list[int | None]] = {}
    if locked.corresponding != corresponding:
        changes["corresponding"] = [str(corresponding or ""), str(locked.corresponding or "")]
        ids["corresponding"] = [corresponding.pk if corresponding else None, locked.corresponding_id]
    if changes:
        Event.objects.create(
            article=locked, transition="change_details", from_status=locked.status, to_status=locked.status, by=by,
            at=timezone.now(), revision_id=locked.latest_id, data={"changes": changes, "set": ids},
        )  # fmt: skip
