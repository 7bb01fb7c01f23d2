"""The media library: a picture is checked before it is decoded, and written anew."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html

from accounts.models import User
from articles import images
from articles.models import Article, Image
from editorial import access
from editorial.admin.base import DeskAdmin
from editorial.models import Event


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


def told_of(image: Image) -> dict[str, str]:
    """What readers are told of a picture, by the names that the timeline gives it."""
    return {
        "picture description": image.alt,
        "picture caption": image.caption,
        "picture credit": image.credit,
        "picture licence": image.get_licence_display(),
        "picture focal point": f"{image.focal_x.normalize():f} from the left, {image.focal_y.normalize():f} from the top",
    }


@transaction.atomic
def change_image(image: Image, changed: list[str], *, by: User) -> None:
    """Save these fields of a picture. Each piece of which readers have it gets an event that says what was changed."""
    # Bare rows and in order, as everywhere: nobody gives a piece to readers or takes it from them meanwhile.
    ids = list(access.pieces_with(image).values_list("pk", flat=True))
    list(Article.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    before = told_of(Image.objects.select_for_update().get(pk=image.pk))
    if not access.may_change_image(by, image):
        raise PermissionDenied("This picture is not yours to change.")
    image.save(update_fields=changed)
    after = told_of(Image.objects.get(pk=image.pk))
    changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if not changes:
        return
    now = timezone.now()
    Event.objects.bulk_create(
        Event(
            article=article, transition="change_details", from_status=article.status, to_status=article.status, by=by,
            at=now, revision_id=article.latest_id, data={"changes": changes},
        )
        for article in Article.objects.filter(live__lead_image=image).order_by("pk")
    )  # fmt: skip


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

    def get_fieldsets(self, request: HttpRequest, obj: Image | None = None) -> Any:
        """With a word on what a change means, or why there can be none."""
        said = ""
        if obj and not self.has_change_permission(request, obj):
            said = "Its words are changed by who sent it, or by an editor who did not write its piece."
            if access.readers_have(obj):
                said = "Readers have this picture. Its words are changed by those who publish, and not by who wrote the piece."
        elif obj and access.readers_have(obj):
            said = "Readers have this picture. They see a change at once, and the timeline of each piece records it."
        return ((None, {"fields": self.get_fields(request, obj), "description": said}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Image | None = None) -> Any:
        return self.readonly_fields if obj else ()

    # --- whose pictures -----------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Image]:
        """What is not in this person's library is unknown: on the list, by address and to what finds as one types."""
        return access.desk_images(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Image | None = None) -> bool:
        return super().has_view_permission(request, obj) and self._answer(request, "view", obj)

    def has_change_permission(self, request: HttpRequest, obj: Image | None = None) -> bool:
        return super().has_change_permission(request, obj) and self._answer(request, "change", obj)

    @staticmethod
    def _answer(request: HttpRequest, wish: str, obj: Image | None) -> bool:
        """The rule of the row, asked once for a page."""
        if obj is None or obj.pk is None:
            return True
        known: dict[tuple[str, int], bool] = request.__dict__.setdefault("desk_pictures", {})
        if (wish, obj.pk) not in known:
            user = request.user
            known[wish, obj.pk] = (
                access.may_change_image(user, obj)
                if wish == "change"
                else access.desk_images(user).filter(pk=obj.pk).exists()
            )
        return known[wish, obj.pk]

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
                change_image(obj, list(form.changed_data), by=request.user)
            return
        obj.uploaded_by = request.user
        obj.file.save(f"picture.{form.suffix}", form.content, save=False)
        obj.width, obj.height = obj.file.width, obj.file.height
        obj.save()
