import pytest
from django.test import Client
from django.urls import reverse

from articles.models import Article
from articles.status import Status
from tests.cast import BODY, IN_BRIEF, STATES, draft, piece_in

pytestmark = pytest.mark.django_db


def of(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("status", STATES)
def test_all(status, alice, bob):
    a = piece_in(status, author=alice, editor=bob)
    c = of(alice)
    for u in ("home", "new", "profile"):
        assert c.get(reverse("contribute:" + u)).status_code == 200
    for u in ("piece", "write", "changes", "preview"):
        r = c.get(reverse("contribute:" + u, args=[a.pk]))
        print(u, r.status_code)
        assert r.status_code in (200, 302)
    for t in "submit resubmit approve object withdraw ask_withdrawal".split():
        r = c.get(reverse("contribute:step", args=[a.pk, t]))
        print(t, r.status_code)
        assert r.status_code in (200, 302)
