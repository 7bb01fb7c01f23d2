"""What is measured is there: each address that a generated publication is asked for answers, and is always the same."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from articles.counts import counts
from articles.lists import rows_of
from articles.models import RegionListing, TagListing
from bench import questions
from demo.generated import load
from demo.generated.load import Load

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.generated.words.POOL", 400)
    monkeypatch.setattr(load, "ORDINARY", 300)
    Load(60, length=120, trusts_keys=False, processes=1).run()


def test_pages_and_searches_of_each_kind_answer(client: Client) -> None:
    asked = questions.pages() | questions.searches()
    assert {name: client.get(path).status_code for name, path in asked.items()} == dict.fromkeys(asked, 200)


def test_mixed_searches_are_always_the_same_and_answer(client: Client) -> None:
    asked = questions.mixed(24)
    assert asked == questions.mixed(24)
    assert {client.get(path).status_code for path in asked} == {200}
    assert any("region=" in path for path in questions.mixed(100))


@pytest.mark.parametrize("model", [RegionListing, TagListing])
def test_counts_are_those_of_the_lists(model: Any) -> None:
    now = timezone.now()
    rows = list(rows_of(model, now).values_list("target", flat=True))
    assert counts(model, now) == {target: rows.count(target) for target in rows}
