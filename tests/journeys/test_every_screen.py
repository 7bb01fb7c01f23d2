"""Every kind of page, in a real browser: accessible by axe (WCAG 2.2 AA), no violation of the policy, no sideways scroll
on a phone, in light and dark."""

from typing import Any, Literal

import pytest
from django.core.cache import cache
from django.utils import timezone

from accounts.models import User
from articles.status import Status
from forum.models import Masthead
from review import inviting
from tests.browser import ANYBODY, ask_axe, bring_axe
from tests.cast import edit, in_days, picture, piece_in
from tests.review.refereeing import accepted, in_review, invited, referee, round_of, submitted, token_of

pytestmark = pytest.mark.django_db(transaction=True)

# Readers' pages are looked at in tests/readers, in more ways.
PUBLIC = ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/")
AUTHOR = (
    "/contribute/", "/contribute/new/", "/contribute/profile/", "/contribute/{draft}/", "/contribute/{draft}/write/",
    "/contribute/{draft}/submit/", "/contribute/{approval}/changes/", "/contribute/{revising}/write/", "/accounts/", "/referee/",
)  # fmt: skip
DESK = (
    "/admin/", "/admin/articles/article/", "/admin/articles/article/add/", "/admin/articles/article/{editing}/change/",
    "/admin/articles/article/{editing}/preview/", "/admin/articles/article/{editing}/history/",
    "/admin/articles/article/{editing}/step/request_approval/", "/admin/review/{in_review}/decide/", "/admin/articles/article/{ready}/step/publish/",
    "/admin/articles/image/", "/admin/articles/image/add/", "/admin/articles/tag/", "/admin/articles/region/",
    "/admin/articles/region/add/", "/admin/articles/series/add/", "/admin/authors/author/", "/admin/authors/author/add/",
    "/admin/editorial/letter/", "/admin/editorial/lettertemplate/", "/admin/editorial/lettertemplate/published/", "/admin/forum/masthead/1/change/", "/admin/accounts/user/", "/admin/review/numbers/", "/admin/review/{in_review}/", "/admin/review/{in_review}/invite/", "/admin/review/{in_review}/invite/{referee}/",
    "/admin/review/{submitted}/send/", "/admin/review/referee/", "/admin/review/referee/{referee}/change/", "/admin/review/form/", "/admin/review/form/settings/",
)  # fmt: skip

REFEREE = (
    "/referee/{asked}/", "/referee/{reviewing}/", "/referee/{reviewing}/?check=yes", "/referee/{reviewing}/remark/?passage=1",
    "/referee/{reviewing}/more/", "/referee/{reviewing}/cant/", "/referee/{sent}/", "/referee/nothing/",
)  # fmt: skip


@pytest.fixture
def places(alice: User, bob: User) -> dict[str, Any]:
    cache.clear()
    Masthead(name="Meridian Review", support_text="Keep it open.", acknowledgement="We acknowledge.").save()
    found: dict[str, Any] = {}
    for state in (Status.DRAFT, Status.REVISING, Status.EDITING, Status.APPROVAL, Status.READY, Status.PUBLISHED):
        piece = piece_in(state, author=alice, editor=bob, title=f"The harbours that are {state.label}")
        found[str(state)] = piece.pk
    published = piece_in(Status.READY, author=alice, editor=bob, title="Of harbours and tariffs, with a picture")
    edit(published, bob, lead_image=picture(), is_copy_fix=True)
    published.tags.add("Trade")
    from editorial.perform import perform

    perform(published, "publish", by=bob)
    round = round_of(in_review(alice, bob, title="The harbours that referees read", lead_image=picture()))
    found["asked"] = token_of(invited(round, referee("Rita Gauge")))
    found["reviewing"] = token_of(accepted(round, referee("Otto Keel"), for_author="Half a review."))
    found["sent"] = token_of(submitted(round, referee("Nora Gale")))
    found["submitted"] = piece_in(Status.SUBMITTED, author=alice, editor=bob, title="By Alice Marlowe, of harbours").pk
    accepted(round, referee("Mo Time"), asked_at=timezone.now(), asked_due_on=in_days(40), asked_why="Exams.")
    spare = referee("Tim Tied", affiliation="Tidewater University", not_before=in_days(30))
    inviting.list_next(round, spare, by=bob)
    found |= {"in_review": round.article_id, "referee": spare.pk}
    return found


RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Every rule is asked of both shapes and both schemes, of each shape in one.
LOOKS: tuple[tuple[int, Literal["light", "dark"]], ...] = ((1280, "light"), (360, "dark"))


@pytest.mark.parametrize(
    ("who", "paths"),
    [(None, PUBLIC), (None, REFEREE), ("alice", AUTHOR), ("mara", DESK)],
    ids=["public", "referee", "portal", "desk"],
)
def test_every_screen(
    who: str | None, paths: tuple[str, ...], places: dict[str, Any], window: ANYBODY, mara: User, alice: User
) -> None:
    people: dict[str | None, User | None] = {None: None, "alice": alice, "mara": mara}
    one = window(people[who], reduced_motion="reduce")
    found: dict[str, object] = {}
    for pattern in paths:
        path = pattern.format(**places)
        for width, scheme in LOOKS:
            one.page.set_viewport_size({"width": width, "height": 800})
            one.page.emulate_media(color_scheme=scheme)
            page = one.open(path)
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(150)  # what the scripts of the admin build after loading
            if not one.has_no_sideways_scroll():
                found[f"{path} at {width}, sideways"] = "scrolls"
            # What axe itself puts into the page to look at it is not ours.
            before = len(one.violations)
            bring_axe(page)
            if problems := ask_axe(page, RULES):
                found[f"{path} at {width}"] = problems
            del one.violations[before:]
    assert found == {}
