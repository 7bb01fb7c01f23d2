"""What a piece may contain. Every text is put through here once, where a revision is made.

A body is read by nh3's HTML5 parser, rebuilt from what our house allows, and put through nh3 again: whatever the
rebuilding did, the last word on what reaches a page is nh3's, with the short list of elements and attributes below.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import nh3

from prose import characters
from prose.markup import Element, Node, escape, parse, serialise, text_in

# The longest body that the callers accept: about 60,000 words, a book. Longer ones are refused, not cut.
MAX_BODY: Final = 400_000
# More markup than this in one body is an attack or an accident (nested elements cost the parser their square): the
# words are kept, as plain paragraphs.
MAX_TAGS: Final = 20_000
MAX_DEPTH: Final = 200
MAX_ENTITIES: Final = 40_000
# An image is shown from the site itself: a remote one tells a stranger who reads what, and may change after approval.
IMAGE_ROOTS: Final = ("/media/", "/static/")

MARKS: Final = {"a": "a", "strong": "strong", "b": "strong", "em": "em", "i": "em"} | {
    tag: tag for tag in ("sup", "sub", "code")
}
HEADINGS: Final = {"h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4"}
_LISTS = frozenset({"ul", "ol"})
_SECTIONS = {"thead": "thead", "tbody": "tbody", "tfoot": "tbody"}
_CELLS = frozenset({"td", "th"})
# Elements that we do not keep and that yet stand on lines of their own: without them "one" and "two" of two <div>
# would become "onetwo".
_LINES = frozenset(
    "address article aside center dd details dialog dir div dl dt fieldset footer form header hgroup legend main menu"
    " nav option section summary".split()
)
_BLOCKS = (
    _LINES
    | frozenset(HEADINGS)
    | _LISTS
    | _CELLS
    | frozenset(_SECTIONS)
    | frozenset({"p", "li", "blockquote", "figure", "figcaption", "table", "caption", "tr", "pre", "hr"})
)

TAGS: Final = frozenset(
    "p h2 h3 h4 strong em a ul ol li blockquote figure figcaption img table caption thead tbody tr th td sup sub br hr"
    " code pre span".split()
)
ATTRIBUTES: Final = {tag: frozenset({"lang", "dir"}) for tag in TAGS - {"br", "hr", "img"}} | {
    **{tag: frozenset({"class", "lang", "dir"}) for tag in ("p", "figure", "span")},
    "a": frozenset({"href", "title", "rel", "lang", "dir"}),
    "img": frozenset({"src", "alt", "width", "height"}),
    "ol": frozenset({"start", "lang", "dir"}),
    "th": frozenset({"scope", "colspan", "rowspan", "lang", "dir"}),
    "td": frozenset({"colspan", "rowspan", "lang", "dir"}),
}
# The one class that each of these may have: a pull quote, a page elsewhere shown as a still and a link, a footnote.
CLASSES: Final = {"p": "pull", "figure": "embed", "span": "footnote"}
# Elements whose text is not for readers.
_DROPPED = frozenset("script style template iframe object svg math title noscript noembed noframes audio video".split())

Marks: TypeAlias = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
Atom: TypeAlias = str | Element  # a text, or a <br>, an <img> or a footnote


def sanitise(html: str) -> str:
    """What readers may be given of `html`: safe, tidy, and the same when sanitised again.

    Nothing that was written is lost but what readers must not get: an element that we do not have leaves its text.
    """
    before = html
    for _ in range(4):
        after = _once(before)
        if after == before:
            return after
        before = after
    # Not met in millions of random inputs. The words then stay and the markup goes.
    return _words_only(before)


def tree(html: str) -> list[Node]:
    """The elements of `html` as a browser would see them, without what is not for readers. For reading, not writing."""
    html = _prepare(html)
    return parse(_words_only(html) if _is_excessive(html) else _loose.clean(html))


def plain_line(text: str) -> str:
    """A title or a name: one line, in NFC, with single spaces, without controls and hidden turns of direction."""
    return " ".join(_ISOLATES.sub("", characters.clean(text)).replace("\xad", "").split())


def plain_text(text: str) -> str:
    """An In Brief: as `plain_line`, but with its line breaks, and one empty line where a paragraph ends."""
    lines = [plain_line(line) for line in characters.clean(text).split("\n")]
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


_ISOLATES = re.compile("[\u2066-\u2069]")
_EMPTY_LINES = re.compile(r"\n{3,}")


def _once(html: str) -> str:
    html = _prepare(html)
    if _is_excessive(html):
        return _words_only(html)
    parsed = _loose.clean(html)
    if parsed.count("<") > 4 * MAX_TAGS:  # the parser adds end tags, and elements that were never closed
        return _words_only(html)
    return _strict.clean(serialise(_rebuild(parse(parsed))))


# --- Before the parser ----------------------------------------------------------------------------

_TAG_START = re.compile(r"<(/?)([a-zA-Z!?][a-zA-Z0-9]*)")
_NESTING = _LINES | _LISTS | {"blockquote", "figure", "table"}
# A parser opens every unclosed formatting element again in each paragraph that follows. The ones that we do not keep
# go before it sees them, and of the others it folds those without attributes.
_UNKEPT_FORMATTING = re.compile(r"</?(?:big|font|nobr|s|small|strike|tt|u)(?=[\s/>])[^<>]*>?", re.IGNORECASE)
_FORMATTING_ATTRIBUTES = re.compile(r"<(b|code|em|i|strong)(?=[\s/])[^<>]*>?", re.IGNORECASE)
_MAX_FORMATTING_ATTRIBUTES = 50
_BARE_AMPERSAND = re.compile(r"&(?![a-zA-Z#])")  # the parser reports each at length: 2 s for a page of them


def _prepare(html: str) -> str:
    html = characters.well_formed(html).replace("\x00", "")
    for slow in ("&", "\xa0"):
        if html.count(slow) > MAX_ENTITIES:
            html = html.replace(slow, " ")
    html = _BARE_AMPERSAND.sub("&amp;", html)
    html = _UNKEPT_FORMATTING.sub("", html)
    stripped, count = _FORMATTING_ATTRIBUTES.subn(r"<\1>", html)
    return stripped if count > _MAX_FORMATTING_ATTRIBUTES else html


def _is_excessive(html: str) -> bool:
    depth = 0
    for count, tag in enumerate(_TAG_START.finditer(html)):
        if tag[2].lower() in _NESTING:
            depth = max(0, depth - 1) if tag[1] else depth + 1
        if count >= MAX_TAGS or depth > MAX_DEPTH:
            return True
    return False


_DROPPED_CONTENT = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_ANY_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*>?")


def _words_only(html: str) -> str:
    text = _ANY_TAG.sub("\n\n", _DROPPED_CONTENT.sub("", html))
    # The parser decodes the entities; there is no element left for it to nest.
    lines = (" ".join(_tidy(text_in(parse(_loose.clean(part)))).split()) for part in text.split("\n\n"))
    return _strict.clean("".join(f"<p>{escape(line)}</p>" for line in lines if not characters.is_blank(line)))


# --- Attributes -----------------------------------------------------------------------------------

_EDGES = re.compile(r"^[\s\x00-\x20\u200b-\u200f\ufeff]+|[\s\x00-\x20\u200b-\u200f\ufeff]+$")
_BREAKS_IN_URL = re.compile(r"[\t\n\r]")  # browsers take them out: "java\nscript:" is a scheme to them
_WEB = re.compile(r"https?://[^\s/?#\\]", re.IGNORECASE)
_MAIL = re.compile(r"mailto:[^\s<>\"]+@[^\s<>\"]+", re.IGNORECASE)
_WITHIN = re.compile(r"(?:/(?![/\\])|#)[^\s\\]*")
_DOTS = re.compile(r"(?:/|%2f)(?:\.|%2e)+(?:/|%2f|$)", re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(?:-[a-zA-Z0-9]{2,8}){0,3}")
_SPAN = re.compile(r"[2-9]|[1-9][0-9]")  # one is what a cell spans anyway
_SIZE = re.compile(r"[1-9][0-9]{0,4}")
_START = re.compile(r"-?[0-9]{1,5}")


def _url(value: str) -> str:
    return _EDGES.sub("", _BREAKS_IN_URL.sub("", value)).replace(" ", "%20")


def _href(value: str) -> str | None:
    url = _url(characters.clean(value))
    if url.lower().startswith("www."):
        url = f"https://{url}"  # what people type into a link dialog
    return url if _WEB.match(url) or _MAIL.fullmatch(url) or _WITHIN.fullmatch(url) else None


def web_address(text: str) -> str | None:
    """The address in `text` as a link may have it (of the web, of mail, or within the site); None where it is none."""
    return _href(text)


def _source(value: str) -> str | None:
    # Without dot segments: "/media/../accounts/logout/" is no picture.
    url = _url(characters.clean(value))
    path = url.split("?")[0].split("#")[0]
    is_ours = url.startswith(IMAGE_ROOTS) and "\\" not in url and "//" not in path and not _DOTS.search(path)
    return url if is_ours and not re.search(r"\s", url) else None


def _matching(pattern: re.Pattern[str]) -> Callable[[str], str | None]:
    return lambda value: value if pattern.fullmatch(value) else None


def _one_of(*values: str) -> Callable[[str], str | None]:
    return lambda value: value.lower() if value.lower() in values else None


_RULES: Final[dict[str, Callable[[str], str | None]]] = {
    "href": _href,
    "src": _source,
    "title": lambda value: plain_line(value) or None,
    "alt": plain_line,
    "rel": _one_of("noopener"),
    "class": lambda value: value,  # by element: see `_allowed`
    "lang": _matching(_LANGUAGE),
    "dir": _one_of("ltr", "rtl", "auto"),
    "start": _matching(_START),
    "scope": _one_of("row", "col", "rowgroup", "colgroup"),
    "colspan": _matching(_SPAN),
    "rowspan": _matching(_SPAN),
    "width": _matching(_SIZE),
    "height": _matching(_SIZE),
}
_ORDER = {name: place for place, name in enumerate(_RULES)}


def _allowed(tag: str, name: str, value: str) -> str | None:
    if name == "class":
        return CLASSES[tag] if CLASSES[tag] in value.split() else None
    return _RULES[name](value)


def _attributes(element: Element, tag: str) -> dict[str, str]:
    """The attributes that `element` keeps as a `tag`, in the one order that we write them."""
    kept: dict[str, str] = {}
    for name in sorted(ATTRIBUTES[tag] & element.attributes.keys() - {"rel"}, key=_ORDER.__getitem__):
        if (value := _allowed(tag, name, element.attributes[name])) is not None:
            kept[name] = value
    if _WEB.match(kept.get("href", "")):
        kept["rel"] = "noopener"
    return kept


_loose = nh3.Cleaner(
    tags=set(TAGS | _BLOCKS | MARKS.keys()),
    attributes={
        **{tag: set(names) - {"rel"} for tag, names in ATTRIBUTES.items()},
        **{tag: {"lang", "dir"} for tag in ("b", "i", "h1", "h5", "h6", "tfoot")},
    },
    clean_content_tags=set(_DROPPED),
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
)
_strict = nh3.Cleaner(
    tags=set(TAGS),
    attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
    attribute_filter=_allowed,
    clean_content_tags=set(_DROPPED),
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
)


# --- The text of a node ---------------------------------------------------------------------------

_SPACES = re.compile(r"[ \t\n\f\xa0]+")
# Where a hard space is meant: 10 km, 31 December, French punctuation. Anywhere else an editor put it there because
# somebody typed two spaces, and the line could not break.
_HOLDS = frozenset("«»‹›;:!?%€£$¥§°–—№&")


def _tidy(text: str) -> str:
    return _SPACES.sub(_space, characters.clean(text))


def _space(match: re.Match[str]) -> str:
    spaces = match[0]
    if spaces == "\xa0":
        text, start, end = match.string, match.start(), match.end()
        around = text[start - 1 : start] + text[end : end + 1]
        return "\xa0" if any(char.isdigit() or char in _HOLDS for char in around) else " "
    return "\n" if "\n" in spaces else " "


# --- Rebuilding -----------------------------------------------------------------------------------


@dataclass(slots=True)
class _Flow:
    """Blocks one below the other: the page, a quote, an item, a cell.

    Text that stands between blocks gathers in `run`, and becomes a paragraph where `is_bare` is false.
    """

    is_bare: bool = False
    is_in_table: bool = False  # tables within tables are layout, and a reader cannot scroll them
    is_in_note: bool = False  # a footnote has none of its own
    blocks: list[Node] = field(default_factory=list)
    run: list[tuple[Marks, Atom]] = field(default_factory=list)
    wrapper: Element | None = None  # the paragraph or heading that we are in

    def inside(self, *, is_bare: bool = False, is_in_table: bool = False) -> "_Flow":
        return _Flow(is_bare=is_bare, is_in_table=self.is_in_table or is_in_table, is_in_note=self.is_in_note)

    def end_run(self) -> None:
        """Close the line that is being written, and forget it when it is empty."""
        run, self.run = self.run, []
        lines = [run] if self.wrapper and self.wrapper.tag != "p" else _split_at_double_breaks(run)
        for number, line in enumerate(lines):
            trimmed = _trim(line)
            if not any(isinstance(atom, Element) or not characters.is_blank(atom) for _, atom in trimmed):
                if any(isinstance(atom, str) and "\n" in atom for _, atom in line) and not self.wrapper:
                    self.new_line()
                continue
            inline = _inline(trimmed)
            if self.wrapper:
                self.blocks.append(Element(self.wrapper.tag, self.wrapper.attributes, inline))
            elif self.is_bare and not number:
                if self.blocks and _is_inline(self.blocks[-1]):
                    self.blocks.append(Element("br"))
                self.blocks += inline
            else:
                self.blocks.append(Element("p", {}, inline))

    def new_line(self) -> None:
        """Keep one line end between two blocks, for whoever reads the source."""
        if not self.blocks or self.blocks[-1] != "\n":
            self.blocks.append("\n")

    def add(self, block: Element) -> None:
        self.end_run()
        self.blocks.append(block)


def _is_inline(node: Node) -> bool:
    return node != "\n" if isinstance(node, str) else node.tag in _INLINE


_INLINE = frozenset({*MARKS.values(), "br", "img", "span"})


def _rebuild(nodes: list[Node]) -> list[Node]:
    flow = _fill(_Flow(), nodes, ())
    while flow.blocks and flow.blocks[0] == "\n":
        del flow.blocks[0]
    while flow.blocks and flow.blocks[-1] == "\n":
        del flow.blocks[-1]
    return flow.blocks


def _fill(flow: _Flow, nodes: Iterable[Node], marks: Marks) -> _Flow:
    for node in nodes:
        _walk(flow, node, marks)
    flow.end_run()
    return flow


def _walk(flow: _Flow, node: Node, marks: Marks) -> None:
    if isinstance(node, str):
        flow.run.append((marks, _tidy(node)))
        return
    tag = node.tag
    if tag in MARKS:
        inner = _marked(node, marks)
        for child in node:
            _walk(flow, child, inner)
    elif tag == "span":
        if CLASSES["span"] in node.attributes.get("class", "").split() and not flow.is_in_note:
            _footnote(flow, node)
        else:
            for child in node:
                _walk(flow, child, marks)
    elif tag == "br":
        flow.run.append((marks, Element("br")))
    elif tag == "img":
        attributes = _attributes(node, "img")
        if "src" in attributes:
            flow.run.append((marks, Element("img", attributes)))
    elif tag == "hr":
        flow.add(Element("hr"))
    elif tag in _BUILDERS and not (tag == "table" and flow.is_in_table):
        flow.end_run()
        wrapper, flow.wrapper = flow.wrapper, None
        _BUILDERS[tag](flow, node, marks)
        flow.wrapper = wrapper
    else:
        _line(flow, node, marks)


def _marked(node: Element, marks: Marks) -> Marks:
    tag = MARKS[node.tag]
    # Google Docs wraps whatever is copied from it in one <b>.
    if any(name == tag for name, _ in marks) or (node.tag == "b" and _has_block(node)):
        return marks
    attributes = _attributes(node, tag)
    if tag == "a" and "href" not in attributes:
        return marks
    return (*marks, (tag, tuple(attributes.items())))


def _has_block(element: Element) -> bool:
    return any(isinstance(child, Element) and (child.tag in _BLOCKS or _has_block(child)) for child in element)


def _line(flow: _Flow, node: Element, marks: Marks) -> None:
    """A paragraph, a heading, or an element that is neither but stands on a line of its own."""
    flow.end_run()
    outer = flow.wrapper
    if node.tag in HEADINGS:
        tag = HEADINGS[node.tag]
        flow.wrapper = Element(tag, _attributes(node, tag))
    elif outer is None or outer.tag == "p":
        flow.wrapper = Element("p", _attributes(node, "p") if node.tag == "p" else {})
    for child in node:
        _walk(flow, child, marks)
    flow.end_run()
    flow.wrapper = outer


def _footnote(flow: _Flow, node: Element) -> None:
    """A note where its number stands: one line, outside of whatever marks and links the words before it have.

    Blocks within it become words of the line. It has no pictures: those come after it.
    """
    run: list[tuple[Marks, Atom]] = []
    pictures: list[tuple[Marks, Atom]] = []
    for marks, atom in _line_of(_fill(_Flow(is_in_table=True, is_in_note=True), node, ())):
        if isinstance(atom, str):
            run.append((marks, atom))
        elif atom.tag == "img":
            pictures.append(((), atom))
        else:
            run.append(((), " "))
    trimmed = _trim(run)
    if not all(characters.is_blank(atom) for _, atom in trimmed if isinstance(atom, str)):
        flow.run.append(((), Element("span", _attributes(node, "span"), _inline(trimmed))))
    flow.run += pictures


def _quote(flow: _Flow, node: Element, marks: Marks) -> None:
    if blocks := _content(_fill(flow.inside(), node, marks)):
        flow.blocks.append(Element("blockquote", _attributes(node, "blockquote"), blocks))


def _list(flow: _Flow, node: Element, marks: Marks) -> None:
    items = Element(node.tag, _attributes(node, node.tag))
    last: Element | None = None
    for child in node:
        if isinstance(child, str) and characters.is_blank(child):
            if "\n" in child and (not items.children or items.children[-1] != "\n"):
                items.children.append("\n")
            continue
        is_item = isinstance(child, Element) and child.tag == "li"
        source = child.children if isinstance(child, Element) and is_item else [child]
        blocks = _content(_fill(flow.inside(is_bare=True), source, marks))
        if not blocks:
            continue
        if last is not None and isinstance(child, Element) and child.tag in _LISTS:
            last.children += blocks  # a list beside an item belongs to it: Word and old editors write it so
            continue
        last = Element("li", _attributes(child, "li") if isinstance(child, Element) and is_item else {}, blocks)
        items.children.append(last)
    if last is not None:
        flow.blocks.append(items)


def _preformatted(flow: _Flow, node: Element, _marks: Marks) -> None:
    text = characters.clean(_lines_in(node)).strip("\n").rstrip()
    if characters.is_blank(text):
        return
    children = [child for child in node if child not in ("", "\n")]
    is_code = len(children) == 1 and isinstance(children[0], Element) and children[0].tag == "code"
    flow.blocks.append(Element("pre", _attributes(node, "pre"), [Element("code", {}, [text])] if is_code else [text]))


def _lines_in(node: Element) -> str:
    parts = []
    for child in node:
        if isinstance(child, str):
            parts.append(child)
        elif child.tag == "br":
            parts.append("\n")
        else:
            inner = _lines_in(child)
            parts.append(f"{inner}\n" if child.tag in _BLOCKS else inner)
    return "".join(parts)


def _figure(flow: _Flow, node: Element, marks: Marks) -> None:
    inside = flow.inside()
    caption: Element | None = None
    for child in node:
        if isinstance(child, Element) and child.tag == "figcaption":
            inside.end_run()
            content = _one_line(child, marks, flow)
            if content and caption is None:
                caption = Element("figcaption", _attributes(child, "figcaption"), content)
                inside.blocks.append(caption)
            elif content:
                inside.blocks.append(Element("p", {}, content))
        else:
            _walk(inside, child, marks)
    inside.end_run()
    blocks = _content(inside)
    if CLASSES["figure"] in node.attributes.get("class", "").split() and (link := _embed(blocks, node)):
        flow.blocks.append(Element("figure", _attributes(node, "figure"), [link, *([caption] if caption else [])]))
        return
    if not any(_is_shown(block) for block in blocks):
        # The picture was somebody else's, or there was none: what was written about it stays.
        flow.blocks += [
            Element("p", {}, caption.children) if caption and block is caption else block for block in blocks
        ]
        return
    for place, block in enumerate(blocks):
        # A picture alone needs no paragraph round it.
        if isinstance(block, Element) and block.tag == "p" and _is_picture(block):
            blocks[place : place + 1] = block.children
    kept = _attributes(node, "figure")
    kept.pop("class", None)
    flow.blocks.append(Element("figure", kept, blocks))


def _embed(blocks: list[Node], figure: Element) -> Element | None:
    """The link of a page elsewhere, round its still or its title; None where the figure holds more than that."""
    shown = [block for block in blocks if isinstance(block, Element) and block.tag != "figcaption"]
    if not shown:
        return _bare_link(figure)
    inner = shown[0].children if shown[0].tag == "p" else shown
    link = inner[0] if len(shown) == 1 and len(inner) == 1 else None
    if not isinstance(link, Element) or link.tag != "a" or not _WEB.match(link.attributes.get("href", "")):
        return None
    is_still = len(link.children) == 1 and isinstance(link.children[0], Element) and link.children[0].tag == "img"
    return link if is_still or not any(_is_shown(child) for child in link) else None


def _bare_link(node: Element) -> Element | None:
    """The first link below `node` to another site, by its address: its still was somebody else's, and is not kept."""
    for child in node:
        if not isinstance(child, Element) or child.tag == "figcaption":
            continue
        if child.tag == "a" and _WEB.match((kept := _attributes(child, "a")).get("href", "")):
            return Element("a", kept, [kept["href"]])
        if found := _bare_link(child):
            return found
    return None


def _is_shown(node: Node) -> bool:
    return isinstance(node, Element) and (
        node.tag in {"img", "table", "pre", "blockquote", "ul", "ol"} or any(_is_shown(child) for child in node)
    )


def _is_picture(paragraph: Element) -> bool:
    return characters.is_blank(text_in(paragraph)) and len(paragraph.children) == 1


def _one_line(node: Element, marks: Marks, flow: _Flow) -> list[Node]:
    """What stands in `node`, as one line: a caption holds no paragraphs."""
    return _inline(_trim(_line_of(_fill(_Flow(is_in_table=True, is_in_note=flow.is_in_note), node, marks))))


def _line_of(flow: _Flow) -> list[tuple[Marks, Atom]]:
    """The blocks of `flow`, one after the other on one line."""
    run: list[tuple[Marks, Atom]] = []
    for block in flow.blocks:
        if isinstance(block, Element):
            run.append(((), " "))
            _atoms(block, (), run)
    return run


def _atoms(node: Element, marks: Marks, run: list[tuple[Marks, Atom]]) -> None:
    for child in node:
        if isinstance(child, str) or child.tag in {"br", "img", "span"}:
            run.append((() if isinstance(child, Element) and child.tag == "span" else marks, child))
        elif child.tag in MARKS:
            _atoms(child, (*marks, (child.tag, tuple(child.attributes.items()))), run)
        else:
            run.append((marks, " "))
            _atoms(child, marks, run)


def _table(flow: _Flow, node: Element, marks: Marks) -> None:
    table = Element("table", _attributes(node, "table"))
    rows = 0
    for child in node:
        if isinstance(child, str):
            _keep_line_end(table, child, flow, marks)
        elif child.tag == "caption" and not any(isinstance(other, Element) for other in table):
            if content := _one_line(child, marks, flow):
                table.children.append(Element("caption", _attributes(child, "caption"), content))
        elif child.tag in _SECTIONS:
            tag = _SECTIONS[child.tag]
            section = Element(tag, _attributes(child, tag))
            for inner in child:
                if isinstance(inner, str):
                    _keep_line_end(section, inner, flow, marks)
                elif row := _row(inner, flow, marks):
                    section.children.append(row)
                    rows += 1
            if any(isinstance(inner, Element) for inner in section):
                table.children.append(section)
        elif row := _row(child, flow, marks):
            table.children.append(Element("tbody", {}, [row]))
            rows += 1
    flow.end_run()
    if rows:
        flow.blocks.append(table)
    else:
        flow.blocks += [Element("p", {}, child.children) for child in table if isinstance(child, Element)]


def _row(node: Element, flow: _Flow, marks: Marks) -> Element | None:
    if node.tag != "tr":
        _walk(flow, node, marks)  # what a table cannot hold stands before it, as in a browser
        return None
    row = Element("tr", _attributes(node, "tr"))
    for child in node:
        if isinstance(child, str):
            _keep_line_end(row, child, flow, marks)
        elif child.tag in _CELLS:
            blocks = _content(_fill(flow.inside(is_bare=True, is_in_table=True), child, marks))
            row.children.append(Element(child.tag, _attributes(child, child.tag), blocks))
        else:
            _walk(flow, child, marks)
    return row if any(isinstance(child, Element) for child in row) else None


def _keep_line_end(parent: Element, text: str, flow: _Flow, marks: Marks) -> None:
    if not characters.is_blank(text):
        _walk(flow, text, marks)
    elif "\n" in text and (not parent.children or parent.children[-1] != "\n"):
        parent.children.append("\n")


def _content(flow: _Flow) -> list[Node]:
    """The blocks of `flow`, or nothing when only line ends are left."""
    return flow.blocks if any(block != "\n" for block in flow.blocks) else []


_BUILDERS: Final[dict[str, Callable[[_Flow, Element, Marks], None]]] = {
    "blockquote": _quote,
    "ul": _list,
    "ol": _list,
    "pre": _preformatted,
    "figure": _figure,
    "table": _table,
}


# --- A line: its parts with their marks -----------------------------------------------------------


def _is_break(atom: Atom) -> bool:
    return isinstance(atom, Element) and atom.tag == "br"


def _split_at_double_breaks(run: list[tuple[Marks, Atom]]) -> list[list[tuple[Marks, Atom]]]:
    """Two line breaks on end are somebody's way to write a new paragraph."""
    lines: list[list[tuple[Marks, Atom]]] = [[]]
    breaks: list[tuple[Marks, Atom]] = []
    for part in run:
        if _is_break(part[1]) or (breaks and isinstance(part[1], str) and characters.is_blank(part[1])):
            breaks.append(part)
            continue
        if sum(_is_break(atom) for _, atom in breaks) > 1:
            lines.append([])
        else:
            lines[-1] += breaks
        breaks = []
        lines[-1].append(part)
    lines[-1] += breaks
    return lines


def _trim(run: list[tuple[Marks, Atom]]) -> list[tuple[Marks, Atom]]:
    """`run` without spaces and breaks at its ends, and without spaces beside its breaks."""
    trimmed: list[tuple[Marks, Atom]] = []
    is_start = True  # of a line
    for marks, atom in run:
        if isinstance(atom, Element):
            if atom.tag == "br":
                _trim_end(trimmed)
                if not trimmed:
                    continue
                is_start = True
            else:
                is_start = False
            trimmed.append((marks, atom))
            continue
        text = atom.lstrip(" \n") if is_start else atom
        if text:
            trimmed.append((marks, text))
            is_start = False
    while trimmed:
        _trim_end(trimmed)
        if not (trimmed and _is_break(trimmed[-1][1])):
            break
        trimmed.pop()
    return trimmed


def _trim_end(run: list[tuple[Marks, Atom]]) -> None:
    while run and isinstance(last := run[-1][1], str):
        if text := last.rstrip(" \n"):
            run[-1] = (run[-1][0], text)
            return
        run.pop()


def _inline(run: list[tuple[Marks, Atom]]) -> list[Node]:
    """The elements of a line; neighbours with the same marks share them."""
    root: list[Node] = []
    stack: list[tuple[tuple[str, tuple[tuple[str, str], ...]], list[Node]]] = []
    for marks, atom in _without_bare_marks(run):
        shared = 0
        while shared < min(len(stack), len(marks)) and stack[shared][0] == marks[shared]:
            shared += 1
        del stack[shared:]
        for mark in marks[shared:]:
            element = Element(mark[0], dict(mark[1]))
            (stack[-1][1] if stack else root).append(element)
            stack.append((mark, element.children))
        into = stack[-1][1] if stack else root
        if isinstance(atom, str) and into and isinstance(into[-1], str):
            into[-1] += atom
        else:
            into.append(atom)
    return root


def _without_bare_marks(run: list[tuple[Marks, Atom]]) -> list[tuple[Marks, Atom]]:
    """`run` in which no mark holds spaces or breaks alone: the mark goes, the space stays."""
    plain: list[tuple[Marks, Atom]] = []
    for place, (marks, atom) in enumerate(run):
        if marks and (_is_break(atom) or (isinstance(atom, str) and characters.is_blank(atom))):
            before = run[place - 1][0] if place else ()
            after = run[place + 1][0] if place + 1 < len(run) else ()
            kept = tuple(mark for mark in marks if mark in before and mark in after)
            plain.append((marks if len(kept) == len(marks) else kept, atom))
        else:
            plain.append((marks, atom))
    return plain
