"""Word documents: what they say comes along, what they hide does not, and none of them does harm."""

import io
import os
import random
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prose import sanitise, word
from prose.word import WordError, WordText, process
from tests.prose import documents as d
from tests.prose.documents import docx, p, r


def html(body: str, **more: Any) -> str:
    return word.read(docx(body, **more)).html


def refused(data: bytes) -> str:
    with pytest.raises(WordError) as problem:
        word.read(data)
    return str(problem.value)


# --- What comes along -----------------------------------------------------------------------------
def test_a_document_as_word_writes_it() -> None:
    text = word.read(
        docx(
            p("The port that waits", style="Title")
            + p("In Brief", style="Heading1") + p("Why ships ", r("wait", "<w:i/>"), ".")
            + p("Queues", style="Heading1")
            + p("Plain, ", r("bold", "<w:b/>"), r(" ", "<w:b/>"), r("and both", "<w:b/><w:i/>"), " m", r("2", '<w:vertAlign w:val="superscript"/>'),
                " H", r("2", '<w:vertAlign w:val="subscript"/>'), "O ", r("Strong", '<w:rStyle w:val="Strong"/>'), r(" off", '<w:b w:val="0"/>'))
            + p("Deeper", style="Heading2") + p(r("A", "<w:b/>"), r(" bold heading", "<w:b/>"), style="Heading3") + p("End."),
        )
    )  # fmt: skip
    assert (text.title, text.in_brief) == ("The port that waits", "Why ships wait.")
    assert text.html.split("\n") == [
        "<h2>Queues</h2>",
        "<p>Plain, <strong>bold <em>and both</em></strong> m<sup>2</sup> H<sub>2</sub>O <strong>Strong</strong> off</p>",
        "<h3>Deeper</h3>", "<h4>A bold heading</h4>", "<p>End.</p>",
    ]  # fmt: skip
    assert text.remarks == []


def test_a_document_as_google_docs_writes_it() -> None:
    off = '<w:b w:val="0"/><w:i w:val="0"/><w:color w:val="000000"/><w:rtl w:val="0"/>'
    text = word.read(
        docx(
            p(r("What the ferries carry", off), style="Heading1")
            + p(r("Ferries ", off), d.link("rId7", "say"), r(" so.", off))
            + p(r("Second", off), style="Heading2") + d.item("one", number=2) + d.item("two", number=2),
            relations={"rId7": ("hyperlink", "https://www.google.com/url?q=https://example.org/a?b%3D1&amp;sa=D&amp;source=editors&amp;usg=X")},
        )
    )  # fmt: skip
    assert text.title == "What the ferries carry"
    assert text.html.split("\n") == [
        '<p>Ferries <a href="https://example.org/a?b=1">say</a> so.</p>', "<h2>Second</h2>", "<ol><li>one</li><li>two</li></ol>",
    ]  # fmt: skip


def test_a_document_as_libreoffice_writes_it() -> None:
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/><w:basedOn w:val="{base}"/></w:style>'
        for key, name, base in (
            ("Heading", "Heading", "Normal"),
            ("Heading1", "heading 1", "Heading"),
            ("Quotations", "Quotations", "Normal"),
        )
    )
    body = (
        p("One", style="Heading1")
        + p("Words", style="Quotations")
        + p("Two", style="Heading1")
        + p("x", d.cited(2), "y")
    )
    text = word.read(docx(body, styles=styles, footnotes=d.SEPARATORS + d.note(2, "Said.")))
    assert text.title == ""
    assert text.html.split("\n") == [
        "<h2>One</h2>", "<blockquote><p>Words</p></blockquote>", "<h2>Two</h2>", '<p>x<span class="footnote">Said.</span>y</p>',
    ]  # fmt: skip


def test_footnotes_and_endnotes_stand_where_their_numbers_stood() -> None:
    body = p("One", d.cited(1), " two", d.cited(1, "endnote"), ", none", d.cited(77), " and empty", d.cited(3), ".")
    notes = d.SEPARATORS + d.note(1, r("See ", "<w:i/>") + d.link("n1", "here") + r(".")) + d.note(3, " ")
    ends = '<w:endnote w:id="1">' + p("First.") + p("Second.") + "</w:endnote>"
    parts = d.parts(body, footnotes=notes, endnotes=ends)
    parts["word/_rels/footnotes.xml.rels"] = (
        f'<Relationships xmlns="{d.PACKAGE}"><Relationship Id="n1" Type="{d.R}/hyperlink" Target="https://example.org/" TargetMode="External"/></Relationships>'
    )
    text = word.read(d.zipped(parts))
    assert text.html == (
        '<p>One<span class="footnote"><em>See </em><a href="https://example.org/">here</a>.</span> two'
        '<span class="footnote">First. Second.</span>, none and empty.</p>'
    )


def test_a_footnote_of_the_title_is_kept() -> None:
    text = word.read(docx(p("Ports", d.cited(1), style="Title") + p("Text."), footnotes=d.note(1, "With thanks.")))
    assert (text.title, text.html) == ("Ports", "<p>Text.</p>\n<p>With thanks.</p>")
    assert "footnote of the title" in text.remarks[0]


def test_nested_lists_and_lists_by_style() -> None:
    body = (
        d.item("a") + d.item("b", level=1) + d.item("c", number=2, level=2) + d.item("d") + p("e", style="ListBullet")
    )
    assert html(body + p("x")) == (
        "<ul><li>a<ul><li>b<ol><li>c</li></ol></li></ul></li><li>d</li><li>e</li></ul>\n<p>x</p>"
    )


def test_a_long_list_is_not_broken_where_the_text_is_cut_into_portions() -> None:
    assert html(p("before") + "".join(d.item(f"item {n} " + "x" * 200) for n in range(1500))).count("<ul>") == 1


def test_tables_with_merged_cells_and_a_head() -> None:
    def cell(text: str, settings: str = "") -> str:
        return f"<w:tc><w:tcPr>{settings}</w:tcPr>{p(text)}</w:tc>"

    rows = (
        "<w:tr><w:trPr><w:tblHeader/></w:trPr>" + cell("A") + cell("B", '<w:gridSpan w:val="2"/>') + "</w:tr>"
        "<w:tr>" + cell("1", '<w:vMerge w:val="restart"/>') + cell("2") + cell("3") + "</w:tr>"
        "<w:tr>" + cell("", "<w:vMerge/>") + cell("4") + cell("5") + "</w:tr>"
    )
    found = sanitise.sanitise(html(f"<w:tbl><w:tblPr/>{rows}</w:tbl>"))
    assert '<th colspan="2"><p>B</p></th>' in found
    assert '<td rowspan="2"><p>1</p></td>' in found
    assert found.count("<tr>") == 3
    # A frame round a text is no table.
    assert html(f"<w:tbl><w:tr>{cell('Framed')}</w:tr></w:tbl>") == "<p>Framed</p>"


def test_pictures_become_figures_with_their_captions() -> None:
    body = (
        p("Before ", d.picture("p1", "A &quot;red&quot; field"), " after") + p("Figure 1: Red", style="Caption")
        + p(d.picture("p2")) + p(d.picture("p3")) + p(d.picture("p9"))
    )  # fmt: skip
    text = word.read(
        docx(
            body,
            relations={"p1": ("image", "media/1.png"), "p2": ("image", "media/2.emf"), "p3": ("image", "media/3.gif")},
            **{"word/media/1.png": d.png(), "word/media/2.emf": b"\x01\x00\x00\x00EMF", "word/media/3.gif": b"GIF89a"},
        )
    )
    assert text.html == (
        '<p>Before  after</p>\n<figure><img src="/media/word-picture/1" alt="A &quot;red&quot; field"><figcaption>Figure 1: Red</figcaption></figure>'
    )
    assert [(one.number, one.data, one.alt) for one in text.pictures] == [(1, d.png(), 'A "red" field')]
    assert "EMF" in " ".join(text.remarks)
    assert "a GIF" in " ".join(text.remarks)
    assert "1 picture was not taken: the document only points" in " ".join(text.remarks)


def test_line_breaks_tabs_and_special_hyphens() -> None:
    run = "<w:r><w:t>a</w:t><w:br/><w:t>b</w:t><w:tab/><w:t>c</w:t><w:noBreakHyphen/><w:softHyphen/><w:t>d</w:t><w:br w:type='page'/></w:r>"
    assert html(p(run)) == "<p>a<br>b c\u2011d</p>"


def test_links_in_fields_and_links_that_lead_nowhere() -> None:
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> HYPERLINK "https://example.org/x" </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>' + r("field") + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    bad = {
        "b1": ("hyperlink", "javascript:alert(1)"),
        "b2": ("hyperlink", "file:///C:/x.docx"),
        "b3": ("hyperlink", "mailto:a@example.org"),
    }
    text = word.read(
        docx(
            p(
                field,
                " ",
                d.link("b1", "one"),
                d.link("b2", " two "),
                d.link("b3", "mail"),
                f'<w:hyperlink w:anchor="_Toc1">{r(" in")}</w:hyperlink>',
            ),
            relations=bad,
        )
    )
    assert (
        text.html
        == '<p><a href="https://example.org/x">field</a> one two <a href="mailto:a@example.org">mail</a> in</p>'
    )
    assert (
        text.remarks == ["2 links were left out, since it leads to no address on the web. The words stay."]
        or "2 links" in text.remarks[0]
    )


def test_scripts_of_every_kind_come_through() -> None:
    words = "مرحبا بالعالم · 日本語の文章 · 한국어 · हिन्दी · 𠀋"
    ruby = "<w:r><w:ruby><w:rt><w:r><w:t>かん</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>漢</w:t></w:r></w:rubyBase></w:ruby></w:r>"
    assert html(p(words) + p(ruby)) == f"<p>{words}</p>\n<p>漢(かん)</p>"


def test_markup_in_the_words_stays_words() -> None:
    assert (
        html(p("&lt;script&gt;alert(1)&lt;/script&gt; &amp;amp;"))
        == "<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp;amp;</p>"
    )


@pytest.mark.parametrize(
    ("body", "title", "brief", "left"),
    [
        (p("T", style="Title") + p("Alice") + p("Abstract: Short."), "T", "Short.", "<p>Alice</p>"),
        (p("T", style="Title") + p(r("Summary", "<w:b/>")) + p("Short.") + p("Text."), "T", "Short.", "<p>Text.</p>"),
        (
            p("Abstract", style="Heading1") + p("Short.") + p("One", style="Heading1") + p("x"),
            "",
            "Short.",
            "<h2>One</h2>\n<p>x</p>",
        ),
        # A heading among its equals is no title, and neither is an introduction.
        (p("Introduction", style="Heading1") + p("x"), "", "", "<h2>Introduction</h2>\n<p>x</p>"),
        (p("A", style="Heading1") + p("B", style="Heading1"), "", "", "<h2>A</h2>\n<h2>B</h2>"),
        (p("Long", style="Title") + p("name", style="Title") + p("x"), "Long name", "", "<p>x</p>"),
        (p("x") + p("Summary of the case") + p("y"), "", "", "<p>x</p>\n<p>Summary of the case</p>\n<p>y</p>"),
        # In another language of Word, and of a style of one's own.
        (p("A", style="berschrift1") + p("B", style="MyHead") + p("x"), "A", "", "<h2>B</h2>\n<p>x</p>"),
        # An abstract with a note stays, since an In Brief holds none.
        (
            p("Abstract") + p("Short", d.cited(1)) + p("y"),
            "",
            "",
            '<p>Abstract</p>\n<p>Short<span class="footnote">N</span></p>\n<p>y</p>',
        ),
    ],
)
def test_title_and_in_brief_are_told_from_the_text(body: str, title: str, brief: str, left: str) -> None:
    text = word.read(docx(body, footnotes=d.note(1, "N")))
    assert (text.title, text.in_brief, text.html) == (title, brief, left)


# --- What is settled, and told --------------------------------------------------------------------
def test_tracked_changes_are_taken_as_accepted_and_counted() -> None:
    body = (
        p("Kept ", d.change("ins", "put in"), d.change("ins", " and more"), d.change("del", "struck"), d.change("moveFrom", "away"), ".")
        + p(d.change("moveTo", "Moved here."), d.change("ins", "Later", "2026-02-02T10:00:00Z"))
        # The end of this paragraph was deleted: it goes on in the next.
        + p("Half", more="<w:rPr><w:del w:id='1' w:author='Bob'/></w:rPr>") + p(" a line.")
        + p(d.change("del", "A paragraph that is gone."), more="<w:rPr><w:del w:id='1' w:author='Bob'/></w:rPr>") + p("Last.")
    )  # fmt: skip
    text = word.read(docx(body))
    assert text.html == "<p>Kept put in and more.</p>\n<p>Moved here.Later</p>\n<p>Half a line.</p>\n<p>Last.</p>"
    assert text.remarks == ["5 tracked changes were taken as accepted (2 insertions, 2 deletions, 1 move)."]


def test_comments_hidden_text_and_what_is_beside_the_text_are_left_out_and_told() -> None:
    equation = "<m:oMath><m:r><m:t>E=mc</m:t></m:r></m:oMath>"
    chart = '<w:r><w:drawing><wp:inline><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart"/></a:graphic></wp:inline></w:drawing></w:r>'
    smart = chart.replace("/chart", "/diagram")
    box = f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor><a:graphic><a:graphicData uri="x/wordprocessingShape"><wps:wsp><wps:txbx><w:txbxContent>{p("In a box")}</w:txbxContent></wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox><w:txbxContent>{p("In a box")}</w:txbxContent></v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>'
    comment = '<w:comment w:id="1" w:author="Eve"><w:p><w:r><w:t>Really?</w:t></w:r></w:p></w:comment>'
    text = word.read(
        docx(
            p("x", r("secret", "<w:vanish/>"), r("secret", '<w:rStyle w:val="Secret"/>'), '<w:r><w:commentReference w:id="1"/></w:r>', equation, chart, smart, box)
            + p(r("old", "<w:strike/>")) + p("Contents", style="TOC1"),
            comments=comment * 2,
            relations={"h": ("header", "header1.xml")},
            **{"word/header1.xml": d.root("hdr", p("Running head")), "word/vbaProject.bin": b"macro"},
        )
    )  # fmt: skip
    assert text.html == "<p>x [equation: E=mc] </p>\n<p>In a box</p>\n<p>old</p>"
    said = " ".join(text.remarks)
    assert "Really" not in text.html + said
    for part in (
        "2 comments were left out", "1 text box was taken as", "1 equation was", "1 chart was", "1 SmartArt diagram was", "2 passages of hidden text",
        "1 passage that was struck through", "table of contents", "Headers and footers", "macros were left out",
    ):  # fmt: skip
        assert part in said, (part, said)


def test_prompts_that_nobody_filled_in_are_no_text() -> None:
    prompt = f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{r('Click here')}</w:sdtContent></w:sdt>"
    assert html(p("x", prompt) + f"<w:sdt><w:sdtContent>{p('y')}</w:sdtContent></w:sdt>") == "<p>x</p>\n<p>y</p>"


# --- What is refused ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"hello", "not a Word document"),
        (b"%PDF-1.7", "a PDF"),
        (b"{\\rtf1\\ansi", "an RTF document"),
        (b"<html><body>", "a web page"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><w:wordDocument/>", "an XML file"),
        (b"PK\x03\x04" + b"\x00" * 40, "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "old Word (.doc)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (d.zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": ""}), "OpenDocument"),
        (d.zipped({"[Content_Types].xml": "", "xl/workbook.xml": ""}), "Excel"),
        (d.zipped({"ppt/presentation.xml": ""}), "PowerPoint"),
        (d.zipped({"readme.txt": "x"}), "not a Word document"),
        (docx(""), "holds no text"),
        (docx(p(" "), ), "holds no text"),
        (docx(p("text"))[:-300], "damaged"),
        (d.zipped(d.parts(p("x")) | {"word/document.xml": "<w:document"}), "damaged"),
        (d.zipped(d.parts(p("x")) | {"word/document.xml": b"\xff\xfe\x00"}), "damaged"),
        (docx("".join(p("x" * 1000) for _ in range(401))), "more than 400,000 characters"),
        (b"PK" + b"x" * word.MAX_BYTES, "MB"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_other_files_are_refused_in_plain_words(data: bytes, says: str) -> None:
    assert says in refused(data)


def test_a_locked_zip_is_refused() -> None:
    data = bytearray(docx(p("x")))
    at = 0
    while (at := data.find(b"PK\x01\x02", at)) >= 0:
        data[at + 8] |= 1
        at += 4
    assert "password" in refused(bytes(data))


def test_declarations_of_entities_are_refused() -> None:
    assert "declares things" in refused(d.laughing())
    outside = d.parts("")["word/document.xml"].split("\n", 1)[1]
    data = d.zipped(
        d.parts("") | {"word/document.xml": f'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>{outside}'}
    )
    assert "declares things" in refused(data)
    data = d.zipped(d.parts(p("x")) | {"word/styles.xml": '<!DOCTYPE x [<!ENTITY e "x">]><x>&e;</x>'})
    assert "declares things" in refused(data)


def test_nothing_outside_the_document_is_opened() -> None:
    linked = d.picture("p1").replace("r:embed", "r:link")
    text = word.read(docx(p("x", linked, d.picture("p1")), relations={"p1": ("image", "/etc/passwd")}))
    assert (text.html, text.pictures) == ("<p>x</p>", [])
    assert "not taken" in " ".join(text.remarks)


BOMBS: dict[str, Any] = {
    "ratio": lambda: d.swollen(200),
    "very large": lambda: d.swollen(400),
    "lying": lambda: d.lying(d.swollen(200)),
    "lying a little": lambda: d.lying(d.swollen(200), size=5_000_000),
    "just below the limits": lambda: d.swollen(1),
    "entries": lambda: d.many_entries(20_000),
    "laughs": d.laughing,
    "depth": lambda: docx("<w:ins>" * 200_000 + "</w:ins>" * 200_000),
    "tables in tables": lambda: docx("<w:tbl><w:tr><w:tc>" * 5000 + "</w:tc></w:tr></w:tbl>" * 5000),
    "notes": lambda: docx(
        p(*(d.cited(n) for n in range(20_000))), footnotes="".join(d.note(n, "n") for n in range(20_000))
    ),
    "one part twice": lambda: d.zipped(d.parts(p("x")) | {"word/styles.xml": b"\x00" * 15_000_000}),
}


MEASURE = """
import resource, sys
sys.path.insert(0, {root!r})
from prose.word import WordError, process
data = sys.stdin.buffer.read()
try:
    process.read(data)
    said = "taken"
except WordError as problem:
    said = str(problem)
size = 1 if sys.platform == "darwin" else 1024
most = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) * size
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, most / 1048576, said)
"""


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_refused_at_once_and_in_little_memory(kind: str) -> None:
    """Two seconds of a processor, and 200 MB in this process and the one that reads together."""
    root = os.fspath(Path(process.__file__).parents[2])
    answer = subprocess.run(
        # Through a shell: a process begins with the memory of the one that started it, and this one has much.
        ["/bin/sh", "-c", '"$0" -c "$1"; true', sys.executable, MEASURE.format(root=root)],
        input=BOMBS[kind](),
        capture_output=True,
        check=True,
    ).stdout.decode()
    seconds, megabytes, said = answer.split(" ", 2)
    assert float(megabytes) < 200, answer
    assert float(seconds) < 2, answer
    assert said.strip() != "taken" or kind == "just below the limits", answer


def test_the_text_comes_through_the_process_as_it_is() -> None:
    data = docx(
        p("T", style="Title") + p("日本 ", d.picture("p1", "Alt")) + p("x"),
        relations={"p1": ("image", "media/1.png")},
        **{"word/media/1.png": d.png()},
    )
    text = process.read(data)
    assert text == word.read(data)
    assert isinstance(text, WordText)
    assert text.pictures[0].data == d.png()
    with pytest.raises(WordError, match="is empty"):
        process.read(b"")


def test_a_document_that_takes_too_long_is_given_up() -> None:
    begun = time.monotonic()
    with pytest.raises(WordError, match="took too long"):
        process.read(docx(p("x")), seconds=0.01)
    assert time.monotonic() - begun < 2


def test_the_process_knows_no_secrets_and_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}
    popen = subprocess.Popen

    def watched(*args: Any, **kwargs: Any) -> Any:
        seen.update(kwargs)
        seen["process"] = popen(*args, **kwargs)
        return seen["process"]

    monkeypatch.setenv("SECRET_KEY", "hush")
    monkeypatch.setattr(subprocess, "Popen", watched)
    process.read(docx(p("x")))
    assert set(seen["env"]) == {"PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUTF8"}
    assert seen["process"].returncode is not None


# --- Whatever is sent -----------------------------------------------------------------------------
@given(st.binary(max_size=2000))
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for start in (b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        with pytest.raises(WordError):
            word.read(start + data)


WHOLE = docx(
    p("T", style="Title") + p("a", d.cited(1), d.picture("p1"), d.link("l1", "x"), d.change("ins", "y"))
    + d.item("i") + f"<w:tbl><w:tr><w:tc>{p('c')}</w:tc><w:tc>{p('d')}</w:tc></w:tr></w:tbl>",
    footnotes=d.note(1, "n"), comments='<w:comment w:id="1"/>',
    relations={"p1": ("image", "media/1.png"), "l1": ("hyperlink", "https://example.org/")}, **{"word/media/1.png": d.png()},
)  # fmt: skip


@given(st.integers(0, 2**32), st.integers(1, 12))
@settings(max_examples=60, deadline=None)
def test_a_damaged_file_is_read_or_refused(seed: int, changes: int) -> None:
    chance, data = random.Random(seed), bytearray(WHOLE)
    for _ in range(changes):
        data[chance.randrange(len(data))] = chance.randrange(256)
    try:
        assert isinstance(word.read(bytes(data)), WordText)
    except WordError:
        return


@given(st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_a_document_with_its_xml_upset_is_read_or_refused(seed: int) -> None:
    """Elements and attributes renamed, taken out and doubled: whole as a zip, strange as a document."""
    chance = random.Random(seed)
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as package:
        parts: dict[str, Any] = {name: package.read(name) for name in package.namelist()}
    for name in list(parts):
        if name.endswith((".xml", ".rels")) and chance.random() < 0.5:
            words = parts[name].decode().replace(">", ">\0").replace(" w:", "\0 w:").split("\0")
            for _ in range(chance.randrange(1, 4)):
                at, other = chance.randrange(len(words)), chance.randrange(len(words))
                match chance.randrange(4):
                    case 0:
                        words[at] = words[other]
                    case 1:
                        words[at] = ""
                    case 2:
                        words.insert(at, words[other])
                    case _:
                        words[at] = words[at].replace('"1"', '"x"').replace("w:p", "w:tbl").replace("w:t>", "w:tc>")
            parts[name] = "".join(words)
    if chance.random() < 0.2:
        parts.pop(chance.choice(list(parts)))
    try:
        text = word.read(d.zipped(parts))
    except WordError:
        return
    clean = sanitise.sanitise(text.html)
    assert sanitise.sanitise(clean) == clean


def test_figures_that_libreoffice_moves_up_or_down_are_raised_or_lowered() -> None:
    size = '<w:sz w:val="19"/>'
    low, high, large = (f'<w:position w:val="{by}"/>{more}' for by, more in (("-2", size), ("8", size), ("8", "")))
    found = html(p("H", r("2", low), "O, x", r("2", high), ", y", r("2", large)))
    assert "H<sub>2</sub>O, x<sup>2</sup>, y2" in found
