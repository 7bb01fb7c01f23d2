"""The recurring cast, and pieces in every state, made the way people make them: by `perform`.

alice and ada write, bob and bea edit, mara manages, carl edits texts, sam is a stranger, root is a superuser.
"""

import datetime
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image as Pillow

from accounts import roles
from accounts.models import User
from articles.models import Article, Image, Region
from articles.status import Status
from authors.models import Author
from editorial import writing
from editorial.perform import perform

PASSWORD = "correct horse battery staple"
BODY = "".join(
    f"<p>Paragraph {n} of a piece about harbours, tariffs and the tides that move them. {'Words carry it on. ' * 12}</p>"
    for n in range(4)
)
IN_BRIEF = "Harbours change slowly and tariffs quickly. Who plans for one and is hit by the other pays twice."


def person(email: str, name: str, *role_names: str, **fields: Any) -> User:
    """An account with a confirmed address and the roles."""
    from allauth.account.models import EmailAddress

    user = User.objects.create_user(email, PASSWORD, name=name, **fields)
    for role in role_names:
        user.give_role(role)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def author_for(user: User, given: str, family: str, **fields: Any) -> Author:
    return Author.objects.create(
        user=user,
        given_name=given,
        family_name=family,
        **{"affiliation": "Tidewater University", "bio": f"{given} {family} teaches harbours at Tidewater University."}
        | fields,
    )


@pytest.fixture
def alice(db: None) -> User:
    user = person("alice@example.org", "Alice Marlowe", roles.AUTHOR)
    author_for(user, "Alice", "Marlowe")
    return user


@pytest.fixture
def ada(db: None) -> User:
    user = person("ada@example.org", "Ada Quill", roles.AUTHOR)
    author_for(user, "Ada", "Quill")
    return user


@pytest.fixture
def bob(db: None) -> User:
    return person("bob@example.org", "Bob Redpen", roles.EDITOR)


@pytest.fixture
def bea(db: None) -> User:
    return person("bea@example.org", "Bea Margin", roles.EDITOR)


@pytest.fixture
def mara(db: None) -> User:
    return person("mara@example.org", "Mara Chief", roles.MANAGING_EDITOR)


@pytest.fixture
def carl(db: None) -> User:
    return person("carl@example.org", "Carl Comma", roles.COPY_EDITOR)


@pytest.fixture
def sam(db: None) -> User:
    return person("sam@example.org", "Sam Stranger", roles.AUTHOR)


@pytest.fixture
def root(db: None) -> User:
    return person("root@example.org", "Root", is_superuser=True)


def picture_file(size: tuple[int, int] = (800, 450), kind: str = "JPEG", colour: str = "#456789") -> SimpleUploadedFile:
    """A real picture, small."""
    out = io.BytesIO()
    Pillow.new("RGB", size, colour).save(out, kind)
    return SimpleUploadedFile(f"picture.{kind.lower()}", out.getvalue(), f"image/{kind.lower()}")


def picture(**fields: Any) -> Image:
    """A picture of the library, complete."""
    from articles.images import store

    file = picture_file()
    wanted: dict[str, Any] = {"alt": "Cranes at dusk", "caption": "Cranes at dusk", "credit": "Photo: A Photographer"}
    return store(file, file.size or 0, **wanted | fields)


def region(name: str = "Japan", parent: str = "East Asia") -> Region:
    above, _ = Region.objects.get_or_create(name=parent)
    found, _ = Region.objects.get_or_create(name=name, defaults={"parent": above})
    return found


def draft(
    by: User,
    *,
    title: str = "The tide tables of trade",
    in_brief: str = IN_BRIEF,
    body: str = BODY,
    is_declared: bool = True,
    **fields: Any,
) -> Article:
    """A complete piece of this author, not handed in."""
    article = writing.begin(by=by, corresponding=by, title=title, in_brief=in_brief, body=body, **fields)
    if is_declared:
        article.handling.conflict_of_interest, article.handling.appeared_elsewhere = "None", "Nowhere"
        article.handling.save()
    article.regions.add(region())
    return article


def in_days(days: int) -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=days)


# How each state is reached: the state before it, and the steps from there.
def piece_in(
    status: Status | str, *, author: User, editor: User, manager: User | None = None, **fields: Any
) -> Article:
    """A piece of the author, walked to a state by the people whose steps they are. "scheduled" is a state here too."""
    article = draft(author, **fields)
    if status == "scheduled":
        _walk(article, Status.READY, author, editor)
        perform(article, "publish", by=editor, at=timezone.now() + datetime.timedelta(days=2))
    elif status in (Status.RETRACTED, Status.TAKEN_DOWN):
        _walk(article, Status.PUBLISHED, author, editor)
        if status == Status.RETRACTED:
            retract(article, manager or managing(), editor)
        else:
            take_down(article, manager or managing())
    else:
        _walk(article, Status(status), author, editor)
    return article


def managing() -> User:
    """mara, where a test did not ask for her."""
    return User.objects.filter(email="mara@example.org").first() or person(
        "mara@example.org", "Mara Chief", roles.MANAGING_EDITOR
    )


def retract(article: Article, by: User, second: User, reason: str = "The data were invented.") -> None:
    """Retract a piece, as a managing editor does with a second editor."""
    perform(article, "retract", by=by, second_editor=second, public_note=reason)


def take_down(article: Article, by: User) -> None:
    perform(article, "take_down", by=by, note="A court asks for it")


def _walk(article: Article, status: Status, author: User, editor: User) -> None:
    if status == Status.DRAFT:
        return
    if status == Status.WITHDRAWN:
        perform(article, "submit", by=author)
        perform(article, "withdraw", by=author)
        return
    perform(article, "submit", by=author)
    if status == Status.SUBMITTED:
        return
    if status == Status.IN_REVIEW:
        perform(article, "send_to_review", by=editor, traces_seen=True)
        return
    if status == Status.DECLINED:
        perform(article, "decline", by=editor, message="Not for us, with thanks.", note="Out of scope")
        return
    if status == Status.REVISING:
        perform(article, "request_revision", by=editor, message="Please shorten it.", due_on=in_days(7))
        return
    perform(article, "accept", by=editor)
    if status == Status.EDITING:
        return
    edit(article, editor, "<p>An edited sentence.</p>" + article.latest.body)
    perform(article, "request_approval", by=editor, due_on=in_days(5))
    if status == Status.APPROVAL:
        return
    for approval in article.approvals.filter(state="asked"):
        perform(article, "approve", by=approval.by)
    if status == Status.READY:
        return
    perform(article, "publish", by=editor)
    if status == Status.PUBLISHED:
        return
    raise ValueError(f"No way to {status} yet.")


def edit(article: Article, by: User, body: str | None = None, **fields: Any) -> None:
    """Save another text, as the person would."""
    text = {
        "title": article.latest.title,
        "in_brief": article.latest.in_brief,
        "body": article.latest.body if body is None else body,
        "lead_image": article.latest.lead_image,
    }
    writing.revise(article, by=by, base=article.latest_id, **text | fields)


# The states that a piece can be walked to; a pitch has no way in yet.
STATES = (
    Status.DRAFT, Status.SUBMITTED, Status.IN_REVIEW, Status.REVISING, Status.EDITING, Status.APPROVAL, Status.READY, Status.PUBLISHED,
    Status.RETRACTED, Status.TAKEN_DOWN, Status.DECLINED, Status.WITHDRAWN, "scheduled",
)  # fmt: skip
