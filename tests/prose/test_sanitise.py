"""What a body, a title and an In Brief may hold."""

import re
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prose import characters
from prose.markup import parse, serialise, text_in
from prose.sanitise import ATTRIBUTES, MAX_BODY, TAGS, plain_line, plain_text, sanitise
from tests.prose.bodies import bodies

_NAMES = "|".join(sorted({name for names in ATTRIBUTES.values() for name in names}))
# All that a body is: known elements with known, quoted attributes, and text without angle brackets.
SAFE = re.compile(rf'(?:</?(?:{"|".join(sorted(TAGS))})(?: (?:{_NAMES})="[^"<>]*")*>|[^<>])*')
TAG = re.compile(r"<[a-z][^<>]*>")
ADDRESS = re.compile(r'(?:href|src)="([^"]*)"')


def assert_safe(html: str) -> None:
    assert SAFE.fullmatch(html), html
    for address in (address for tag in TAG.findall(html) for address in ADDRESS.findall(tag)):
        assert re.match(r"https?://[^/]|mailto:|/(?![/\\])|#", address), address
    assert sanitise(html) == html


# --- What is kept ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "<p>One <strong>two</strong> <em>three <strong>four</strong></em>.</p>",
        "<h2>Part</h2><h3>Lesser</h3><h4>Least</h4>",
        '<p><a href="https://example.org/a?b=c&amp;d" title="There" rel="noopener">out</a></p>',
        '<p><a href="/2020/01/25/a/">in</a> <a href="mailto:desk@example.org">write</a> <a href="#h-part">down</a></p>',
        "<ul><li>one</li><li><p>two</p><ul><li>three</li></ul></li></ul>",
        '<ol start="3"><li>three</li></ol>',
        "<blockquote><p>Said.</p></blockquote>",
        '<figure><img src="/media/a/b.jpg" alt="A quay" width="800" height="450"><figcaption>The quay</figcaption></figure>',
        '<table><caption>Growth</caption><thead><tr><th scope="col" colspan="2">%</th></tr></thead></table>',
        '<table><tbody><tr><th scope="row">2019</th><td rowspan="2"></td><td>3</td></tr></tbody></table>',
        "<p>H<sub>2</sub>O<sup>1</sup><br>next</p><hr><p>after</p>",
        "<pre><code>a\n  b</code></pre>",
        '<p class="pull">Prospects looked bright.</p>',
        '<p lang="ko">한국은 <em lang="zh-Hans">中国</em></p><p lang="ar" dir="rtl">السلام</p>',
        "<p>10&nbsp;km on 31&nbsp;December</p>",
        '<p>Fell<span class="footnote">See <a href="https://example.org/" rel="noopener">Kim</a>, <em>Ports</em>.</span>, then rose.</p>',
        '<h2>Part<span class="footnote" lang="fr">Mot.</span></h2><ul><li>a<span class="footnote">b</span></li></ul>',
        '<figure class="embed"><a href="https://youtu.be/a" rel="noopener"><img src="/media/a.png" alt="A quay"></a><figcaption>The talk</figcaption></figure>',
        '<figure class="embed"><a href="https://example.org/a" rel="noopener">Title (YouTube)</a></figure>',
        "<p>First.</p>\n<p>Second, on\ntwo lines.</p>",
    ],
)
def test_what_we_have_stays_as_it_is(body: str) -> None:
    assert sanitise(body) == body


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("<h1>Title</h1><h6>Small</h6>", "<h2>Title</h2><h4>Small</h4>"),
        ("<p><b>a</b><i>b</i></p>", "<p><strong>a</strong><em>b</em></p>"),
        ("<p><u>a</u><span style='color:red'>b</span><font size=7>c</font></p>", "<p>abc</p>"),
        ("<div>one</div><div>two</div>", "<p>one</p><p>two</p>"),
        ("loose text", "<p>loose text</p>"),
        ("<p>a<br><br>b<br></p>", "<p>a</p><p>b</p>"),
        ("<p>a</p><p></p><p>&nbsp;</p><p><br></p><p><strong> </strong></p><p>\u200b</p><h2></h2>", "<p>a</p>"),
        ("<p>in&nbsp;the&nbsp;open,&nbsp; &nbsp;typed</p>", "<p>in the open, typed</p>"),
        ("<p><em>a</em><em> b</em></p>", "<p><em>a b</em></p>"),
        ("<p><strong>a <b>b</b></strong></p>", "<p><strong>a b</strong></p>"),
        ('<b style="font-weight:normal" id="docs-internal-guid-1"><p>One</p><p>Two</p></b>', "<p>One</p><p>Two</p>"),
        ("<strong><p>One</p><p>Two</p></strong>", "<p><strong>One</strong></p><p><strong>Two</strong></p>"),
        ("<ul><li>a</li><ul><li>b</li></ul></ul>", "<ul><li>a<ul><li>b</li></ul></li></ul>"),
        ("<ul><li></li><li> </li></ul>", ""),
        ("<li>a</li>b", "<p>a</p><p>b</p>"),
        ("<blockquote>Said.</blockquote>", "<blockquote><p>Said.</p></blockquote>"),
        ("<p>a<!-- not for readers --></p>", "<p>a</p>"),
        ("<p>a\x00b\x0bc\x1fd\x85e\ufeff</p>", "<p>abcd\ne</p>"),
        ("<p>a&#1;b&#x202e;c&#0;</p>", "<p>abc�</p>"),
        ("<p>e\u0301</p>", "<p>é</p>"),
        ("<p>\u0338x</p>", "<p>\u0338x</p>"),  # NFC of the whole would make one character of this and the bracket
        ('<p class="pull odd">q</p><p class="odd">r</p><h2 class="pull">s</h2>', '<p class="pull">q</p><p>r</p><h2>s</h2>'),
        ('<p><img src="https://tracker.example/p.gif"></p>', ""),
        ('<figure><img src="http://a.example/b.jpg"><figcaption>Why it matters</figcaption></figure>', "<p>Why it matters</p>"),
        ("<figure><img src=/media/a.png><figcaption><p>Cap</p><p>two</p></figcaption></figure>",
         '<figure><img src="/media/a.png"><figcaption>Cap two</figcaption></figure>'),
        ("<table>lost<tr><td>1<td>2</table>", "<p>lost</p><table><tbody><tr><td>1</td><td>2</td></tr></tbody></table>"),
        ("<table><tr><td><table><tr><td>in</td></tr></table></td></tr></table>",
         "<table><tbody><tr><td><p>in</p></td></tr></tbody></table>"),
        ("<pre>\n\n\na\n b\n</pre>", "<pre>a\n b</pre>"),
        ("<dl><dt>Term</dt><dd>Meaning</dd></dl>", "<p>Term</p><p>Meaning</p>"),
        ("<p><a href='www.example.org'>a</a></p>", '<p><a href="https://www.example.org" rel="noopener">a</a></p>'),
        ("<p><a href='/a' rel='opener' target='_blank' ping='/b' onclick='c()'>a</a></p>", '<p><a href="/a">a</a></p>'),
        ("<o:p></o:p><p class=MsoNormal><!--[if gte mso 9]><xml></xml><![endif]-->Word</p>", "<p>Word</p>"),
        ("<details><summary>More</summary>hidden</details>", "<p>More</p><p>hidden</p>"),
        # Notes: empty ones go, they hold no blocks, no pictures and no other notes, and stand outside of marks and links.
        ('<p>a<span class="footnote"> </span> b</p>', "<p>a b</p>"),
        ('<p>a<span class="x footnote y"> b </span></p>', '<p>a<span class="footnote">b</span></p>'),
        ('<p>a<span class="footnote">b<span class="footnote">c</span></span></p>', '<p>a<span class="footnote">bc</span></p>'),
        ('<p><em>a<span class="footnote">b</span> c</em></p>', '<p><em>a</em><span class="footnote">b</span><em> c</em></p>'),
        ('<p>a<span class="footnote">b<br>c<img src="/media/a.png">d</span>e</p>', '<p>a<span class="footnote">b cd</span><img src="/media/a.png">e</p>'),
        ('<div>a<span class="footnote"><div>b</div><ul><li>c</li></ul></span></div>', '<p>a<span class="footnote">b c</span></p>'),
        ('<p>a<span class="odd">b</span><span>c</span></p>', "<p>abc</p>"),
        # Pages elsewhere: one link, with a still of ours or a title, and a caption; else an ordinary figure, or its words.
        ('<figure class="embed"><a href="https://youtu.be/a"><img src="https://i.ytimg.com/a.jpg"></a></figure>',
         '<figure class="embed"><a href="https://youtu.be/a" rel="noopener">https://youtu.be/a</a></figure>'),
        ('<figure class="embed"><p><a href="https://e.org/a">A</a></p></figure>', '<figure class="embed"><a href="https://e.org/a" rel="noopener">A</a></figure>'),
        ('<figure class="embed"><a href="/a">A</a></figure>', '<p><a href="/a">A</a></p>'),
        ('<figure class="embed"><iframe src="https://youtu.be/a"></iframe><figcaption>C</figcaption></figure>', "<p>C</p>"),
        ('<figure class="embed"><img src="/media/a.png"></figure>', '<figure><img src="/media/a.png"></figure>'),
        ('<figure class="embed"><a href="https://e.org/a">A</a><p>b</p></figure>', '<p><a href="https://e.org/a" rel="noopener">A</a></p><p>b</p>'),
    ],
)  # fmt: skip
def test_what_is_pasted_is_tidied_and_its_words_stay(written: str, kept: str) -> None:
    assert sanitise(written) == kept
    assert_safe(kept)


@pytest.mark.parametrize(
    "text",
    ["中国经济正在增长，世界贸易放缓。", "한국의 경제 성장", "がんばって東京", "ประเทศไทย เศรษฐกิจ", "السلام عليكم", "می‌خواهم", "हिन्दी में",
     "Việt Nam đổi mới", "Ἑλλάς", "👩‍👩‍👧‍👦 🇰🇷 👍🏽", "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", "q̣̇", "ภาษา\u200bไทย", "2 < 3 & 4 > 1"],
)  # fmt: skip
def test_any_script_comes_through(text: str) -> None:
    text = unicodedata.normalize("NFC", text)
    assert text_in(parse(sanitise(f"<p>{text.replace('&', '&amp;').replace('<', '&lt;')}</p>"))) == text
    assert plain_line(text) == text


# --- What is refused ------------------------------------------------------------------------------

HOSTILE = [
    "<script>alert(1)</script>", "<SCRIPT SRC=//e.example/x.js></SCRIPT>", "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>", "<img/src='/media/x'/onerror=alert(1)>", '<img src="/media/x.png" onload="alert(1)">',
    "<svg onload=alert(1)>", "<svg><script>alert(1)</script></svg>", "<svg><a xlink:href='javascript:alert(1)'>x</a></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>", "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<math><annotation-xml encoding='text/html'><style><img src=x onerror=alert(1)></style></annotation-xml></math>",
    "<form><math><mtext></form><form><mglyph><svg><mtext><style><path id='</style><img onerror=alert(1) src>'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>", "<template><img src=x onerror=alert(1)></template>",
    "<![CDATA[<img src=x onerror=alert(1)>]]>", "<svg><![CDATA[><img src=x onerror=alert(1)>]]></svg>",
    "<iframe src=javascript:alert(1)></iframe>", "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='data:text/html,<script>alert(1)</script>'>", "<embed src=//e.example>", "<base href=//e.example>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>", "<link rel=stylesheet href=//e.example>",
    "<style>@import '//e.example';</style>", "<p style='background:url(javascript:alert(1))'>x</p>",
    "<a href='javascript:alert(1)'>x</a>", "<a href='jAvA\tsc\nript:alert(1)'>x</a>", "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href='&#x6A&#x61;vascript&colon;alert(1)'>x</a>", "<a href=' \x01javascript:alert(1)'>x</a>", "<a href='java\x00script:alert(1)'>x</a>",
    "<a href='java&#1;script:alert(1)'>x</a>", "<a href='\u200bjavascript:alert(1)'>x</a>", "<a href='vbscript:x'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>", "<a href='//e.example'>x</a>", "<a href='/\\e.example'>x</a>",
    "<a href='/\t/e.example'>x</a>", "<a href='\\\\e.example'>x</a>", "<a href='https:e.example'>x</a>", "<a href='blob:x'>x</a>",
    "<img src='data:image/svg+xml,<svg onload=alert(1)>'>", "<img src='/media/../accounts/logout/'>",
    "<img src='/media/%2e%2e/admin/'>", "<img src='/media/..%2fadmin/'>", "<img src='//e.example/media/a.png'>", "<img src='/admin/'>",
    "<img src='/media/a.png' srcset='//e.example/x 1x'>", "<video src=x onerror=alert(1)></video>", "<input autofocus onfocus=alert(1)>",
    "<button formaction=javascript:alert(1)>x", "<details open ontoggle=alert(1)>x", "<select><noembed></select><script>alert(1)</script>",
    "<table background='javascript:alert(1)'><td background=x>", "<p id=main name=body>x</p>", "<textarea><img src=x onerror=alert(1)>",
    "<xmp><img src=x onerror=alert(1)></xmp>", "<plaintext><img src=x onerror=alert(1)>", "<title><img src=x onerror=alert(1)></title>",
    "<p title='\"><img src=x onerror=alert(1)>'>x</p>", "<a title='<img src=x onerror=alert(1)>' href=/>x</a>",
    "<!--><img src=x onerror=alert(1)>-->", "<!--<img src='--><img src=x onerror=alert(1)//'>", "<?xml version='1.0'?><x onclick=a>",
    "<a href='https://e.example' style='position:fixed;inset:0' class='button'>x</a>", "<li value=9 onclick=a>", "<x-y onclick=alert(1)>z</x-y>",
    "<p lang='x\" onclick=alert(1)'>x", "<td colspan=99999999>", "<ol start=99999999999 type=A><li>x", "\ud800<script>\udfff", "<p dir='evil'>x",
]  # fmt: skip


@pytest.mark.parametrize("payload", HOSTILE)
@pytest.mark.parametrize(
    "around", ["{}", "<p>a {} b</p>", "<table><tr><td>{}</td></tr></table>", "<blockquote><ul><li>{}"]
)
def test_nothing_hostile_gets_through(payload: str, around: str) -> None:
    assert_safe(sanitise(around.format(payload)))


@pytest.mark.parametrize("tag", ["script", "style", "template", "iframe", "svg", "title", "noscript"])
def test_what_was_never_for_readers_goes_with_its_words(tag: str) -> None:
    assert sanitise(f"<{tag}>secret</{tag}><p>seen</p>") == "<p>seen</p>"


@settings(max_examples=300, deadline=None)
@given(bodies())
def test_any_markup_comes_out_safe_and_stable(html: str) -> None:
    assert_safe(sanitise(html))


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_any_characters_come_out_safe_and_stable(text: str) -> None:
    assert_safe(sanitise(text))
    escaped = characters.clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    kept = text_in(parse(sanitise(f"<p>{escaped}</p>")))
    assert [c for c in kept if not characters.is_blank(c)] == [
        c for c in characters.clean(text) if not characters.is_blank(c)
    ]


@settings(max_examples=200, deadline=None)
@given(bodies())
def test_reading_and_writing_a_body_changes_nothing(html: str) -> None:
    body = sanitise(html)
    assert serialise(parse(body)) == body


# --- Size and depth -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 10_000 + "deep", "<blockquote>" * 10_000 + "deep" + "</blockquote>" * 10_000, "<ul><li>" * 10_000 + "deep",
        "<b>" * 10_000 + "deep", "<table><tr><td>" * 8_000 + "deep", "<x>" * 9_000 + "<p>" * 9_000 + "deep",
        "<p>" + "".join(f"<b x{n}>" for n in range(9_000)) + "</p><p>deep" * 5_000, "<a href=/>" * 10_000 + "deep",
        "<figure><figcaption>" * 9_000 + "deep", "<svg><g>" * 9_000 + "</svg>deep", "<p>" * 100_000 + "deep",
    ],
)  # fmt: skip
def test_depth_costs_neither_a_crash_nor_seconds(html: str) -> None:
    started = time.process_time()
    body = sanitise(html)
    assert time.process_time() - started < 4
    assert "deep" in text_in(parse(body)) or "<svg>" in html
    assert_safe(body)


@pytest.mark.parametrize(
    "unit",
    ["<", "&", "&amp;", "&nbsp;", "\xa0", "\xa0 ", " ", "\n", "x ", "字", "a\u0301\u0323", "\u0301\u0323", "\ud800", "<!--", "<a ",
     "<script", "\U000e0067", "<br>", "&#x26;", "\u200b", "]]>", "'", '"'],
)  # fmt: skip
def test_a_body_of_one_thing_is_done_in_time(unit: str) -> None:
    started = time.process_time()
    body = sanitise(unit * (MAX_BODY // len(unit)))
    assert time.process_time() - started < 8  # the slowest takes 1.5 s on an idle core
    assert SAFE.fullmatch(body)


def test_a_piece_is_sanitised_in_five_milliseconds() -> None:
    body = "".join(f"<p>{'The prospects for peace looked ‘bright’ — in 2018. ' * 10}</p>" for _ in range(9))
    taken = []
    for _ in range(20):
        started = time.process_time()
        sanitise(body)
        taken.append(time.process_time() - started)
    assert min(taken) < 0.005


# --- Plain fields ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  A\ttitle \n on\r\ntwo lines ", "A title on two lines"),
        ("a\u202eb\u2066c\u2069\x00\x1b[31md\ufeff", "abc[31md"),
        ("Ho\u0302i\u0323 a\u0323n", "Hôị ạn"),
        ("山田\u3000太郎", "山田 太郎"),
        ("co\xadoperation", "cooperation"),
        ("\ud83d\ude00 \ud800", "😀 �"),
        ("<b>not markup</b> &amp;", "<b>not markup</b> &amp;"),
        ("\u2028\u2029", ""),
        ("A\U000e0041\U000e0042", "A"),
    ],
)
def test_a_title_is_one_clean_line(typed: str, kept: str) -> None:
    assert plain_line(typed) == kept


def test_an_in_brief_keeps_its_paragraphs() -> None:
    assert plain_text("  One \t line\r\nand more\r\n\r\n\r\n \n Two\u202e ") == "One line\nand more\n\nTwo"


@given(st.text())
def test_plain_fields_are_stable_and_fit_the_database(text: str) -> None:
    for plain in (plain_line, plain_text):
        kept = plain(text)
        assert plain(kept) == kept
        assert kept.encode() is not None
        assert "\x00" not in kept
    assert "\n" not in plain_line(text)
