"""Who and what generated pieces stand under: a tree of regions, topics, authors, special features. The same for every seed.

What is there is found again by its slug, so that a later run, or one with another seed, goes on with the same people and places.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.models import User
from articles.models import Region, Series, Tag
from authors.models import Author
from demo.generated.words import COMMON, invented, word
from prose import slugs

EMAIL = "generated@example.org"
# Regions at the top, in each of them, and in each of those.
TREE = (8, 5, 2)
LANDS = ("Coast", "Islands", "Basin", "Highlands", "Gulf", "Plain", "Straits", "Delta")
GIVEN = ("Ada", "Bram", "Cleo", "Dario", "Edda", "Finn", "Greta", "Hugo", "Ines", "Joris", "Kira", "Lev", "Mina", "Nils", "Oda", "Pia", "Rafa", "Sora", "Tove", "Yann")  # fmt: skip
# Numbers of invented words far beyond those of texts.
_NAMES = 700_000


@dataclass(frozen=True, slots=True)
class Named:
    """An author as a byline prints them."""

    pk: int
    name: str
    affiliation: str
    bio: str


@dataclass(frozen=True, slots=True)
class Place:
    pk: int
    name: str
    parent: "Place | None"
    position: int

    def with_ancestors(self) -> list["Place"]:
        return [self, *(self.parent.with_ancestors() if self.parent else [])]


@dataclass
class Cast:
    # Who made them.
    by: int
    authors: list[Named] = field(default_factory=list)
    # In the order of how much is written about them.
    regions: list[Place] = field(default_factory=list)
    topics: list[tuple[int, str]] = field(default_factory=list)
    series: list[int] = field(default_factory=list)


def sizes(pieces: int) -> dict[str, int]:
    """How many authors, topics and special features a publication of so many pieces has."""
    return {
        "authors": max(40, min(30_000, pieces // 25)),
        "topics": max(60, min(3_000, 60 + pieces // 100)),
        "series": max(5, min(3_000, pieces // 150)),
    }


def gather(pieces: int) -> Cast:
    """The cast for so many pieces, made where it is not there yet."""
    by, _created = User.objects.get_or_create(
        email=EMAIL, defaults={"name": "Generated pieces", "is_active": False, "password": "!"}
    )
    wanted = sizes(pieces)
    cast = Cast(by.pk)
    cast.regions = _regions()
    cast.authors = _authors(wanted["authors"])
    cast.topics = _topics(wanted["topics"])
    cast.series = _series(wanted["series"])
    return cast


def _regions() -> list[Place]:
    levels: list[list[Place]] = [[], [], []]
    number = 0

    def add(level: int, parent: Place | None, position: int) -> None:
        nonlocal number
        name = f"{invented(_NAMES + number).capitalize()} {LANDS[number % len(LANDS)]}"
        number += 1
        region, _created = Region.objects.get_or_create(
            slug=slugs.slug(name),
            defaults={"name": name, "parent_id": parent.pk if parent else None, "position": position},
        )
        place = Place(region.pk, name, parent, region.position)
        levels[level].append(place)
        if level + 1 < len(TREE):
            for inner in range(TREE[level + 1]):
                add(level + 1, place, inner)

    for position in range(TREE[0]):
        add(0, None, position)
    # Countries have most pieces; what spans a whole region comes up now and then.
    chance = random.Random("regions")  # noqa: S311  the same order always
    inner = levels[1] + levels[2]
    chance.shuffle(inner)
    return inner + levels[0]


def _authors(count: int) -> list[Named]:
    made: list[Author] = []
    for number in range(count):
        given, family = GIVEN[number % len(GIVEN)], invented(_NAMES + 1_000 + number).capitalize()
        name = f"{given} {family}"
        house = f"University of {invented(_NAMES + number % 120).capitalize()}"
        made.append(
            Author(
                given_name=given,
                family_name=family,
                slug=slugs.slug(name),
                affiliation=house,
                bio=f"{name} teaches {COMMON[number % len(COMMON)]} at the {house}.",
                sort_key=slugs.fold(f"{family} {given}"),
                name_key=slugs.fold(name),
            )
        )
    ids = _kept(Author, made)
    return [Named(ids[one.slug], one.name, one.affiliation, one.bio) for one in made]


def _topics(count: int) -> list[tuple[int, str]]:
    names = [f"{word(number % 400)} {word(400 + number)}" for number in range(count)]
    ids = _kept(Tag, [Tag(name=name, slug=slugs.slug(name), sort_key=slugs.fold(name)) for name in names])
    return [(ids[slugs.slug(name)], name) for name in names]


def _series(count: int) -> list[int]:
    titles = [f"On {word(number % 300)} and {invented(_NAMES - 1 - number)}" for number in range(count)]
    made = [
        Series(
            title=title,
            slug=slugs.slug(title),
            introduction=f"<p>Pieces about {title.removeprefix('On ')}, from several sides.</p>",
        )
        for title in titles
    ]
    ids = _kept(Series, made)
    return [ids[one.slug] for one in made]


def _kept(model: Any, made: Sequence[Any]) -> dict[str, int]:
    """The ids by slug, of those that are there and of those that are made now."""
    ids = dict(model._default_manager.filter(slug__in=[one.slug for one in made]).values_list("slug", "pk"))
    model._default_manager.bulk_create([one for one in made if one.slug not in ids], batch_size=2_000)
    return dict(model._default_manager.filter(slug__in=[one.slug for one in made]).values_list("slug", "pk"))
