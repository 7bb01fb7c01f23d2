"""Who handles a piece: the editor who decides and the copy editor who may edit its text."""

from typing import Any

from django import forms

from accounts.models import User
from articles.models import Article
from editorial import access


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
        self.fields["copy_editor"].queryset = access.copy_editors_for(article)  # type: ignore[attr-defined]
