"""The memory of kept pages: bounded, and kind to what is read."""

import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forum.pagecache.store import MOST_SEEN, OVERHEAD, Entry, Key, Store


def entry(size: int = 1000) -> Entry:
    return Entry(b"x" * size, (), 1)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 30_000), st.booleans()), max_size=80))
def test_it_never_grows_beyond_its_bound_and_counts_right(steps: list[tuple[int, int, bool]]) -> None:
    store = Store(200_000)
    for number, size, is_read in steps:
        key = (False, f"/{number}/")
        if is_read and key in store.entries:
            store.entries[key].seen = 2
        else:
            store.put(key, entry(size))
        assert store.size <= store.limit
        assert store.size == sum(one.size for one in store.entries.values())
        assert {*store._small, *store._main} == set(store.entries)


def test_a_page_that_grows_is_counted() -> None:
    store = Store(100_000)
    one = entry(1000)
    store.put((False, "/"), one)
    store.grow((False, "/"), one, 500)
    assert store.size == 1500 + OVERHEAD
    # One that has gone meanwhile counts no more.
    store.grow((False, "/other/"), entry(), 500)
    assert store.size == 1500 + OVERHEAD


def test_what_is_larger_than_its_share_is_not_kept() -> None:
    store = Store(100_000)
    assert not store.put((False, "/book.epub"), entry(50_000))
    assert store.entries == {}


def test_a_flood_of_addresses_drives_out_nothing_that_is_read() -> None:
    """A crawler asks for each address once; a stubborn one twice."""
    store = Store(100 * (1000 + OVERHEAD))
    popular = [(False, f"/popular/{n}/") for n in range(60)]

    def read(key: Key) -> bool:
        if one := store.entries.get(key):
            one.seen = min(one.seen + 1, MOST_SEEN)
            return True
        store.put(key, entry())
        return False

    chance = random.Random(7)
    for key in popular * 3:
        read(key)
    hits = 0
    for number in range(20_000):
        for _ in range(1 + (number % 3 == 0)):
            read((False, f"/flood/{number}/"))
        hits += read(chance.choice(popular))
    assert store.size <= store.limit
    assert hits / 20_000 > 0.97


def test_what_left_of_late_and_returns_stays() -> None:
    store = Store(20 * (1000 + OVERHEAD))
    store.put((False, "/first/"), entry())
    for number in range(25):
        store.put((False, f"/{number}/"), entry())
    assert (False, "/first/") not in store.entries
    store.put((False, "/first/"), entry())
    for number in range(100, 110):
        store.put((False, f"/{number}/"), entry())
    assert (False, "/first/") in store.entries
