"""Less of the demonstration, for tests that load it again and again."""

import contextlib
import io
from collections.abc import Iterator
from dataclasses import replace
from unittest import mock

from PIL import Image

from demo import content, images
from demo.content import Publication

PUBLICATION = content.read()


def _few(*keys: str) -> Publication:
    pieces = tuple(piece for piece in PUBLICATION.articles if piece.key in keys)
    regions = {name for piece in pieces for name in piece.regions}
    regions |= {region.parent for region in PUBLICATION.regions if region.name in regions}
    regions |= {region.parent for region in PUBLICATION.regions if region.name in regions}
    topics = {name for piece in pieces for name in piece.topics}
    return replace(
        PUBLICATION,
        articles=pieces,
        regions=tuple(region for region in PUBLICATION.regions if region.name in regions),
        topics=tuple(topic for topic in PUBLICATION.topics if topic.name in topics),
        series=(),
        front=tuple(key for key in PUBLICATION.front if key in keys),
        selection=tuple(key for key in PUBLICATION.selection if key in keys),
        masthead_pages={},
        reports=tuple(report for report in PUBLICATION.reports if report.article in keys),
        pages=PUBLICATION.pages[:1],
    )


# A published one by two authors without an account, one in editing and a draft.
SMALL = _few("rules-of-origin", "halal-industry", "kava-standards")


@contextlib.contextmanager
def small_pictures() -> Iterator[None]:
    """Pictures are drawn in test_content; here a small one stands for each."""
    out = io.BytesIO()
    Image.new("RGB", (400, 225), "#456789").save(out, "JPEG")
    with mock.patch.object(images, "draw", return_value=out.getvalue()):
        yield
