"""A publication with a page of every type, and what is hard about each: long names, many scripts, much of everything.

`publish()` makes it the way people do and returns where each page is.
"""

import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from articles import renditions
from articles.listing import relist
from articles.models import Article, Image, Region, Series, SeriesEditor
from authors.models import Author
from editorial import writing
from forum import pages
from forum.models import Masthead, NavigationItem, Page
from tests.articles.shelf import ago, correct, walked
from tests.cast import BODY, author_for, person, picture, retract, take_down

NOTE = '<span class="footnote">{}</span>'.format
SENTENCES = (
    "Ports that were built for one trade rarely serve the next. Whoever pays for the quay decides who may berth there. "
)
CELLS = "".join(f"<td>{n * 1111}</td>" for n in range(1, 9))
TABLE = (
    "<table><caption>Containers handled, in thousands</caption><thead><tr><th scope='col'>Port</th>"
    + "".join(f"<th scope='col'>{year}</th>" for year in range(2012, 2020))
    + f"</tr></thead><tbody><tr><th scope='row'>Tanjung Pelepas</th>{CELLS}</tr>"
    + f"<tr><th scope='row'>Laem Chabang</th>{CELLS}</tr></tbody></table>"
)
# What is written in Latin letters by those who bear the names: upright, stressed, and both.
NAMES = (
    "<p>Nguyễn Thị Hồng Nhung, Erdoğan Işık, Łukasz Wiśniewski, Dvořák, Ştefan Țurcanu, Lǐ Xiǎolóng, Māui, Ōsaka, Ədalət, Ṣāliḥ, Õnnepalu, Ľudmila.</p>"
    "<p><em>Đặng Văn Quý, Şükrü Çağlayan, Gdańsk, Brăila</em> and <strong>Trần Đức, Žižek</strong> and <strong><em>Phạm Ngũ Lão, Győr</em></strong>.</p>"
)
LONG = (
    "".join(
        f"<h2>Part {number}: what the harbour master knew</h2>"
        f"<p>{SENTENCES * 6}{NOTE(f'Harbour board, <em>Report {number}</em>, page {number}.')}</p><h3>In figures</h3><p>{SENTENCES * 5}</p>"
        f"<p>{SENTENCES * 4} See <a href='https://example.org/a-long-address/that-does-not-break/{'x' * 60}'>the report</a>.</p>"
        for number in range(1, 7)
    )
    + TABLE
    + "<p class='pull'>Whoever pays for the quay decides who may berth there.</p>"
    + "<blockquote><p>No port is neutral.</p></blockquote><ol><li>Dredge.</li><li>Pave.</li></ol>"
    + "<ul><li>Cranes</li><li>Pilots<ul><li>by day</li></ul></li></ul><p>H<sub>2</sub>O and m<sup>2</sup>, <code>if tide &gt; 3</code>.</p><hr>"
    + "<pre>tide   high\ncargo  low and a line that is longer than a phone is wide, by a good deal of text</pre>"
    + "<p>Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnungsentwurf is one word.</p>"
    + "<p><span lang='ja'>港は一つの貿易のために造られる。</span> <span lang='ar' dir='rtl'>الميناء مفتوح</span></p>"
    + NAMES
    + "<figure class='embed'><a href='https://www.youtube.com/watch?v=abc'>The talk</a><figcaption>In 2019</figcaption></figure>"
)
ARABIC = (
    "<p>تتغير الموانئ ببطء والرسوم الجمركية بسرعة. ومن يخطط لإحداهما وتصيبه الأخرى يدفع مرتين، كما قال خبراء في World Bank سنة 2019.</p>"
    * 6
)
CHINESE = (
    "<p>港口的變化緩慢，關稅的變化迅速。為其中之一作計畫而受另一個打擊的人，要付出雙倍的代價。一九九七年以後，這一點更加明顯。</p>"
    * 8
)
FULL_MASTHEAD = {
    "name": "Meridian Review", "tagline": "Reviewed analysis of Asia and the Pacific", "description": "Short, argued, reviewed pieces on Asia and the Pacific.",
    "acknowledgement": "Edited on the land of the Ngunnawal and Ngambri peoples.", "support_title": "Keep expert analysis open",
    "support_text": "Everything here is free to read.", "support_label": "Support the Review", "support_url": "https://support.example.org/",
    "contact_email": "desk@meridian.example", "copyright_holder": "Meridian Review",
}  # fmt: skip


@transaction.atomic
def publish() -> dict[str, str]:
    """Everything there is to see, and the address of each type of page."""
    bob, mara = (
        person("bob@example.org", "Bob Redpen", "Editor"),
        person("mara@example.org", "Mara Chief", "Managing editor"),
    )
    alice = person("alice@example.org", "Alice Marlowe", "Author")
    author_for(alice, "Alice", "Marlowe", orcid="0000-0002-1825-0097")
    Masthead(**FULL_MASTHEAD).save()
    _pages(mara)
    pieces = _pieces(alice, bob, mara)
    shown = {name: piece.get_absolute_url() for name, piece in pieces.items()}
    article, day = shown["article"], pieces["article"].published_on
    assert day is not None
    return shown | {
        "home": "/", "print": f"{article}print/", "print of the long one": f"{shown['long']}print/", "print from right to left": f"{shown['arabic']}print/",
        "history": f"{shown['corrected']}history/", "difference": f"{shown['corrected']}history/?from=1&to=2",
        "report": f"{article}report/", "report sent": f"{article}report/?sent=yes",
        "regions": "/regions/", "region": "/regions/japan/", "region above": "/regions/east-asia/", "empty region": "/regions/pacific/",
        "topics": "/topics/", "topic": "/topics/trade/", "authors": "/authors/", "author": "/authors/alice-marlowe/",
        "series list": "/series/", "series": "/series/the-year-in-ports/",
        "archive": "/archive/", "year": f"/archive/{day:%Y}/", "month": f"/archive/{day:%Y/%m}/", "record": "/record/",
        "search": "/search/", "results": "/search/?q=harbours", "nothing found": "/search/?q=nothingatall", "too common": "/search/?q=the",
        "plain page": "/about/", "not found": "/nowhere/", "gone": shown["gone"], "error": "/broken/", "sign in": "/accounts/login/",
    }  # fmt: skip


# Every type of page, for parametrised tests, which are collected before there is a publication.
PAGES = (
    "home", "article", "without image", "long", "arabic", "chinese", "retracted", "corrected", "print", "print of the long one",
    "print from right to left", "history", "difference", "report", "report sent", "regions", "region", "region above", "empty region",
    "topics", "topic", "authors", "author", "series list", "series", "archive", "year", "month", "record", "search", "results",
    "nothing found", "too common", "plain page", "not found", "gone", "error", "sign in",
)  # fmt: skip
# Where the answer is not 200.
STATUS = {"not found": 404, "gone": 410, "error": 500}


def _pages(by: User) -> None:
    for place, (slug, title) in enumerate((("about", "About us"), ("privacy", "Privacy"))):
        body = f"<p>{SENTENCES}</p><h2>Who we are</h2><p>See <a href='/authors/'>our authors</a>.</p>{TABLE}"
        pages.write(Page(), by=by, slug=slug, title=title, body=body, is_published=True)
        NavigationItem.objects.create(place="foot", page=Page.objects.get(slug=slug), label=title, position=place)


def _pieces(alice: User, bob: User, mara: User) -> dict[str, Article]:
    cover = _picture()
    series = Series.objects.create(title="The year in ports", introduction=f"<p>{SENTENCES}</p>", cover=cover)
    SeriesEditor.objects.create(series=series, author=Author.objects.get(family_name="Marlowe"), position=0)
    others = [
        Author.objects.create(given_name="美玲", family_name="陳", is_family_first=True, affiliation="國立臺灣大學", other_names="Chen Mei-ling", bio="陳美玲 studies ports."),
        Author.objects.create(single_name="Wirastuti", affiliation="Universitas Gadjah Mada"),
        Author.objects.create(
            given_name="Wolfgang Amadeus Theophilus", family_name="von Schlüsselfeld-Ackermannshausen zu Oberwiesenthal",
            affiliation="Institut für internationale Hafenverwaltungswissenschaften und Seerechtsvergleichung",
        ),
        Author.objects.create(given_name="Thị Hồng Nhung", family_name="Nguyễn", is_family_first=True, affiliation="Đại học Quốc gia Hà Nội", bio="Nguyễn Thị Hồng Nhung đọc về cảng."),
    ]  # fmt: skip
    region, _ = Region.objects.get_or_create(name="Pacific")

    def piece(title: str, days: int, **fields: Any) -> Article:
        tags = fields.pop("tags", ("Trade", "Energy policy"))
        language, in_series, extra = (
            fields.pop("language", "en"),
            fields.pop("in_series", False),
            fields.pop("others", []),
        )
        made = walked(alice, bob, title=title, at=ago(days=days, hours=1), tags=tags, **fields)
        for other in extra:
            writing.add_byline(made, other)
        made.language, made.series = language, series if in_series else None
        made.save(update_fields=["language", "series"])
        relist(made)
        return made

    found = {
        "article": piece("Harbours and tariffs: the tide tables of trade", 1, lead_image=_picture(), in_series=True, others=others[:2]),
        "without image": piece("A piece about harbours that has no picture", 2, in_series=True),
        "long": piece("The long history of the harbours, from the first quay to the last crane", 3, body=LONG, lead_image=_picture(), in_series=True, others=others),
        "arabic": piece("الموانئ والرسوم الجمركية: جداول المد والجزر", 4, body=ARABIC, in_brief="تتغير الموانئ ببطء والرسوم بسرعة.", language="ar", lead_image=_picture()),
        "chinese": piece("港口與關稅：貿易的潮汐表", 5, body=CHINESE, in_brief="港口的變化緩慢，關稅的變化迅速。", language="zh-Hant", others=others[:1]),
        "retracted": piece("A piece about harbours that was wrong", 6),
        "corrected": piece("A piece about harbours that was nearly right", 7),
        "gone": piece("A piece that a court did not like", 8),
    }  # fmt: skip
    found["article"].regions.add(region.children.create(name="Fiji"))
    relist(found["article"])
    for number in range(4):
        piece(f"Short piece {number} about harbours and tides", 9 + 20 * number, tags=("Trade",))
    correct(found["corrected"], bob, "The quay was built in May, not in June.")
    correct(
        found["corrected"], bob, "The crane is 40 metres high.", body=f"<p>Another first sentence.</p>{BODY}{TABLE}"
    )
    retract(found["retracted"], mara, bob)
    take_down(found["gone"], mara)
    for made in found.values():
        made.refresh_from_db()
    return found


def _picture() -> Image:
    image = picture(caption="Cranes at dusk", licence=Image.Licence.CC_BY)
    renditions.make(image)
    image.refresh_from_db()
    return image


def day_of(address: str) -> datetime.date:
    """The day in a piece's address."""
    return datetime.date(*map(int, address.split("/")[1:4]))
