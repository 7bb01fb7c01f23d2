"""Bodies for hypothesis: tag soup, and what an editor would write."""

from hypothesis import strategies as st

_TAGS = (
    "p h1 h2 h3 h5 strong b em i a ul ol li blockquote figure figcaption img table caption thead tbody tfoot tr th td sup"
    " br hr code pre div span section dl dt svg math style script template select option textarea title form u font noscript"
    " span span iframe mtext mglyph desc foreignObject annotation-xml button nobr"
).split()
_ATTRIBUTES = [
    "", "", "", " class=pull", " class=footnote", ' class="a footnote"', " class=embed", ' href="https://a.example/b"', " href=/x", ' href="javascript:alert(1)"', ' src="/media/a.png" alt="x &amp; y"',
    " colspan=2", " lang=fr", " onclick=x", " start=3", ' title="<b>"',
]  # fmt: skip
_TEXTS = [
    "a", " ", "\n", "b c", "&nbsp;", "\xa0", "&lt;", "&amp;", "x\n\ny", "\u200b", "&#1;", "&#x202e;", ">", '"', "<", "&", "\u0338",
    "e\u0301", "<!--", "-->", "<![CDATA[", "]]>", "</", "\ud800", "한", "国", "\x00", "<?x", "ไทย", "👍🏽",
]  # fmt: skip


def bodies() -> st.SearchStrategy[str]:
    """Any row of start tags, end tags and texts, well-formed or not."""
    start = st.builds("<{}{}>".format, st.sampled_from(_TAGS), st.sampled_from(_ATTRIBUTES))
    end = st.builds("</{}>".format, st.sampled_from(_TAGS))
    text = st.sampled_from(_TEXTS) | st.text(max_size=8)
    return st.lists(start | end | text, max_size=25).map("".join)


_WORDS = st.sampled_from(
    ["the", "a", "of", "trade", "growth", ",", ".", "’s", "re-election", "中国", "经济", "한국", "x&lt;y", "3.5"]
)
_INLINE = _WORDS | st.builds(
    "<{0}>{2}{1}</{0}>".format,
    st.sampled_from(["em", "strong", "sup", 'a href="/a"', 'a href="/b"']),
    _WORDS,
    st.sampled_from(["", " "]),
).map(lambda html: html.replace('</a href="/a">', "</a>").replace('</a href="/b">', "</a>"))
_NOTE = st.lists(_INLINE, max_size=3).map(lambda words: f'<span class="footnote">{" ".join(words)}</span>')
_ATOM = (
    _INLINE | _NOTE | st.sampled_from(["<br>", '<img src="/media/a.png" alt="x">', '<img src="/media/a.png" alt="y">'])
)
_LINE = st.lists(_ATOM, max_size=7).map(" ".join)


def _blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    items = st.lists(inner, min_size=1, max_size=3)
    return (
        items.map(lambda parts: f"<ul>{''.join(f'<li>{part}</li>' for part in parts)}</ul>")
        | items.map(lambda parts: f"<blockquote>{''.join(parts)}</blockquote>")
        | items.map(lambda parts: f"<table><tr>{''.join(f'<td>{part}</td>' for part in parts)}</tr></table>")
    )


_PARAGRAPH = st.builds("<{0}>{1}</{0}>".format, st.sampled_from(["p", "p", "p", "h2", "h3"]), _LINE)
_BLOCK = st.recursive(
    _PARAGRAPH
    | _LINE
    | st.just("<hr>")
    | _LINE.map("<figure><img src='/media/a.png'><figcaption>{}</figcaption></figure>".format)
    | _LINE.map('<figure class="embed"><a href="https://a.example/b">{}</a></figure>'.format)
    | _LINE.map('<figure class="embed"><a href="https://a.example/b"><img src="/media/a.png"></a></figure>{}'.format),
    _blocks,
    max_leaves=4,
)


def pieces() -> st.SearchStrategy[list[str]]:
    """The blocks of a piece such as people write."""
    return st.lists(_BLOCK, max_size=5)
