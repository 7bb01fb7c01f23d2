"""The media library: a picture is checked before it is decoded, and written anew."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.html import format_html

from articles import images
from articles.models import Image
from editorial.admin.base import DeskAdmin


class ImageForm(forms.ModelForm):  # type: ignore[type-arg]
    """What is told of a picture. The file is given once: another picture is another row."""

    # No ImageField: that decodes the file before anybody has looked at its size.
    upload = forms.FileField(
        label="Picture", help_text="JPEG, PNG or WebP, at most 15 MB. It is written anew without what the camera noted.",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )  # fmt: skip

    class Meta:
        model = Image
        fields = ("alt", "caption", "credit", "licence", "focal_x", "focal_y")
        widgets: ClassVar[dict[str, Any]] = {"caption": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields.pop("upload", None)
        for name in ("focal_x", "focal_y"):
            if name in self.fields:
                self.fields[name].widget.attrs |= {"min": 0, "max": 1, "step": "0.05"}
        if "focal_y" in self.fields:
            self.fields[
                "focal_y"
            ].help_text = "Shares from 0 to 1. What lies there stays in view where the picture is cropped."

    def clean_upload(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["upload"]
        images.check(file, file.size or 0)  # type: ignore[arg-type]  # an uploaded file reads like any other
        return file

    def clean(self) -> dict[str, Any]:
        """Written anew already here, so that a damaged picture is refused beside its field."""
        cleaned = super().clean() or self.cleaned_data
        file = cleaned.get("upload")
        if file is not None and not self.errors:
            try:
                self.content, self.suffix = images.reencode(images.check(file, file.size or 0))
            except ValidationError as problem:
                self.add_error("upload", problem)
        return cleaned

    def validate_constraints(self) -> None:
        """Without the size, which a row has once its file is written; the database holds that rule."""
        try:
            self.instance.validate_constraints(exclude={"width", "height", "file"})
        except ValidationError as problem:
            self._update_errors(problem)  # type: ignore[attr-defined]


@admin.register(Image)
class ImageAdmin(DeskAdmin):
    list_title = "Pictures"
    form = ImageForm
    list_display = ("thumbnail", "caption_or_alt", "credit", "size", "is_described")
    list_display_links = ("thumbnail", "caption_or_alt")
    search_fields = ("caption", "alt", "credit")
    search_help_text = "Caption, credit or description"
    readonly_fields = ("picture", "size")
    list_per_page = 30

    def get_fields(self, request: HttpRequest, obj: Image | None = None) -> Any:
        told = ("alt", "caption", "credit", "licence", ("focal_x", "focal_y"))
        return ("picture", "size", *told) if obj else ("upload", *told)

    def get_readonly_fields(self, request: HttpRequest, obj: Image | None = None) -> Any:
        return self.readonly_fields if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Image | None = None) -> bool:
        """A picture of any version of a text stays: history is kept."""
        return False

    @admin.display(description="picture")
    def thumbnail(self, image: Image) -> str:
        return format_html(
            '<span class="thumbnail is-small"><img src="{}" alt="{}" width="{}" height="{}" loading="lazy"></span>',
            image.file.url, image.alt, image.width, image.height,
        )  # fmt: skip

    @admin.display(description="picture")
    def picture(self, image: Image) -> str:
        return format_html(
            '<span class="thumbnail {}"><img src="{}" alt="{}" width="{}" height="{}"></span>',
            image.focus_class, image.file.url, image.alt, image.width, image.height,
        )  # fmt: skip

    @admin.display(description="caption")
    def caption_or_alt(self, image: Image) -> str:
        return str(image)

    @admin.display(description="size")
    def size(self, image: Image) -> str:
        return f"{image.width} × {image.height}"

    @admin.display(description="described", boolean=True)
    def is_described(self, image: Image) -> bool:
        return bool(image.alt.strip() and image.credit.strip())

    def save_model(self, request: HttpRequest, obj: Image, form: Any, change: bool) -> None:
        if change:
            if form.changed_data:
                obj.save(update_fields=list(form.changed_data))
            return
        obj.uploaded_by = request.user
        obj.file.save(f"picture.{form.suffix}", form.content, save=False)
        obj.width, obj.height = obj.file.width, obj.file.height
        obj.save()
