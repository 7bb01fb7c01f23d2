"""Who handles a piece: the editor who decides and the copy editor who may edit its text."""

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from articles.models import Article, Byline
from editorial import access


def copy_editors() -> QuerySet[User]:
    """Active people who may edit texts."""
    may_edit = Q(groups__permissions__codename="edit_text", groups__permissions__content_type__app_label="editorial")
    return User.objects.filter(may_edit, is_active=True).distinct()


def copy_editors_for(article: Article) -> QuerySet[User]:
    """Active people who may edit texts and did not write this one."""
    named = Byline.objects.filter(article=article, author__user=OuterRef("pk"))
    people = copy_editors().exclude(Exists(named))
    return people.exclude(pk=article.corresponding_id) if article.corresponding_id else people


class AssignForm(forms.Form):
    editor = forms.ModelChoiceField(User.objects.none(), required=False, empty_label="Nobody")
    copy_editor = forms.ModelChoiceField(
        User.objects.none(), required=False, empty_label="Nobody", help_text="May edit the text while it is in editing."
    )

    def __init__(self, *args: Any, article: Article, **kwargs: Any) -> None:
        handling = article.handling
        super().__init__(
            *args,
            initial={"editor": handling.editor_id, "copy_editor": handling.copy_editor_id},
            prefix="assign",
            **kwargs,
        )
        self.fields["editor"].queryset = access.deciders_for(article)  # type: ignore[attr-defined]
        self.fields["copy_editor"].queryset = copy_editors_for(article)  # type: ignore[attr-defined]
