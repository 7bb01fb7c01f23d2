"""The site speaks the publication's language where it has a catalogue of it: words, dates, numbers, direction."""

import datetime
import gettext
import re
import struct
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.test import Client
from django.utils import translation
from django.utils.formats import date_format

from accounts.models import User
from articles import diff_notes
from articles.models import Article
from articles.render import body_html, in_own_words
from forum.languages import code_for, in_a_row, tag_of
from forum.models import Masthead
from prose import diff
from prose.sanitise import sanitise
from tests.articles.shelf import published

FRENCH = Path(site_settings.BASE_DIR) / "locale" / "fr" / "LC_MESSAGES"


def catalogue(folder: Path, language: str, messages: dict[str, str]) -> None:
    """A compiled catalogue, as msgfmt writes it."""
    words = {"": "Content-Type: text/plain; charset=UTF-8\n", **messages}
    keys = sorted(words)
    ids, texts = (b"".join(part.encode() + b"\0" for part in parts) for parts in (keys, [words[key] for key in keys]))
    start = 7 * 4 + 16 * len(keys)
    at_id, at_text, first, second = start, start + len(ids), b"", b""
    for key in keys:
        first += struct.pack("<II", len(key.encode()), at_id)
        second += struct.pack("<II", len(words[key].encode()), at_text)
        at_id, at_text = at_id + len(key.encode()) + 1, at_text + len(words[key].encode()) + 1
    head = struct.pack("<IIIIIII", 0x950412DE, 0, len(keys), 28, 28 + 8 * len(keys), 0, start)
    path = folder / language / "LC_MESSAGES" / "django.mo"
    path.parent.mkdir(parents=True)
    path.write_bytes(head + first + second + ids + texts)


@pytest.fixture
def languages(tmp_path: Path, settings: Any) -> None:
    """Catalogues of three languages, with a few words each."""
    catalogue(
        tmp_path,
        "ar",
        {"Regions": "المناطق", "Search": "بحث", "end of a list\x04{before} and {last}": "{before} و{last}"},
    )
    catalogue(tmp_path, "ja", {"Regions": "地域", "in a list\x04{before}, {next}": "{before}、{next}", "end of a list\x04{before} and {last}": "{before}、{last}"})  # fmt: skip
    catalogue(tmp_path, "zh_Hant", {"Regions": "地區"})
    settings.LOCALE_PATHS = [str(tmp_path), *site_settings.LOCALE_PATHS]


def speak(language: str) -> None:
    masthead = Masthead.current()
    masthead.language = language
    masthead.save()


@pytest.mark.usefixtures("languages")
@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("en-AU", "en-au"), ("en", "en"), ("en_US", "en-us"), ("fr", "fr"), ("fr-CA", "fr-ca"), ("FR-ca", "fr-ca"), ("ar-EG", "ar-eg"),
        ("zh-Hant", "zh-hant"), ("zh-TW", "zh-hant"), ("zh-Hant-HK", "zh-hant-hk"),
        # No catalogue, or no language.
        ("zh-Hans", "en-gb"), ("tet", "en-gb"), ("", "en-gb"), ("English", "en-gb"), ("../fr", "en-gb"), ("fr/../ar", "en-gb"), ("日本語", "en-gb"),
    ],
)  # fmt: skip
def test_which_language_is_spoken(tag: str, code: str) -> None:
    assert code_for(tag) == code


@pytest.mark.parametrize(
    ("code", "tag"), [("en-gb", "en-GB"), ("zh-hant", "zh-Hant"), ("fr", "fr"), ("zh-hant-hk", "zh-Hant-HK")]
)
def test_tags_as_pages_carry_them(code: str, tag: str) -> None:
    assert tag_of(code) == tag


@pytest.mark.parametrize(
    ("code", "day", "month"),
    [
        ("en-au", "3 March 2026", "March 2026"),
        ("en-gb", "3 March 2026", "March 2026"),
        ("en-us", "March 3, 2026", "March 2026"),
        ("fr", "3 mars 2026", "mars 2026"),
        ("ar", "3 مارس، 2026", "مارس 2026"),
        ("ja", "2026年3月3日", "2026年3月"),
        ("id", "3 Maret 2026", "Maret 2026"),
    ],
)
def test_dates_as_each_language_writes_them(code: str, day: str, month: str) -> None:
    with translation.override(code):
        assert date_format(datetime.date(2026, 3, 3), "DATE_FORMAT") == day
        assert date_format(datetime.date(2026, 3, 3), "YEAR_MONTH_FORMAT") == month


@pytest.mark.usefixtures("languages")
@pytest.mark.parametrize(
    ("code", "three"),
    [
        ("en-gb", "<b>, &lt;i&gt; and C"),
        ("fr", "<b>, &lt;i&gt; et C"),
        ("ja", "<b>、&lt;i&gt;、C"),
        ("ar", "<b>, &lt;i&gt; وC"),
    ],
)
def test_names_in_a_row(code: str, three: str) -> None:
    from django.utils.safestring import SafeString

    with translation.override(code):
        assert in_a_row([SafeString("<b>"), "<i>", "C"]) == three
        assert in_a_row(["A"]) == "A"
        assert in_a_row([]) == ""


@pytest.mark.usefixtures("languages")
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "lang", "direction", "word", "month"),
    [
        ("en-AU", "en-AU", "ltr", "Regions", "March"),
        ("fr", "fr", "ltr", "Régions", "mars"),
        ("ar", "ar", "rtl", "المناطق", "مارس"),
        ("ja", "ja", "ltr", "地域", "3月"),
        ("ko", "en-GB", "ltr", "Regions", "March"),
    ],
)
def test_pages_speak_the_language_of_the_publication(
    client: Client, alice: User, bob: User, language: str, lang: str, direction: str, word: str, month: str
) -> None:
    speak(language)
    at = datetime.datetime(2020, 3, 5, 12, tzinfo=datetime.UTC)
    article = published(alice, bob, at=at, title="海港與關稅")
    Article.objects.update(language="zh-Hant")
    for address in ("/", "/archive/2020/03/", "/archive/2020/", article.get_absolute_url(), f"{article.get_absolute_url()}history/"):  # fmt: skip
        response = client.get(address)
        page = response.content.decode()
        assert f'<html lang="{lang}" dir="{direction}">' in page
        assert response["Content-Language"] == lang
        assert f">{word}</a>" in page
        if "history" not in address:
            assert month in page, address
    # The piece keeps a language of its own, and the words of the page within it are marked as the page's.
    page = client.get(article.get_absolute_url()).content.decode()
    assert re.search(r'<article class="page[^>]* lang="zh-Hant" dir="ltr"', page)
    assert f'lang="{lang}" dir="{direction}"' in page[page.index("<article") :]


@pytest.mark.django_db
def test_the_desk_and_a_fault_speak_as_they_should(client: Client, alice: User) -> None:
    speak("fr")
    assert "Rubriques" in client.get("/").content.decode()
    client.force_login(alice)
    response = client.get("/contribute/")
    assert '<html lang="en-GB" dir="ltr">' in response.content.decode()
    from forum import views

    # Without the database: as the page before.
    page = views.server_error(response.wsgi_request).content.decode()
    assert '<html lang="fr" dir="ltr">' in page
    assert "Erreur 500" in page


BODY = sanitise(
    '<p>一<span class="footnote">二</span></p><table><tr><td>三</td></tr></table>'
    '<figure class="embed"><a href="https://youtu.be/abc">四</a></figure><p><span lang="en-GB" dir="ltr">Notes</span></p>'
)


def test_what_a_rendering_says_itself_is_said_in_the_language_of_the_site() -> None:
    stored = body_html(BODY)
    with translation.override("fr"):
        said = in_own_words(stored)
    for words in (
        '<h2 id="notes" lang="fr" dir="ltr">Notes', ">Regarder sur YouTube (ouvre youtu.be)<", 'aria-label="Tableau"', 'aria-label="Note 1"',
        'aria-label="Retour à l’appel de la note 1 dans le texte"',
    ):  # fmt: skip
        assert words in said
    assert "Watch on" not in said
    # What its author marked stays.
    assert said.count('lang="en-GB"') == BODY.count('lang="en-GB"')
    with translation.override("en-gb"):
        assert in_own_words(stored) == stored


def test_so_are_the_notes_of_a_difference() -> None:
    for names in (diff._BOX_NAMES.values(), ("pull quote", "paragraph", "text")):
        assert set(names) <= set(diff_notes.KINDS)
    assert {f"{how} {name}" for name in diff._MARK_NAMES.values() for how in ("now", "no longer")} < set(
        diff_notes.WHOLE
    )
    marked = diff.diff_html(
        '<p>One two</p><p>A <a href="https://example.org/a">link</a></p>',
        '<blockquote><p>One <strong>two</strong></p></blockquote><p>A <a href="https://example.org/b">link</a></p>',
    )
    with translation.override("fr"):
        said = diff_notes.in_own_words(marked)
    assert "[citation, auparavant paragraphe" in said
    assert "[lien\u00a0: https://example.org/b; c’était https://example.org/a]" in said
    with translation.override("en-gb"):
        assert diff_notes.in_own_words(marked) == marked


def entries(path: Path) -> dict[str, list[str]]:
    """What a catalogue for translators says, by its context and message."""
    found: dict[str, list[str]] = {}
    for block in path.read_text().split("\n\n"):
        words: dict[str, str] = {}
        key = ""
        for line in block.splitlines():
            if match := re.match(r'(msg\w+(?:\[\d\])?) (".*")$', line):
                key = match[1]
                words[key] = _unquoted(match[2])
            elif line.startswith('"'):
                words[key] += _unquoted(line)
        if words.get("msgid"):
            name = (words["msgctxt"] + "\x04" if "msgctxt" in words else "") + words["msgid"]
            found[name] = [words["msgid"], words.get("msgid_plural", ""), *(v for k, v in words.items() if k.startswith("msgstr"))]  # fmt: skip
    return found


def _unquoted(text: str) -> str:
    return text[1:-1].replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\")


HELD = re.compile(r"%\(\w+\)s|\{\w+\}|<[^<>]*>")


def test_the_french_catalogue_is_whole_and_compiled() -> None:
    written = entries(FRENCH / "django.po")
    assert len(written) > 150
    with (FRENCH / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    for name, (one, many, *said) in written.items():
        assert all(said), f"Not translated: {name}"
        for text in said:
            # A number that one form leaves out (“one correction”) may be left out.
            assert set(HELD.findall(text)) <= set(HELD.findall(one + many)), name
        assert set(HELD.findall(many or one)) <= set(HELD.findall(said[-1])), name
        kept = [compiled[name, number] for number in range(len(said))] if many else [compiled[name]]
        assert kept == said, f"Compile it anew: {name}"


# Left and right stand only where they mean the page and not the text, or beside their counterpart.
PHYSICAL = re.compile(
    r"(?<![-\w])(?:(?:margin|padding|border)-(?:left|right)[-\w]*|left|right)\s*:|(?:float|clear|text-align|caption-side)\s*:\s*(?:left|right)"
)
OF_READERS = (
    "tokens.css",
    "site.css",
    "article.css",
    "lists.css",
    "record.css",
    "reading.css",
    "home.css",
    "search.css",
)


@pytest.mark.parametrize("name", OF_READERS)
def test_pages_run_from_right_to_left_as_well(name: str) -> None:
    path = Path(site_settings.BASE_DIR) / "static" / "css" / name
    if not path.exists():
        return
    sheet = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    rules = re.findall(r"([^{};]*)\{([^{}]*)\}", sheet)
    found = [
        f"{selector.strip()} {{{body.strip()}}}"
        for selector, body in rules
        if "dir=" not in selector and ":dir(" not in selector and PHYSICAL.search(body)
    ]
    assert found == []
