"""HTML from another site, made ready for `prose.sanitise`, with a word about everything that it can't keep.

Sanitising alone would be safe and silent: a film would be gone, a picture from elsewhere too, and nobody would know. Here
frames and films become a link that readers can follow, pictures are handed to the caller, notes at the foot of the page become
footnotes, and what is left out is counted in plain words.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

import nh3

from prose import characters, sanitise
from prose.markup import Element, Node, escape_attribute, parse, serialise, text_in
from prose.slugs import slug


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture that came along: where it stands now."""

    src: str
    width: int = 0
    height: int = 0


# Asked for each picture of a text, with its address and its description: where it is now, or why there is none.
Place = Callable[[str, str], Shown | str]


@dataclass(slots=True)
class Taken:
    """What became of a text."""

    html: str = ""
    # Pictures that could not be taken: address (or "a picture within the file") and why.
    missing: list[tuple[str, str]] = field(default_factory=list)
    # Addresses within the site that the text links to, without those of a place on its own page.
    links: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)

    @property
    def notes(self) -> list[str]:
        """Every change in plain words, the counted ones first."""
        counted = [
            one if count == 1 else many.format(count)
            for key, (one, many) in _WORDS.items()
            if (count := self.counts[key])
        ]
        pictures = [f"Picture left out: {src} ({why})" for src, why in dict.fromkeys(self.missing)]
        return counted + self.remarks + pictures


_WORDS: Final = {
    "embed": ("1 frame or film became a link", "{} frames and films became links"),
    "footnote": ("1 note at the foot of the page became a footnote", "{} notes at the foot of the page became footnotes"),
    "shortcode": ("1 shortcode became a caption", "{} shortcodes became captions"),
    "script": ("1 script left out", "{} scripts left out"),
    "style": ("1 style sheet left out", "{} style sheets left out"),
    "frame": ("1 frame left out", "{} frames left out"),
    "form": ("1 form field left out", "{} form fields left out"),
    "drawing": ("1 drawing (SVG or MathML) left out", "{} drawings (SVG or MathML) left out"),
    "handler": ("1 script in an attribute left out", "{} scripts in attributes left out"),
    "inline_style": ("1 inline style left out", "{} inline styles left out"),
    "address": (
        "1 link became plain text: its address leads nowhere here",
        "{} links became plain text: their addresses lead nowhere here",
    ),
    "cells": ("1 row of a table mended: its cells stood as code", "{} rows of tables mended: their cells stood as code"),
    "page": ("1 passage stood as code and became text: read it again", "{} passages stood as code and became text: read them again"),
    "markdown": ("1 leftover of Markdown became what it was meant to be", "{} leftovers of Markdown became what they were meant to be"),
    "struck": ("1 struck-out passage stands as plain text: read it again", "{} struck-out passages stand as plain text: read them again"),
    "formula": ("1 picture of a formula became the formula’s source", "{} pictures of formulas became the formulas’ source"),
}  # fmt: skip

# What the tree is read from. `sanitise` has a shorter list; these tell what a text had.
_TAGS: Final = (
    sanitise.TAGS
    | set(sanitise.HEADINGS)
    | set(sanitise.MARKS)
    | set("address article aside audio center cite dd details div dl dt footer header iframe main picture".split())
    | set("section span summary tfoot video".split())
)
_ATTRIBUTES: Final = frozenset(
    "href title src alt width height lang dir class start scope colspan rowspan id name style data-src data-lazy-src".split()
)
_loose = nh3.Cleaner(
    tags=set(_TAGS),
    attributes={"*": set(_ATTRIBUTES)},
    clean_content_tags=set("script style template svg math title noscript noembed noframes".split()),
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
)


def take_in(html: str, place: Place, *, is_ours: bool = False) -> Taken:
    """Make `html` ready for `sanitise.sanitise`, which still has the last word on it.

    `is_ours`: it was sanitised before, as a dump is, and nothing but its pictures is looked at.
    """
    taken = Taken()
    if is_ours and not sanitise._is_excessive(html):
        walk = _Walk(place, taken, {}, is_ours=True)
        taken.html = serialise(walk.inline(parse(_loose.clean(characters.well_formed(html).replace("\x00", "")))))
        return taken
    html = _before_the_parser(characters.well_formed(html).replace("\x00", ""), taken)
    html = sanitise._prepare(html)
    if sanitise._is_excessive(html):
        taken.remarks.append("So much markup that the words alone were kept, as plain paragraphs")
        taken.html = html
        return taken
    root = Element("", {}, parse(_loose.clean(html)))
    _read_markdown(root, taken)
    ids = _ids(root)
    _make_footnotes(root, ids, taken)
    taken.html = serialise(_Walk(place, taken, ids).blocks(root.children))
    return taken


# --- Before the parser ----------------------------------------------------------------------------

_COUNTED: Final = {
    "script": re.compile(r"<script\b", re.IGNORECASE),
    "style": re.compile(r"<style\b", re.IGNORECASE),
    "drawing": re.compile(r"<(?:svg|math)\b", re.IGNORECASE),
    "form": re.compile(r"<(?:input|select|textarea|button)\b", re.IGNORECASE),
    "handler": re.compile(r"<[a-z][^<>]*?\son[a-z]+\s*=", re.IGNORECASE),
    "inline_style": re.compile(r"<[a-z][^<>]*?\sstyle\s*=", re.IGNORECASE),
    "struck": re.compile(r"<(?:del|s|strike)(?=[\s>])", re.IGNORECASE),
    "address": re.compile(r"<a\s[^<>]*?href\s*=\s*[\"']?\s*(?:javascript|data|vbscript|file|ftp):", re.IGNORECASE),
}
# As Markdown writes an address; a parser takes it for an element and drops it.
_AUTOLINK = re.compile(r"<(https?://[^\s<>\"']+)>")
_EMBED = re.compile(r"<embed\b([^<>]*?)/?>", re.IGNORECASE)
_SOURCE = re.compile(r"<source\b([^<>]*?)/?>", re.IGNORECASE)
_CELLS_AS_CODE = re.compile(
    r"<pre><code>(\s*&lt;t[dh]\b[^<]*&lt;/t[dh]&gt;\s*)</code></pre>(?=\s*</?t[rhd])", re.IGNORECASE
)
# The same happens to whole passages of a page that was HTML before it was Markdown, and to paragraphs within a list.
_AS_CODE = re.compile(r"<pre><code>([^<]*)</code></pre>", re.IGNORECASE)
_LABELLED_CODE = re.compile(r"<code\b[^<>]*\bclass\s*=", re.IGNORECASE)
_ELEMENT = re.compile(r"</?([a-z][a-z0-9]*)\b[^<>]*>", re.IGNORECASE)
_PARTS_OF_A_PAGE = frozenset(
    "p div h1 h2 h3 h4 h5 h6 ul ol li table tbody thead tr td th figure figcaption blockquote a img em strong b i br hr span sup sub".split()
)
_EDGES = re.compile(r"\s*<(?:/t[dhr]|figcaption\b)", re.IGNORECASE)
_STARTS_A_BLOCK = re.compile(r"\s*</?(?:p|div|h[1-6]|[uo]l|li|t[rhd]|table|figcaption|blockquote)\b", re.IGNORECASE)
_OPEN_AT_THE_END = re.compile(r"<a\b[^<>]*>\s*\Z", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{2,}")
_SIGNS_OF_CODE = re.compile(r"[{}<>;=$|\\]|^\s*[#>]|\w\(\)")
# A picture that was a link: Markdown took the picture out of the brackets and left them standing.
_SPLIT_LINK = re.compile(
    r"<p>\s*\[\s*</p>\s*((?:<figure>\s*<img\b[^<>]*>\s*</figure>\s*)?)<p>\s*\]\(\s*([^\s()<>\"]+)(?:\s+[^()<>]*)?\)",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"\[caption\b[^\[\]]*\]\s*((?:<a\b[^<>]*>\s*)?<img\b[^<>]*>(?:\s*</a>)?)(.*?)\[/caption\]", re.DOTALL
)
_FILM = re.compile(r"\[(?:youtube|vimeo)[\s=]+(?:<[^<>]*>)?(https?://[^\s\[\]<>\"]+)[^\[\]]*\](?:</a>)?", re.IGNORECASE)
_EMBEDDED = re.compile(r"\[embed\b[^\[\]]*\]\s*(https?://[^\s\[\]<>\"]+)\s*\[/embed\]", re.IGNORECASE)
_OTHER_SHORTCODE = re.compile(
    r"\[(gallery|audio|video|playlist|soundcloud|contact-form[-\w]*|caption|embed|youtube|vimeo|footnote|su_\w+|vc_\w+|et_\w+)\b[^\[\]]*\]"
)
_BLOCK = re.compile(r"<(?:p|div|h[1-6]|ul|ol|table|blockquote|figure|section|pre|article)\b", re.IGNORECASE)
_EMPTY_LINES = re.compile(r"\n\s*\n")


def _before_the_parser(html: str, taken: Taken) -> str:
    for key, pattern in _COUNTED.items():
        if count := len(pattern.findall(html)):
            taken.counts[key] += count
    # Markdown takes cells that are indented for code, in the middle of a table.
    html, taken.counts["cells"] = _CELLS_AS_CODE.subn(lambda found: unescape(found[1]), html)
    if not _LABELLED_CODE.search(html):  # else whoever wrote it meant the code that it shows
        html = _AS_CODE.sub(lambda found: _page_of(found, taken), html)
    html, split = _SPLIT_LINK.subn(_joined, html)
    taken.counts["markdown"] += split
    html = _AUTOLINK.sub(r'<a href="\1">\1</a>', html)
    html = _EMBED.sub(r"<iframe\1></iframe>", html)
    html = _SOURCE.sub(r"<span\1></span>", html)
    if "[" in html:
        html = _shortcodes(html, taken)
    if not _BLOCK.search(html) and (parts := [part for part in _EMPTY_LINES.split(html) if part.strip()])[1:]:
        # WordPress keeps paragraphs as empty lines, and makes them anew for each reader.
        taken.remarks.append(f"{len(parts)} passages between empty lines became paragraphs")
        html = "".join(f"<p>{part.strip()}</p>\n" for part in parts)
    return html


def _page_of(found: re.Match[str], taken: Taken) -> str:
    """What was a passage of the page and stands as code; real code stays as it is."""
    said = unescape(found[1])
    tags = [name.lower() for name in _ELEMENT.findall(said)]
    words = len(_WORD.findall(_ELEMENT.sub(" ", said)))
    if _STARTS_A_BLOCK.match(said) and _PARTS_OF_A_PAGE.issuperset(tags):
        if words < 8 and not _EDGES.match(said):
            return found[0]
        said = _OPEN_AT_THE_END.sub("", said)
    elif tags or words < 20 or "\n" in said.strip() or _SIGNS_OF_CODE.search(said):
        return found[0]
    else:
        said = f"<p>{found[1]}</p>"
    taken.counts["page"] += 1
    return said


def _joined(found: re.Match[str]) -> str:
    address = escape_attribute(unescape(found[2]))
    return f'{re.sub(r"(<img[^<>]*>)", lambda image: f"""<a href="{address}">{image[1]}</a>""", found[1])}<p>'


_BOLD = re.compile(r"(?<!\*)\*\*(?!\*)([^*]{1,400})\*\*(?!\*)")
# Its address, and a title that nobody sees.
_MARKDOWN_LINK = re.compile(
    r"\[([^\[\]]{1,300})\]\(((?:https?://|/)[^\s()<>\"“”]*|mailto:[^()<>\"“”]*)(?:\s*[\"“][^\"“”()]*[\"”])?\)"
)
_NOTHING_BOLD = re.compile(r"(?<!\*)\*{4}(?!\*)")


def _read_markdown(node: Element, taken: Taken, *, is_in_link: bool = False) -> None:
    """Marks and links of Markdown that stand in the text as they were typed; code is left alone."""
    children: list[Node] = []
    for child in node:
        if isinstance(child, Element):
            if child.tag not in {"pre", "code"}:
                _read_markdown(child, taken, is_in_link=is_in_link or child.tag == "a")
            children.append(child)
            continue
        text, nothing = _NOTHING_BOLD.subn("", child)
        parts: list[Node] = [text]
        parts, bold = _each(parts, _BOLD, lambda found: Element("strong", {}, [found[1].strip()]))
        links = 0
        if not is_in_link:
            parts, links = _each(
                parts,
                _MARKDOWN_LINK,
                lambda found: Element("a", {"href": found[2].strip().replace(" ", "%20")}, [found[1]]),
            )
        taken.counts["markdown"] += nothing + bold + links
        children += parts
    if not is_in_link:
        _unwrap_links(children, taken)
    node.children[:] = children


_BEFORE_A_LINK = re.compile(r"\[([^\[\]]{1,300})\]\(\Z")


def _unwrap_links(children: list[Node], taken: Taken) -> None:
    """`[words](<a>address</a>)`: the site itself had put a link where Markdown has the address."""
    for place in range(1, len(children) - 1):
        before, link, after = children[place - 1 : place + 2]
        if not isinstance(before, str) or not isinstance(after, str) or isinstance(link, str) or link.tag != "a":
            continue
        if after.startswith(")") and (found := _BEFORE_A_LINK.search(before)):
            children[place - 1], link.children, children[place + 1] = before[: found.start()], [found[1]], after[1:]
            taken.counts["markdown"] += 1


def _each(
    parts: list[Node], pattern: re.Pattern[str], made: Callable[[re.Match[str]], Element]
) -> tuple[list[Node], int]:
    """The parts, with an element for everything in their texts that `pattern` finds; and how many those are."""
    kept: list[Node] = []
    count = 0
    for part in parts:
        if not isinstance(part, str):
            kept.append(part)
            continue
        end = 0
        for found in pattern.finditer(part):
            if not found[1].strip():
                continue
            kept += [part[end : found.start()], made(found)]
            end = found.end()
            count += 1
        kept.append(part[end:])
    return [part for part in kept if part != ""], count


def _shortcodes(html: str, taken: Taken) -> str:
    html, captions = _CAPTION.subn(r"<figure>\1<figcaption>\2</figcaption></figure>", html)
    for pattern in (_FILM, _EMBEDDED):
        html = pattern.sub(lambda found: f'<iframe src="{escape_attribute(unescape(found[1]))}"></iframe>', html)
    if captions:
        taken.counts["shortcode"] += captions
    for name in dict.fromkeys(_OTHER_SHORTCODE.findall(html)):
        taken.remarks.append(f"The shortcode [{name}] stands in the text as it is: nothing here fills it")
    return html


# --- Notes at the foot ----------------------------------------------------------------------------

_LABEL = re.compile(r"\[?\(?(?:\d{1,3}|[ivx]{1,5}|[a-z*†‡])\)?\]?\.?", re.IGNORECASE)
_BACK = re.compile(r"[\s↩↑↵⏎^\ufe0e\ufe0f]*|back|return|top", re.IGNORECASE)
_HOLDERS = frozenset({"li", "p", "div", "aside", "dd", "td"})
_NOTES_TITLE = re.compile(r"(?:foot|end)?notes?:?", re.IGNORECASE)
_Ids = dict[str, tuple[Element, Element]]  # an element, and what holds it


def _all(node: Element) -> Iterator[tuple[Element, Element]]:
    """Every element below `node` with its parent, in the order of the text."""
    for child in node:
        if isinstance(child, Element):
            yield child, node
            yield from _all(child)


def _ids(root: Element) -> _Ids:
    found: _Ids = {}
    for element, parent in _all(root):
        for name in (element.attributes.get("id"), element.attributes.get("name")):
            if name:
                found.setdefault(name, (element, parent))
    return found


def _target(link: Element) -> str:
    href = link.attributes.get("href", "")
    return unquote(href[1:]) if href.startswith("#") else ""


def _make_footnotes(root: Element, ids: _Ids, taken: Taken) -> None:
    """A number that links to a note at the foot becomes the note itself, where the number stood."""
    notes: dict[int, Element] = {}
    holders: dict[int, bool] = {}
    for link, parent in list(_all(root)):
        if link.tag != "a" or not (name := _target(link)) or name not in ids:
            continue
        label = text_in(link).strip()
        note, above = ids[name]
        if note.tag in {"a", "sup", "span"}:
            # Word writes so: two links, each to the other. The first is the number, the second stands in the note.
            note = above
        is_back = id(link) in holders
        if not _LABEL.fullmatch(label) or note.tag not in _HOLDERS or is_back or _holds(note, link):
            continue
        for inner, _ in _all(note):
            holders[id(inner)] = True
        notes[id(note)] = note
        span = Element("span", {"class": "footnote"}, _words_of(note, label))
        _trim_ends(span.children)
        if not text_in(span.children).strip():
            continue
        # `parent` may be the <sup> round the number: the number goes with what is round it.
        place, holder = link, parent
        if parent.tag == "sup" and text_in(parent).strip() == label:
            place, holder = parent, _parent_of(root, parent)
        holder.children[:] = [span if child is place else child for child in holder.children]
        taken.counts["footnote"] += 1
    if notes:
        _prune(root, notes)


def _holds(outer: Element, inner: Element) -> bool:
    return any(element is inner for element, _ in _all(outer))


def _parent_of(root: Element, wanted: Element) -> Element:
    return next(parent for element, parent in _all(root) if element is wanted)


def _words_of(note: Element, label: str) -> list[Node]:
    """What the note says, without its number and the way back."""
    kept: list[Node] = []
    for child in note:
        if isinstance(child, str):
            kept.append(child)
        elif child.tag == "a" and child.attributes.get("href", "").startswith("#"):
            text = text_in(child).strip()
            if not (_LABEL.fullmatch(text) or _BACK.fullmatch(text)):
                kept += child.children
        elif child.tag in {"sup", "span"} and text_in(child).strip().strip("[]().") == label.strip("[]()."):
            continue
        elif words := _words_of(child, label):
            # A note is one line, whatever stood in it: a paragraph within a paragraph would end that.
            kept += [Element(child.tag, child.attributes, words)] if child.tag in sanitise.MARKS else [*words, " "]
    bare = label.strip("[]().")
    if kept and isinstance(kept[0], str):
        kept[0] = re.sub(rf"^\s*[\[(]?{re.escape(bare)}[\])]?[.:]?\s+", "", kept[0])
    return kept


def _trim_ends(nodes: list[Node]) -> None:
    if nodes and isinstance(nodes[0], str):
        nodes[0] = nodes[0].lstrip()
    while nodes and isinstance(nodes[-1], str):
        nodes[-1] = nodes[-1].rstrip()
        if nodes[-1]:
            break
        nodes.pop()


def _prune(node: Element, gone: dict[int, Element]) -> bool:
    """Take the notes away, and the list, line and title that held nothing else; whether something went."""
    kept: list[Node] = []
    is_changed = False
    for child in node:
        if not isinstance(child, Element):
            kept.append(child)
            continue
        went = id(child) in gone or (_prune(child, gone) and _is_left_empty(child))
        if not went:
            kept.append(child)
            continue
        is_changed = True
        # The line and the title above the notes go with them.
        while kept and (_is_blank(kept[-1]) or _is_title_of_notes(kept[-1])):
            kept.pop()
    node.children[:] = kept
    return is_changed


def _is_blank(node: Node) -> bool:
    return isinstance(node, str) and not node.strip()


def _is_title_of_notes(node: Node) -> bool:
    if not isinstance(node, Element):
        return False
    is_title = node.tag in sanitise.HEADINGS and _NOTES_TITLE.fullmatch(text_in(node).strip()) is not None
    return is_title or node.tag == "hr"


def _is_left_empty(node: Element) -> bool:
    if node.tag not in {"ol", "ul", "section", "div", "aside", "footer", "dl", "table", "tbody", "tr"}:
        return False
    rest = [
        child
        for child in node
        if not (isinstance(child, Element) and (child.tag == "hr" or child.tag in sanitise.HEADINGS))
    ]
    return not text_in(rest).strip() and not any(element.tag == "img" for element, _ in _all(node))


# --- Frames, films and sounds ---------------------------------------------------------------------

_YOUTUBE = re.compile(
    r"^(?:https?:)?//(?:www\.|m\.)?(?:youtube(?:-nocookie)?\.com/(?:embed/|v/|shorts/|live/)|youtu\.be/)([\w-]{6,20})",
    re.IGNORECASE,
)
_YOUTUBE_PAGE = re.compile(r"^(?:https?:)?//(?:www\.|m\.)?youtube\.com/watch\?", re.IGNORECASE)
_VIMEO = re.compile(r"^(?:https?:)?//(?:player\.|www\.)?vimeo\.com/(?:video/)?(\d{4,12})", re.IGNORECASE)
_HOSTS: Final = {
    "slideshare.net": "SlideShare", "speakerdeck.com": "Speaker Deck", "soundcloud.com": "SoundCloud", "spotify.com": "Spotify",
    "google.com": "Google", "dailymotion.com": "Dailymotion", "datawrapper.de": "Datawrapper", "dwcdn.net": "Datawrapper",
    "tableau.com": "Tableau", "flourish.studio": "Flourish", "infogram.com": "Infogram", "scribd.com": "Scribd",
}  # fmt: skip
# What one finds there, where the frame does not say.
_KINDS: Final = {
    "SlideShare": "Slides", "Speaker Deck": "Slides", "SoundCloud": "Audio", "Spotify": "Audio", "Dailymotion": "Video",
    "Datawrapper": "Chart", "Tableau": "Chart", "Flourish": "Chart", "Infogram": "Chart", "Scribd": "Document",
}  # fmt: skip
# Frames that count readers or sell to them; nobody would follow a link to one.
_TRACKERS = re.compile(
    r"googletagmanager|doubleclick|googlesyndication|google-analytics|facebook\.com/(?:plugins|tr)|amazon-adsystem|platform\.twitter",
    re.IGNORECASE,
)


def embed_of(address: str, title: str = "") -> tuple[str, str] | None:
    """Where a frame leads and what its link says; None where it is no page that a reader would open."""
    address = address.strip()
    if address.startswith("//"):
        address = f"https:{address}"
    if not re.match(r"https?://[^\s/?#\\]", address, re.IGNORECASE) or _TRACKERS.search(address):
        return None
    title = " ".join(title.split())
    if title.lower() in {"youtube video player", "youtube", "vimeo", "embedded content", "iframe"}:
        title = ""
    if found := _YOUTUBE.match(address):
        if found[1].lower() != "videoseries":
            return f"https://www.youtube.com/watch?v={found[1]}", f"{title or 'Video'} (YouTube)"
    elif _YOUTUBE_PAGE.match(address):
        try:
            film = parse_qs(urlsplit(address).query).get("v", [""])[0]
        except ValueError:
            film = ""
        if re.fullmatch(r"[\w-]{6,20}", film):
            return f"https://www.youtube.com/watch?v={film}", f"{title or 'Video'} (YouTube)"
    elif found := _VIMEO.match(address):
        return f"https://vimeo.com/{found[1]}", f"{title or 'Video'} (Vimeo)"
    try:
        host = (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return None
    name = next((name for end, name in _HOSTS.items() if host == end or host.endswith(f".{end}")), host)
    if not title and (kind := _KINDS.get(name)):
        return address, f"{kind} ({name})"
    bare = re.sub(rf"\s*{re.escape(name)}\W*$", "", title, flags=re.IGNORECASE) if name else title
    return address, f"{bare or 'Shown'} ({name})" if bare else f"Shown at {name}"


def _figure_of(embed: tuple[str, str]) -> Element:
    return Element("figure", {"class": "embed"}, [Element("a", {"href": embed[0]}, [embed[1]])])


# --- The walk -------------------------------------------------------------------------------------

_IMAGE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|tiff?|bmp)(?:[?#].*)?$", re.IGNORECASE)
_ATTACHMENT = re.compile(r"[?&]attachment_id=|/attachment/", re.IGNORECASE)
_FORMULA = re.compile(r"latex|codecogs|/tex\?|mathtex|chart\.googleapis\.com/chart\?cht=tx", re.IGNORECASE)
_FLOWS = frozenset(
    {"", "div", "section", "article", "main", "aside", "center", "header", "footer", "figure", "blockquote", "details"}
)
_SMALL = 100  # an icon in a line of text stays in it


class _Walk:
    def __init__(self, place: Place, taken: Taken, ids: _Ids, *, is_ours: bool = False) -> None:
        self.place, self.taken, self.ids, self.is_ours = place, taken, ids, is_ours
        self.is_in_cell = False

    def blocks(self, nodes: Iterable[Node]) -> list[Node]:
        """What stands one below the other: the page, or what divides it."""
        kept: list[Node] = []
        for node in nodes:
            if isinstance(node, Element) and node.tag in {"p", "h1", "h2", "h3", "h4", "h5", "h6", "center"}:
                kept += self.paragraph(node)
            elif isinstance(node, Element) and node.tag in _FLOWS - {"figure"} and not _is_caption_box(node):
                kept.append(Element(node.tag, node.attributes, self.blocks(node.children)))
            else:
                kept += self.node(node)
        return [Element("figure", {}, [node]) if _is_alone(kept, place) else node for place, node in enumerate(kept)]

    def inline(self, nodes: Iterable[Node]) -> list[Node]:
        return [kept for node in nodes for kept in self.node(node)]

    def node(self, node: Node) -> list[Node]:
        """What becomes of one node that stands in a line, an item or a cell."""
        if isinstance(node, str):
            return [node]
        match node.tag:
            case "iframe":
                return self.frame(node)
            case "video" | "audio":
                return self.film(node)
            case "img":
                return self.picture(node)
            case "a":
                return self.link(node)
            case "figure":
                return self.figure(node)
            case "div" if _is_caption_box(node):
                return self.figure(_as_figure(node))
            case "td" | "th":
                was, self.is_in_cell = self.is_in_cell, True
                cell = Element(node.tag, node.attributes, self.inline(node.children))
                self.is_in_cell = was
                return [cell]
            case "li" | "blockquote" | "dd":
                return [Element(node.tag, node.attributes, self.inline(node.children))]
        return [Element(node.tag, node.attributes, self.inline(node.children))]

    # --- Pictures ---

    def paragraph(self, node: Element) -> list[Node]:
        """A paragraph; pictures that it holds stand as figures before or after it."""
        inner = self.inline(node.children)
        if not any(_is_picture(child) and not _is_small(child) for child in inner):
            return [Element(node.tag, node.attributes, inner)]
        before: list[Node] = []
        after: list[Node] = []
        words: list[Node] = []
        for child in inner:
            if _is_picture(child) and not _is_small(child):
                (after if text_in(words).strip() else before).append(Element("figure", {}, [child]))
            else:
                words.append(child)
        left: list[Node] = [Element(node.tag, node.attributes, words)] if _has_content(words) else []
        return before + left + after

    def picture(self, node: Element) -> list[Node]:
        shown = self._placed(node)
        if shown is not None:
            return [shown]
        said = characters.clean(node.attributes.get("alt") or "").strip()
        source = _source_of(node)
        if _FORMULA.search(source):
            formula = node.attributes.get("title") or said or unquote(urlsplit_query(source))
            said = " ".join(formula.replace("&space;", " ").replace("&space", " ").split())
            if said:
                self.taken.counts["formula"] += 1
                return [Element("code", {}, [said])]
        return []

    def _placed(self, node: Element) -> Element | None:
        source = _source_of(node)
        if not source:
            self.taken.missing.append(("a picture without an address", "its file is not named"))
            return None
        alt = characters.clean(node.attributes.get("alt") or "").strip()
        answer = self.place(source, alt)
        if isinstance(answer, str):
            self.taken.missing.append((source if len(source) < 200 else f"{source[:199]}…", answer))
            return None
        size = {"width": str(answer.width), "height": str(answer.height)} if answer.width and answer.height else {}
        return Element("img", {"src": answer.src, "alt": alt} | size)

    def figure(self, node: Element) -> list[Node]:
        """A figure with its caption; where its pictures could not come along, the caption goes with them."""
        if "embed" in node.attributes.get("class", "").split():
            return [Element("figure", node.attributes, self._still(node.children))]
        had_picture = any(element.tag == "img" for element, _ in _all(node))
        if self.is_ours:
            kept = self.inline(node.children)
            if not had_picture or any(element.tag == "img" for element, _ in _all(Element("", {}, kept))):
                return [Element("figure", node.attributes, kept)]
        captions = [child for child in node if isinstance(child, Element) and child.tag == "figcaption"]
        inside = self.inline(child for child in node if child not in captions)
        if had_picture and not _has_content(inside):
            for caption in captions:
                if said := " ".join(text_in(caption).split()):
                    self.taken.remarks.append(f"Caption left out with its picture: “{said[:200]}”")
            return []
        embeds = [child for child in inside if isinstance(child, Element) and child.attributes.get("class") == "embed"]
        if len(embeds) == 1 and not text_in(child for child in inside if child is not embeds[0]).strip():
            embeds[0].children += [Element("figcaption", {}, self.inline(c.children)) for c in captions[:1]]
            return list(embeds)
        told = [Element("figcaption", c.attributes, self.inline(c.children)) for c in captions]
        shown = [child for child in inside if not (isinstance(child, str) and not child.strip())]
        if len(shown) == 1 and isinstance(shown[0], Element) and shown[0].tag == "figure" and shown[0] not in embeds:
            # A figure within a figure, as Markdown makes of a picture in one: the picture and its words are one.
            has_words = any(isinstance(child, Element) and child.tag == "figcaption" for child in shown[0])
            return [Element("figure", node.attributes, [*shown[0].children, *([] if has_words else told)])]
        return [Element("figure", node.attributes, [*inside, *told])]

    def _still(self, nodes: Iterable[Node]) -> list[Node]:
        """An embed of ours: the still may be missing, its link stays."""
        kept: list[Node] = []
        for node in nodes:
            if isinstance(node, Element) and node.tag == "a":
                inner = self.inline(node.children)
                kept.append(
                    Element("a", node.attributes, inner if _has_content(inner) else [node.attributes.get("href", "")])
                )
            else:
                kept += self.node(node)
        return kept

    # --- Links ---

    def link(self, node: Element) -> list[Node]:
        inner = self.inline(node.children)
        had_picture = any(element.tag == "img" for element, _ in _all(node))
        href = node.attributes.get("href", "").strip()
        if had_picture and not _has_content(inner):
            return self._without_picture(node, href)
        if self.is_ours:
            self.taken.links += [href] if href.startswith("/") else []
            return [Element("a", node.attributes, inner)]
        if had_picture and not text_in(inner).strip() and (_IMAGE_FILE.search(href) or _ATTACHMENT.search(href)):
            return inner  # it led to the same picture, larger
        if not href:
            return inner
        if href.startswith("#"):
            return self._within(node, href, inner)
        if href.startswith("//"):
            href = f"https:{href}"
        address = sanitise.web_address(href)
        if address is None:
            self.taken.counts["address"] += 1
            return inner
        if address.startswith("/"):
            self.taken.links.append(address)
        return [Element("a", {**node.attributes, "href": address}, inner)]

    def _without_picture(self, node: Element, href: str) -> list[Node]:
        """A link whose picture is missing: in a table its description says what it leads to, elsewhere the report does."""
        if not href or href.startswith("#") or _IMAGE_FILE.search(href) or _ATTACHMENT.search(href) or self.is_ours:
            return []
        said = next((element.attributes.get("alt", "") for element, _ in _all(node) if element.tag == "img"), "")
        if self.is_in_cell and said.strip():
            return self.link(Element("a", node.attributes, [characters.clean(said).strip()]))
        if sanitise.web_address(f"https:{href}" if href.startswith("//") else href):
            self.taken.remarks.append(f"Link left out with its picture: {href[:200]}")
        return []

    def _within(self, node: Element, href: str, inner: list[Node]) -> list[Node]:
        """A link to a heading of the text follows it to its new name; one to anything else would lead nowhere."""
        target = self.ids.get(unquote(href[1:]))
        for candidate in target or ():
            if candidate.tag in sanitise.HEADINGS and (words := " ".join(text_in(candidate).split())):
                return [Element("a", {"href": f"#h-{slug(words, 'section', 60)}"}, inner)]
        if re.fullmatch(r"#h-[a-z0-9-]+", href):
            return [Element("a", {**node.attributes, "href": href}, inner)]
        self.taken.counts["address"] += 1
        return inner

    # --- Frames and films ---

    def frame(self, node: Element) -> list[Node]:
        said = node.attributes
        is_hidden = (
            said.get("width") in {"0", "1"}
            or said.get("height") in {"0", "1"}
            or "display:none" in said.get("style", "").replace(" ", "")
        )
        embed = None if is_hidden else embed_of(said.get("src") or said.get("data-src") or "", said.get("title", ""))
        if embed is None:
            self.taken.counts["frame"] += 1
            return []
        self.taken.counts["embed"] += 1
        return [_figure_of(embed)]

    def film(self, node: Element) -> list[Node]:
        sources = (
            [node.attributes.get("src", "")]
            + [element.attributes.get("src", "") for element, _ in _all(node) if element.tag in {"span", "a"}]
            + [element.attributes.get("href", "") for element, _ in _all(node) if element.tag == "a"]
        )
        for source in filter(None, sources):
            address = sanitise.web_address(f"https:{source}" if source.startswith("//") else source)
            if address and address.startswith("http"):
                self.taken.counts["embed"] += 1
                what = "Audio" if node.tag == "audio" else "Video"
                host = embed_of(address)
                name = host[1].removeprefix("Shown at ") if host else ""
                return [_figure_of((address, node.attributes.get("title") or (f"{what} ({name})" if name else what)))]
        self.taken.counts["frame"] += 1
        self.taken.remarks.append(f"A {'sound' if node.tag == 'audio' else 'film'} kept on the old site was left out")
        return []


def urlsplit_query(address: str) -> str:
    """What stands after the first question mark."""
    return address.partition("?")[2]


def _source_of(node: Element) -> str:
    """The address of a picture; pages that load pictures late keep it in another attribute."""
    said = node.attributes
    for name in ("data-lazy-src", "data-src", "src"):
        if (value := said.get(name, "").strip()) and not value.startswith("data:"):
            return value
    return ""


def _is_caption_box(node: Element) -> bool:
    return node.tag == "div" and "wp-caption" in node.attributes.get("class", "").split()


def _as_figure(node: Element) -> Element:
    """WordPress's own box round a picture and its caption."""
    children: list[Node] = [
        Element("figcaption", {}, child.children)
        if isinstance(child, Element) and "wp-caption-text" in child.attributes.get("class", "").split()
        else child
        for child in node
    ]
    return Element("figure", {}, children)


def _is_picture(node: Node) -> bool:
    """A picture, or a link that holds nothing but one."""
    if not isinstance(node, Element):
        return False
    if node.tag == "img":
        return True
    inner = [child for child in node if not (isinstance(child, str) and not child.strip())]
    return node.tag in {"a", "span", "em", "strong", "picture", "b", "i"} and len(inner) == 1 and _is_picture(inner[0])


def _is_small(node: Node) -> bool:
    image = node if isinstance(node, Element) and node.tag == "img" else None
    if image is None and isinstance(node, Element):
        image = next((element for element, _ in _all(node) if element.tag == "img"), None)
    width = image.attributes.get("width", "") if image else ""
    return width.isdecimal() and int(width) < _SMALL


def _has_content(nodes: list[Node]) -> bool:
    return bool(text_in(nodes).strip()) or any(
        isinstance(node, Element) and (node.tag in {"img", "table", "hr"} or _has_content(node.children))
        for node in nodes
    )


def _is_alone(nodes: list[Node], place: int) -> bool:
    """Whether a picture stands on the page itself, with no word beside it."""
    if not _is_picture(nodes[place]):
        return False
    for step in (-1, 1):
        near = place + step
        while 0 <= near < len(nodes) and isinstance(nodes[near], str) and not str(nodes[near]).strip():
            near += step
        if 0 <= near < len(nodes) and (isinstance(nodes[near], str) or nodes[near].tag in _INLINE):  # type: ignore[union-attr]
            return False
    return True


_INLINE = frozenset({*sanitise.MARKS, "span", "br", "cite"})
