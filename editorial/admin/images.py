"""The media library: a grid with search and filters, many pictures sent at once, where each is used, its focal point.

A picture is checked before it is decoded, and written anew. What is told of it is changed in place, wherever it stands.
"""

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator

from accounts.models import User
from articles import images, jobs
from articles.models import Article, Image
from articles.renditions import remove_files, render_texts_with
from articles.share_cards import cards
from editorial import access, changes, pictures
from editorial.admin.base import DeskAdmin, desk_page
from editorial.models import Change, Event

# Pictures of one form without scripts; with them each is sent by itself.
MOST_AT_ONCE = 30
DESCRIBED_AT_ONCE = 60


class ImageForm(forms.ModelForm):  # type: ignore[type-arg]
    """What is told of a picture. The file is given once: another picture is another row."""

    # No ImageField: that decodes the file before anybody has looked at its size.
    upload = forms.FileField(
        label="Picture", help_text="JPEG, PNG or WebP, at most 15 MB. It is written anew without what the camera noted.",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )  # fmt: skip

    class Meta:
        model = Image
        fields = ("alt", "caption", "credit", "agency", "licence", "focal_x", "focal_y")
        widgets: ClassVar[dict[str, Any]] = {"caption": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields.pop("upload", None)
        for name in ("focal_x", "focal_y"):
            if name in self.fields:
                self.fields[name].widget.attrs |= {"min": 0, "max": 1, "step": "0.01"}
                self.initial[name] = round(Decimal(getattr(self.instance, name)), 2)
        if "focal_y" in self.fields:
            self.fields[
                "focal_y"
            ].help_text = "Shares from 0 to 1. What lies there stays in view where the picture is cropped: click on the picture, or use the arrow keys."

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
        "picture agency": image.agency,
        "picture licence": image.get_licence_display(),
        "picture focal point": f"{image.focal_x.normalize():f} from the left, {image.focal_y.normalize():f} from the top",
    }


@transaction.atomic
def change_image(image: Image, changed: list[str], *, by: User) -> None:
    """Save these fields of a picture. Each piece of which readers have it gets an event that says what was changed."""
    # Bare rows and in order, as everywhere: nobody gives a piece to readers or takes it from them meanwhile.
    ids = list(access.pieces_with(image).values_list("pk", flat=True))
    list(Article.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    stood = Image.objects.select_for_update().get(pk=image.pk)
    before, focus = told_of(stood), stood.focus
    if not access.may_change_image(by, image):
        raise PermissionDenied("This picture is not yours to change.")
    image.save(update_fields=changed)
    now_it_is = Image.objects.get(pk=image.pk)
    after = told_of(now_it_is)
    if now_it_is.focus != focus:
        now_it_is.renditions = stood.renditions | {"is_due": True}
        now_it_is.save(update_fields=["renditions"])
        jobs.order_renditions(now_it_is)
    if {"picture description", "picture credit"} & {name for name in after if before[name] != after[name]}:
        render_texts_with(now_it_is)
    changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if not changes:
        return
    cards.follow_picture(now_it_is)
    now = timezone.now()
    Event.objects.bulk_create(
        Event(
            article=article, transition="change_details", from_status=article.status, to_status=article.status, by=by,
            at=now, revision_id=article.latest_id, data={"changes": changes},
        )
        for article in Article.objects.filter(live__image_uses__image=image).order_by("pk").distinct()
    )  # fmt: skip


class TellForm(forms.ModelForm):  # type: ignore[type-arg]
    """What is told of one picture among others."""

    class Meta:
        model = Image
        fields = ("alt", "caption", "credit", "agency", "licence")
        widgets: ClassVar[dict[str, Any]] = {"caption": forms.Textarea(attrs={"rows": 2})}


class BatchForm(forms.Form):
    """What is told of all pictures that are sent together."""

    credit = forms.CharField(
        required=False,
        max_length=pictures.LIMITS["credit"],
        help_text="Whose pictures they are, as in “Photo: Reuters”.",
    )
    agency = forms.CharField(
        required=False, max_length=pictures.LIMITS["agency"], help_text="Where they came from. For the desk alone."
    )
    licence = forms.ChoiceField(choices=Image.Licence.choices, initial=Image.Licence.ALL_RIGHTS)
    caption = forms.CharField(
        required=False, max_length=pictures.LIMITS["caption"], help_text="Printed beneath each picture.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    alt = forms.CharField(
        label="Description for those who can’t see it", required=False, max_length=pictures.LIMITS["alt"],
        help_text="What they show, in a sentence, where it is the same on all of them.",
    )  # fmt: skip


class Grid(ChangeList):
    """The list as a grid; says of each picture whether it is used anywhere."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        shown = list(self.result_list)
        unused = set(access.unused_images().filter(pk__in=[i.pk for i in shown]).values_list("pk", flat=True))
        for image in shown:
            image.is_unused = image.pk in unused
            image.change_url = reverse("admin:articles_image_change", args=[image.pk])
        self.result_list = shown


class LicenceFilter(admin.SimpleListFilter):
    title = "licence"
    parameter_name = "licence"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return Image.Licence.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Image]) -> QuerySet[Image]:
        return queryset.filter(licence=self.value()) if self.value() in Image.Licence.values else queryset


class DescribedFilter(admin.SimpleListFilter):
    title = "description"
    parameter_name = "described"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return (("no", "Undescribed"), ("nobody", "Without credit"), ("yes", "Described and credited"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Image]) -> QuerySet[Image]:
        match self.value():
            case "no":
                return queryset.filter(alt__regex=r"^\s*$")
            case "nobody":
                return queryset.filter(credit__regex=r"^\s*$")
            case "yes":
                return queryset.filter(Q(alt__regex=r"\S") & Q(credit__regex=r"\S"))
        return queryset


class UsedFilter(admin.SimpleListFilter):
    title = "use"
    parameter_name = "used"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return (("no", "Unused"), ("yes", "Used"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Image]) -> QuerySet[Image]:
        unused = access.unused_images().order_by().values("pk")
        match self.value():
            case "no":
                return queryset.filter(pk__in=unused)
            case "yes":
                return queryset.exclude(pk__in=unused)
        return queryset


class MineFilter(admin.SimpleListFilter):
    title = "sender"
    parameter_name = "sent"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return (("mine", "Sent by me"),)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Image]) -> QuerySet[Image]:
        return queryset.filter(uploaded_by=request.user) if self.value() == "mine" else queryset


@admin.register(Image)
class ImageAdmin(DeskAdmin):
    list_title = "Pictures"
    form = ImageForm
    list_display = ("caption_or_alt",)
    list_filter = (LicenceFilter, DescribedFilter, UsedFilter, MineFilter)
    search_fields = ("caption", "alt", "credit", "agency")
    search_help_text = "Caption, description, credit or agency"
    readonly_fields = ("picture", "size")
    list_per_page = 36

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Grid

    def get_fields(self, request: HttpRequest, obj: Image | None = None) -> Any:
        told = ("alt", "caption", "credit", "agency", "licence", ("focal_x", "focal_y"))
        return ("picture", *told, "size") if obj else ("upload", *told)

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
            match wish:
                case "change":
                    known[wish, obj.pk] = access.may_change_image(user, obj)
                case "delete":
                    known[wish, obj.pk] = access.may_delete_image(user, obj)
                case _:
                    known[wish, obj.pk] = access.desk_images(user).filter(pk=obj.pk).exists()
        return known[wish, obj.pk]

    def has_delete_permission(self, request: HttpRequest, obj: Image | None = None) -> bool:
        """A picture of any version of a text stays: history is kept. One that was never used may go."""
        if not super().has_delete_permission(request, obj):
            return False
        return self._answer(request, "delete", obj)

    @admin.display(description="picture")
    def picture(self, image: Image) -> str:
        return format_html(
            '<span class="thumbnail" data-focal><img src="{}" alt="{}" width="{}" height="{}"></span>',
            image.file.url, image.alt, image.width, image.height,
        )  # fmt: skip

    @admin.display(description="caption")
    def caption_or_alt(self, image: Image) -> str:
        return str(image)

    @admin.display(description="size")
    def size(self, image: Image) -> str:
        return f"{image.width} × {image.height}"

    # --- saving -------------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Image, form: Any, change: bool) -> None:
        if change:
            if form.changed_data:
                change_image(obj, list(form.changed_data), by=request.user)
            return
        told = {name: getattr(obj, name) for name in ImageForm.Meta.fields}
        kept = images.keep(form.content, form.suffix, uploaded_by=request.user, **told)
        obj.__dict__.update(kept.__dict__)

    def delete_model(self, request: HttpRequest, obj: Image) -> None:
        """Its files go once the row is gone for good."""
        gone = Image.objects.get(pk=obj.pk)
        super().delete_model(request, obj)
        transaction.on_commit(lambda: remove_files(gone))

    # --- pages --------------------------------------------------------------------------------------

    def heading(self, obj: Any) -> str:
        """Its words, cut with a sign where they are long."""
        return Truncator(obj.caption or obj.alt or str(obj)).chars(90)

    def render_change_form(
        self,
        request: HttpRequest,
        context: Any,
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Image | None = None,
    ) -> Any:
        if obj is not None:
            context["uses"] = pictures.uses_of(obj, request.user)
            context["is_unused"] = not context["uses"]
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("pick/", view(self.pick_view), name="articles_image_pick"),
            path("upload/", view(self.upload_view), name="articles_image_upload"),
            path("describe/", view(self.describe_view), name="articles_image_describe"),
            *super().get_urls(),
        ]

    def pick_view(self, request: HttpRequest) -> HttpResponse:
        """The library as JSON, for the editor and for choosing a lead image; see `pictures.answer`."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        may_send = self.has_add_permission(request)
        with transaction.atomic():
            answer = pictures.answer(request, access.desk_images(request.user), may_send=may_send, is_limited=False)
            if answer.status_code == 201:
                self._note_added(request, answer.image)  # type: ignore[attr-defined]
        return answer

    def _note_added(self, request: HttpRequest, image: Image) -> None:
        self.log_addition(request, image, [])

    @desk_page
    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """Many pictures at once, and what is told of all of them. Each that can't be taken is named with the reason."""
        if not self.has_add_permission(request):
            raise PermissionDenied("Adding pictures is not yours to do.")
        form = BatchForm(request.POST if request.method == "POST" else None)
        if request.method == "POST":
            files = request.FILES.getlist("file")
            if not files:
                form.add_error(None, "Choose one or more pictures.")
            elif len(files) > MOST_AT_ONCE:
                form.add_error(None, f"These are {len(files)} pictures; send at most {MOST_AT_ONCE} at once.")
            if form.is_valid():
                taken = self._take(request, files, form.cleaned_data)
                if taken:
                    ids = ",".join(str(image.pk) for image in taken)
                    return redirect(f"{reverse('admin:articles_image_describe')}?ids={ids}")
        return self._page(request, "upload.html", "Add pictures", {
            "form": form, "most": MOST_AT_ONCE, "pick_url": reverse("admin:articles_image_pick"),
            "describe_url": reverse("admin:articles_image_describe"), "megabytes": images.MAX_BYTES // 1048576,
        })  # fmt: skip

    def _take(self, request: HttpRequest, files: list[UploadedFile], told: dict[str, Any]) -> list[Image]:
        taken = []
        for file in files:
            name = str(file.name or "")[:100]
            try:
                with transaction.atomic():
                    image = pictures.take(file, told, by=request.user)
                    self._note_added(request, image)
            except ValidationError as problem:
                self.message_user(request, f"“{name}” was not taken. {' '.join(problem.messages)}", messages.ERROR)
            else:
                taken.append(image)
        if taken:
            said = "One picture is" if len(taken) == 1 else f"{len(taken)} pictures are"
            self.message_user(request, f"{said} in the library. Describe each below.", messages.SUCCESS)
        return taken

    @desk_page
    def describe_view(self, request: HttpRequest) -> HttpResponse:
        """Pictures that the person has just sent, each with what is told of it."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        ids = [
            int(pk) for pk in request.GET.get("ids", "").split(",") if pk.isascii() and pk.isdigit() and len(pk) < 19
        ]
        shown = access.desk_images(request.user).filter(pk__in=ids[:DESCRIBED_AT_ONCE], uploaded_by=request.user)
        forms_ = [
            TellForm(request.POST if request.method == "POST" else None, instance=image, prefix=f"p{image.pk}")
            for image in shown.order_by("pk")
        ]
        # A picture that is not on the page that was sent is left as it is.
        sent = [form for form in forms_ if form.is_bound and form.add_prefix("alt") in request.POST]
        if sent:
            wrong = [form for form in sent if not form.is_valid()]
            saved = sum(self._tell(request, form) for form in sent if form not in wrong)
            if not wrong:
                said = "Saved." if saved else "Nothing was changed."
                self.message_user(request, said, messages.SUCCESS)
                return redirect("admin:articles_image_changelist")
            self.message_user(request, "Some could not be saved. What is wrong stands beside each.", messages.ERROR)
        return self._page(request, "describe.html", "Describe the pictures", {"forms": forms_})

    def _tell(self, request: HttpRequest, form: "TellForm") -> bool:
        if not form.changed_data:
            return False
        image = form.instance
        try:
            with transaction.atomic():
                before = self._words(request, image.pk)
                change_image(image, list(form.changed_data), by=request.user)
                told = changes.differences(before, self._words(request, image.pk))
                changes.record(by=request.user, action=Change.Action.CHANGED, obj=image, changes=told)
        except PermissionDenied as problem:
            self.message_user(request, f"{image}: {problem}", messages.ERROR)
            return False
        return True

    def _page(self, request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> TemplateResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "title": title}
        return TemplateResponse(request, f"admin/articles/image/{template}", shared | context)
