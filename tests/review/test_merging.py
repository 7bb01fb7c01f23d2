"""What referees know keeps its place when topics and regions become one."""

import pytest

from accounts.models import User
from articles.models import Region, Tag
from editorial.merging import merge
from tests.cast import region
from tests.review.refereeing import referee

pytestmark = pytest.mark.django_db


def test_topics_and_regions_of_referees_move_with_a_merge(mara: User) -> None:
    ports, harbours = (Tag.objects.create(name=name, slug=name.lower()) for name in ("Ports", "Harbours"))
    one, both = referee(), referee("Rolf Levee")
    one.tags.add(ports)
    both.tags.add(ports, harbours)
    merge(ports, harbours, by=mara)
    assert [list(who.tags.values_list("name", flat=True)) for who in (one, both)] == [["Harbours"], ["Harbours"]]
    japan, nippon = region("Japan"), region("Nippon")
    one.regions.add(nippon)
    merge(nippon, japan, by=mara)
    assert list(one.regions.all()) == [Region.objects.get(name="Japan")]
