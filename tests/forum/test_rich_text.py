import os
from collections.abc import Iterator
from html import escape
from urllib.parse import urlencode

import pytest
from django import forms
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page, sync_playwright

from forum.rich_text import RichTextField, as_html
from prose import measure
from prose.sanitise import sanitise

# --- Without scripts ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "html"),
    [
        ("", ""),
        (" \r\n ", ""),
        ("One.", "<p>One.</p>"),
        ("One.\r\n\r\nTwo.", "<p>One.</p>\n<p>Two.</p>"),
        ("One\nline more.\n \n\n\nTwo.", "<p>One line more.</p>\n<p>Two.</p>"),
        ("One.\nTwo.\nThree.", "<p>One.</p>\n<p>Two.</p>\n<p>Three.</p>"),
        ("If a < b & c > d.", "<p>If a &lt; b &amp; c &gt; d.</p>"),
        ("5 <6 and <script>", "<p>5 &lt;6 and &lt;script&gt;</p>"),
        ("It is <em>so</em>.\n\nTwo.", "<p>It is <em>so</em>.</p>\n<p>Two.</p>"),
        ("<p>One.</p>\n\n<p>Two.</p>", "<p>One.</p>\n\n<p>Two.</p>"),
        ("<H2>Head</H2>Text", "<H2>Head</H2>Text"),
    ],
)
def test_plain_text_becomes_paragraphs(typed: str, html: str) -> None:
    assert as_html(typed) == html


@given(st.text())
def test_what_is_html_already_is_left_alone(text: str) -> None:
    once = as_html(text)
    assert as_html(once) == once


class Form(forms.Form):
    body = RichTextField(max_characters=100)


@pytest.mark.django_db
def test_too_long_is_refused_and_kept() -> None:
    form = Form({"body": "word " * 30})
    assert not form.is_valid()
    assert "149 characters, and at most 100 fit" in form.errors["body"][0]
    assert "word " * 30 in str(form["body"])
    assert "maxlength" not in str(form["body"])


def test_nul_characters_are_refused_cleanly() -> None:
    assert Form({"body": "a\x00b"}).errors["body"] == ["Null characters are not allowed."]


@pytest.mark.django_db
def test_required_is_said_by_the_server() -> None:
    assert Form({"body": " "}).errors["body"] == ["This field is required."]
    assert "required" not in str(Form()["body"])


# --- In a browser ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Playwright's own loop runs in this thread, which Django takes for an asynchronous view.
        before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield chromium
        chromium.close()
        if before is None:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def open_editor(browser: Browser, live_server) -> Iterator:
    contexts = []

    def open_it(body: str = "", width: int = 1100, query: dict[str, str] | None = None, **options) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.goto(f"{live_server.url}/?{urlencode({'body': body, **(query or {})})}")
        if options.get("java_script_enabled", True):
            page.wait_for_selector("[contenteditable]#id_body")
        return page

    yield open_it
    for context in contexts:
        context.close()


def stored(page: Page) -> str:
    page.click("text=Save")
    page.wait_for_selector("#stored", state="attached")
    return page.text_content("#stored") or ""


def clean(page: Page) -> None:
    assert page.evaluate("window.violations") == []


def paste(page: Page, html: str, plain: str = "plain") -> None:
    page.focus("#id_body")
    page.evaluate(
        """([html, plain]) => {
          const data = new DataTransfer();
          if (html) data.setData("text/html", html);
          data.setData("text/plain", plain);
          document.querySelector("#id_body").dispatchEvent(
            new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }""",
        [html, plain],
    )


@pytest.fixture
def editor_page(open_editor) -> Page:
    """A page that has loaded the modules."""
    return open_editor()


# As Word for Windows puts it on the clipboard, without most of its styles.
WORD = """<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta name=Generator
content="Microsoft Word 15"><!--[if gte mso 9]><xml><w:WordDocument></w:WordDocument></xml><![endif]--><style><!-- p.MsoNormal {margin:0cm} --></style>
</head><body lang=EN-AU style='tab-interval:36.0pt'><!--StartFragment-->
<h1>Debt and ports<o:p></o:p></h1>
<p class=MsoNormal>Lending fell<a style='mso-footnote-id:ftn1' href="#_ftn1" name="_ftnref1" title=""><span class=MsoFootnoteReference><span
style='mso-special-character:footnote'><![if !supportFootnotes]><span class=MsoFootnoteReference><span style='font-size:11.0pt;
vertical-align:super'>[1]</span></span><![endif]></span></span></a> in <b style='mso-bidi-font-weight:normal'>2019</b>.<a
style='mso-footnote-id:ftn2' href="#_ftn2" name="_ftnref2" title=""><span class=MsoFootnoteReference>[2]</span></a><o:p></o:p></p>
<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l1 level1 lfo2'><![if !supportLists]><span lang=EN-GB><span
style='mso-list:Ignore'>1.<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp; </span></span></span><![endif]>First<o:p></o:p></p>
<p class=MsoListParagraphCxSpMiddle style='margin-left:72.0pt;mso-list:l1 level2 lfo2'><![if !supportLists]><span style='font-family:"Courier New"'><span
style='mso-list:Ignore'>o<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp; </span></span></span><![endif]>within<o:p></o:p></p>
<p class=MsoListParagraphCxSpLast style='text-indent:-18.0pt;mso-list:l1 level1 lfo2'><![if !supportLists]><span><span
style='mso-list:Ignore'>2.<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp; </span></span></span><![endif]>Second<o:p></o:p></p>
<table class=MsoTableGrid border=1 cellspacing=0 cellpadding=0 style='border-collapse:collapse'><tr style='mso-yfti-irow:0'><td width=301 valign=top
style='width:225.4pt'><p class=MsoNormal>Year<o:p></o:p></p></td><td width=301><p class=MsoNormal>Loans<o:p></o:p></p></td></tr><tr><td><p
class=MsoNormal>2019<o:p></o:p></p></td><td><p class=MsoNormal>4<o:p></o:p></p></td></tr></table>
<p class=MsoNormal>After.<o:p></o:p></p>
<div style='mso-element:footnote-list'><![if !supportFootnotes]><br clear=all><hr align=left size=1 width="33%"><![endif]>
<div style='mso-element:footnote' id=ftn1><p class=MsoFootnoteText><a style='mso-footnote-id:ftn1' href="#_ftnref1" name="_ftn1" title=""><span
class=MsoFootnoteReference><span style='mso-special-character:footnote'><![if !supportFootnotes]><span
style='vertical-align:super'>[1]</span><![endif]></span></span></a> Kim Lee, <i>Ports of Call</i>, 2019, <a href="https://example.org/p">p. 3</a>.<o:p></o:p></p></div>
<div style='mso-element:footnote' id=ftn2><p class=MsoFootnoteText><a style='mso-footnote-id:ftn2' href="#_ftnref2" name="_ftn2" title=""><span
class=MsoFootnoteReference>[2]</span></a> See also the annex.<o:p></o:p></p><p class=MsoFootnoteText>It has two parts.<o:p></o:p></p></div></div>
<!--EndFragment--></body></html>"""


pytestmark_browser = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.forum.urls_rich_text")]


class TestInTheBrowser:
    pytestmark = pytestmark_browser

    def test_typed_spaces_and_quotes(self, open_editor) -> None:
        page = open_editor()
        page.click("#id_body")
        page.keyboard.type("He said 'it  is \"so\"' -- in the '90s, isn't it ")
        clean(page)
        assert stored(page) == "<p>He said ‘it  is “so”’ — in the ’90s, isn’t it </p>"

    def test_the_policy_is_the_sites_own(self, open_editor, client) -> None:
        policy = client.get("/").headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "sha256" not in policy
        assert "nonce" not in policy
        page = client.get("/").content.decode()
        assert "importmap" not in page

    def test_tools_make_what_they_say(self, open_editor) -> None:
        page = open_editor()
        page.click("#id_body")
        page.keyboard.type("Head")
        page.click("[aria-label=Heading]")
        page.keyboard.press("Enter")
        page.keyboard.press("Control+b")
        page.keyboard.type("bold")
        page.keyboard.press("Control+b")
        page.keyboard.type(" plain")
        page.keyboard.press("Enter")
        page.click("[aria-label='List with bullets']")
        page.keyboard.type("item")
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        page.click("[aria-label='Pull quote']")
        page.keyboard.type("pulled")
        page.wait_for_selector("[aria-label='Pull quote'][aria-pressed=true]")
        page.keyboard.press("Enter")
        page.keyboard.type("after")
        clean(page)
        assert stored(page) == (
            "<h2>Head</h2><p><strong>bold</strong> plain</p><ul><li><p>item</p></li></ul>"
            '<p class="pull">pulled</p><p>after</p>'
        )

    @pytest.mark.parametrize(
        ("typed", "href"),
        [
            ("example.org/a", "https://example.org/a"),
            ("http://example.org", "http://example.org"),
            ("/regions/", "/regions/"),
            ("me@example.org", "mailto:me@example.org"),
        ],
    )
    def test_a_link_by_keyboard(self, open_editor, typed: str, href: str) -> None:
        page = open_editor("<p>Word</p>")
        page.click("#id_body")
        page.keyboard.press("Control+a")
        page.keyboard.press("Control+k")
        page.wait_for_selector("dialog[open] input")
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
        page.wait_for_selector("#id_body a")
        clean(page)
        assert stored(page) == f'<p><a href="{href}">Word</a></p>'

    def test_a_link_that_is_a_script_is_not_made(self, open_editor) -> None:
        page = open_editor("<p>Word</p>")
        page.click("#id_body")
        page.keyboard.press("Control+a")
        page.click("[aria-label^='Link']")
        page.fill("dialog[open] input", "javascript:alert(1)")
        page.click("text=Set the link")
        page.wait_for_selector("dialog[open] [role=alert]:text('“javascript:” can’t be linked to')")
        assert page.evaluate("document.activeElement.getAttribute('aria-invalid')") == "true"
        page.keyboard.press("Escape")
        page.wait_for_selector("dialog", state="detached")
        assert stored(page) == "<p>Word</p>"

    def test_a_table(self, open_editor) -> None:
        page = open_editor()
        page.click("#id_body")
        page.click("[aria-label=Table]")
        page.keyboard.press("Tab")
        page.keyboard.type("Kept")
        page.keyboard.press("Shift+Tab")
        page.click("[aria-label='Delete the column']")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.click("[aria-label='Delete the row']")
        clean(page)
        html = stored(page)
        assert "Kept" in html
        assert html.count("<tr>") == 2
        assert html.count("<th>") == 2
        assert "colspan" not in html

    def test_a_table_has_a_head(self, open_editor) -> None:
        page = open_editor()
        page.click("#id_body")
        page.click("[aria-label=Table]")
        page.keyboard.type("Head")
        assert stored(page).startswith("<table><thead><tr><th><p>Head</p></th>")

    def test_words_paste(self, open_editor) -> None:
        page = open_editor()
        paste(
            page,
            """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta name=Generator content="Microsoft Word 15">
            <!--[if gte mso 9]><xml><o:x></o:x></xml><![endif]--><style>p.MsoNormal {margin:0cm}</style></head><body>
            <h1 style='margin-top:12pt'>Title<o:p></o:p></h1>
            <p class=MsoNormal style='margin:0cm'>An <i style='mso-bidi-font-style:normal'>italic</i> and a
            <span lang=EN-GB style='font-style:italic'>styled</span><span style='mso-spacerun:yes'>&nbsp; </span><b>word</b>.<o:p></o:p></p>
            <p class=MsoNormal><o:p>&nbsp;</o:p></p>
            <p class=MsoListParagraphCxSpFirst style='text-indent:-18pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
            style='font-family:Symbol;mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp; </span></span><![endif]>One</p>
            <p class=MsoListParagraphCxSpLast style='text-indent:-18pt;mso-list:l0 level1 lfo1'><span
            style='mso-list:Ignore'>·<span>&nbsp;&nbsp; </span></span>Two</p>
            <p class=MsoNormal>See<a style='mso-footnote-id:ftn1' href="#_ftn1" name="_ftnref1"><span
            style='vertical-align:super'>[1]</span></a> <img src="file:///C:/x.png" style="width:1px">end.</p></body></html>""",
        )
        clean(page)
        html = stored(page)
        assert "<h2>Title</h2>" in html
        assert "An <em>italic</em> and a <em>styled</em>" in html
        assert "<strong>word</strong>" in html
        assert "<ul><li><p>One</p></li><li><p>Two</p></li></ul>" in html
        assert "<sup>[1]</sup>" in html
        for rest in ("&nbsp;", "\xa0", "style=", "Mso", "<img", "#_ftn", "<p></p>", "h1"):
            assert rest not in html

    def test_google_docs_paste(self, open_editor) -> None:
        page = open_editor()
        paste(
            page,
            """<meta charset='utf-8'><b style="font-weight:normal;" id="docs-internal-guid-1"><p dir="ltr" style="line-height:1.38">
            <span style="font-weight:400;font-style:normal">Plain, </span><span style="font-weight:400;font-style:italic">italic</span><span
            style="font-weight:700;font-style:normal">bold</span> <a href="https://www.google.com/url?q=https://example.org/a&amp;sa=D"
            style="text-decoration:none"><span style="color:#1155cc">link</span></a></p></b>""",
        )
        clean(page)
        html = stored(page)
        assert "Plain, <em>italic</em><strong>bold</strong>" in html
        assert '<a href="https://example.org/a">link</a>' in html
        assert html.count("<strong>") == 1

    def test_what_was_deleted_and_commented_on_stays_out_of_a_paste(self, open_editor) -> None:
        page = open_editor()
        paste(
            page,
            """<p class=MsoNormal>Kept<del cite="mailto:A" datetime="2026-01-01T10:00"> gone</del><ins cite="mailto:A"> new</ins><span
            class=MsoCommentReference><a href="#_msocom_1" name="_msoanchor_1">[A1]</a></span>.</p><p><img src="file:///C:/a.png"></p>
            <div style='mso-element:comment-list'><hr class=msocomoff><div style='mso-element:comment'><p
            class=MsoCommentText>Is it so?</p></div></div>""",
        )
        clean(page)
        assert page.inner_text(".rich-text-left-out").startswith("A picture did not come along")
        paste(page, "<p>More</p>")
        assert page.inner_text(".rich-text-left-out") == ""
        assert stored(page) == "<p>Kept new.More</p>"

    def test_lists_with_numbers_have_no_attributes_without_a_value(self, open_editor) -> None:
        page = open_editor("<ol><li>One</li></ol>")
        assert page.eval_on_selector("#id_body ol", "list => list.attributes.length") == 0
        clean(page)

    def test_words_footnotes_lists_and_tables(self, open_editor) -> None:
        page = open_editor()
        paste(page, WORD)
        clean(page)
        assert stored(page) == (
            "<h2>Debt and ports</h2>"
            '<p>Lending fell<span class="footnote">Kim Lee, <em>Ports of Call</em>, 2019, <a href="https://example.org/p">p. 3</a>.</span>'
            ' in <strong>2019</strong>.<span class="footnote">See also the annex. It has two parts.</span></p>'
            "<ol><li><p>First</p><ul><li><p>within</p></li></ul></li><li><p>Second</p></li></ol>"
            "<table><tbody><tr><td><p>Year</p></td><td><p>Loans</p></td></tr><tr><td><p>2019</p></td><td><p>4</p></td></tr></tbody></table>"
            "<p>After.</p>"
        )

    @pytest.mark.parametrize(
        "html",
        [
            # Google Docs, as it exports a document
            """<p><span>Lending fell</span><sup><a href="#ftnt1" id="ftnt_ref1">[1]</a></sup><span> again.</span></p><hr class="c1">
            <div><p class="c2"><a href="#ftnt_ref1" id="ftnt1">[1]</a><span>&nbsp;Kim Lee, 2019.</span></p></div>""",
            # LibreOffice
            """<p>Lending fell<a class="sdfootnoteanc" name="sdfootnote1anc" href="#sdfootnote1sym"><sup>1</sup></a> again.</p>
            <div id="sdfootnote1"><p class="sdfootnote"><a class="sdfootnotesym" name="sdfootnote1sym" href="#sdfootnote1anc">1</a>Kim Lee, 2019.</p></div>""",
            # A web page, as most of them write it
            """<p>Lending fell<sup id="fnref:1"><a href="#fn:1">1</a></sup> again.</p><section class="footnotes"><hr><ol>
            <li id="fn:1"><p>Kim Lee, 2019. <a href="#fnref:1">\u21a9\ufe0e</a></p></li></ol></section>""",
        ],
    )
    def test_footnotes_from_elsewhere(self, open_editor, html: str) -> None:
        page = open_editor()
        paste(page, html)
        clean(page)
        assert stored(page) == '<p>Lending fell<span class="footnote">Kim Lee, 2019.</span> again.</p>'

    def test_google_docs_lists_and_tables(self, open_editor) -> None:
        page = open_editor()
        paste(
            page,
            """<meta charset='utf-8'><b style="font-weight:normal;" id="docs-internal-guid-2"><ul style="margin-top:0"><li dir="ltr"
            style="list-style-type:disc" aria-level="1"><p dir="ltr" role="presentation"><span style="font-weight:400">One</span></p></li><ul><li
            aria-level="2"><p role="presentation"><span>Within</span></p></li></ul><li><p><span>Two</span></p></li></ul><br /><div dir="ltr"
            style="margin-left:0pt;" align="left"><table style="border:none"><colgroup><col width="312" /></colgroup><tbody><tr
            style="height:0pt"><td style="border:solid"><p dir="ltr"><span style="font-weight:700">Year</span></p></td></tr></tbody></table></div></b>""",
        )
        clean(page)
        assert stored(page) == (
            "<ul><li><p>One</p><ul><li><p>Within</p></li></ul></li><li><p>Two</p></li></ul>"
            "<table><tbody><tr><td><p><strong>Year</strong></p></td></tr></tbody></table>"
        )

    # --- Footnotes

    def test_a_footnote_is_written_read_and_changed(self, open_editor) -> None:
        page = open_editor("<p>Lending fell.</p>")
        page.click("#id_body")
        page.keyboard.press("Control+End")
        page.keyboard.press("ArrowLeft")
        # The browser tells of a moved cursor a moment later; nobody presses keys that fast.
        page.wait_for_timeout(200)
        page.keyboard.press("Control+Alt+f")
        note = page.get_by_role("textbox", name="The note")
        note.wait_for()
        page.keyboard.press("Enter")
        page.wait_for_selector("[role=alert]:text('Type the note first.')")
        page.keyboard.type('Kim, "Ports", ')
        page.click("dialog [aria-label=Italic]")
        page.keyboard.type("Asia")
        page.keyboard.press("Enter")
        mark = page.get_by_role("button", name="Note: Kim, “Ports”, Asia")
        mark.focus()
        page.wait_for_selector(".rich-text-tip:text('Kim, “Ports”, Asia')")
        page.keyboard.press("Enter")
        note.wait_for()
        page.keyboard.press("End")
        page.keyboard.type(" 2019")
        page.click("text=Change the note")
        page.wait_for_selector("dialog", state="detached")
        page.wait_for_selector(".rich-text-count:text('2 words')")
        clean(page)
        assert stored(page) == ('<p>Lending fell<span class="footnote">Kim, “Ports”, <em>Asia 2019</em></span>.</p>')

    def test_a_footnote_is_removed(self, open_editor) -> None:
        page = open_editor('<p>Fell<span class="footnote">Kim.</span>.</p>')
        page.click(".rich-text-note")
        page.click("text=Remove the note")
        page.wait_for_selector(".rich-text-note", state="detached")
        assert stored(page) == "<p>Fell.</p>"

    # --- Pictures

    def test_a_picture_from_the_library(self, open_editor) -> None:
        page = open_editor("<p>One</p><p>Two</p>")
        page.click("#id_body p >> nth=0")
        page.click("[aria-label=Picture]")
        page.wait_for_selector(".rich-text-thumb >> nth=2")
        page.click("text=Put it into the text")
        page.wait_for_selector("[role=alert]:text('Choose a picture first')")
        page.click("text=Show more")
        page.wait_for_selector(".rich-text-thumb >> nth=5")
        page.fill("input[type=search]", "quay, 11")
        page.wait_for_selector("[role=status]:text-is('1 picture')")
        page.check(".rich-text-thumb input")
        page.get_by_label("Caption").last.fill("Cranes at dusk")
        page.click("text=Put it into the text")
        page.wait_for_selector("#id_body figure img")
        page.fill(".rich-text-picture input", "Three cranes")
        page.click("#id_body figcaption")
        page.keyboard.press("End")
        page.keyboard.type(", seen from the sea")
        page.keyboard.press("Enter")
        page.keyboard.type("Below")
        clean(page)
        assert stored(page) == (
            '<p>One</p><figure><img src="/media/images/aa/11.png" alt="Three cranes" width="1200" height="800"><figcaption>'
            "Cranes at dusk, seen from the sea</figcaption></figure><p>Below</p><p>Two</p>"
        )

    def test_a_picture_is_sent(self, open_editor) -> None:
        page = open_editor()
        page.click("#id_body")
        page.click("[aria-label=Picture]")
        page.click("text=Send a new picture")
        page.click("text=Send it")
        page.wait_for_selector("[role=alert]:text('Choose a file first.')")
        page.set_input_files("input[type=file]", {"name": "a.txt", "mimeType": "text/plain", "buffer": b"x"})
        page.click("text=Send it")
        page.wait_for_selector("[role=alert]:text('This file is not a JPEG, PNG or WebP picture.')")
        page.set_input_files("input[type=file]", {"name": "a.png", "mimeType": "image/png", "buffer": b"x"})
        page.locator(".rich-text-upload").get_by_label("What it shows").fill("A crane")
        page.locator(".rich-text-upload").get_by_label("Credit").fill("Photo: B")
        page.click("text=Send it")
        page.wait_for_selector(".rich-text-thumb :checked")
        page.click("text=Put it into the text")
        page.wait_for_selector("#id_body figure img")
        clean(page)
        assert 'src="/media/images/aa/99.png" alt="A crane"' in stored(page)

    def test_a_figure_is_removed(self, open_editor) -> None:
        page = open_editor(
            '<figure><img src="/media/images/aa/1.png" alt="A"><figcaption>C</figcaption></figure><p>Text</p>'
        )
        page.click("#id_body figcaption")
        page.click("[aria-label='Remove it from the text']")
        assert stored(page) == "<p>Text</p>"

    # --- Pages elsewhere

    def test_a_video_with_a_still(self, open_editor) -> None:
        page = open_editor("<p>One</p>")
        page.click("#id_body p")
        page.click("[aria-label='Video or page elsewhere']")
        page.keyboard.type("example")
        page.keyboard.press("Enter")
        page.wait_for_selector("[role=alert]:text('is no address yet')")
        page.get_by_label("Address").fill("youtube.com/watch?v=abc")
        page.get_by_label("What it is").fill("The port from above")
        page.get_by_label("Caption").fill("Filmed in 2019")
        page.click("text=Choose a still")
        page.check(".rich-text-thumb input >> nth=0")
        page.click("text=Use it")
        page.click("text=Put it into the text")
        page.wait_for_selector(".rich-text-embed >> text=Opens YouTube")
        clean(page)
        assert stored(page) == (
            '<p>One</p><figure class="embed"><a href="https://youtube.com/watch?v=abc"><img src="/media/images/aa/10.png" alt="Crane 10" '
            'width="1200" height="800"></a><figcaption>Filmed in 2019</figcaption></figure><p></p>'
        )

    def test_a_page_elsewhere_is_changed_and_removed(self, open_editor) -> None:
        body = '<figure class="embed"><a href="https://vimeo.com/1">Talk</a></figure><p>After</p>'
        page = open_editor(body)
        page.click("text=Change")
        page.get_by_label("What it is").fill("A talk")
        page.click("text=Change it")
        page.wait_for_selector(".rich-text-embed >> text=A talk")
        assert page.input_value("textarea[name=body]") == body.replace("Talk", "A talk")
        page.click("text=Change")
        page.click("text=Remove it")
        page.wait_for_selector(".rich-text-embed", state="detached")
        assert stored(page) == "<p>After</p>"

    def test_a_videos_address_pasted_alone_is_the_video(self, open_editor) -> None:
        page = open_editor()
        paste(page, "", "https://youtu.be/abc")
        page.wait_for_selector(".rich-text-embed >> text=Video on YouTube")
        page.keyboard.press("Control+z")
        page.wait_for_selector(".rich-text-embed", state="detached")
        clean(page)
        assert "https://youtu.be/abc" in stored(page)

    # --- Links

    def test_a_link_to_a_piece_of_ours(self, open_editor) -> None:
        page = open_editor("<p>See</p>")
        page.click("#id_body")
        page.keyboard.press("Control+End")
        page.keyboard.type(" ")
        page.keyboard.press("Control+k")
        page.get_by_label("Or a piece of ours").fill("nothing")
        page.wait_for_selector("text=No published piece has these words.")
        page.get_by_label("Or a piece of ours").fill("ports")
        page.click(".rich-text-found button")
        page.wait_for_selector("#id_body a")
        page.keyboard.type(" now")
        clean(page)
        assert stored(page) == '<p>See <a href="/2026/01/02/ports-of-call/">Ports of call</a> now</p>'

    @pytest.mark.parametrize(
        ("typed", "href"),
        [
            ("example.org", "https://example.org"),
            (" www.example.org/a b ", "https://www.example.org/a%20b"),
            ("https://example.org:8000/?a=b#c", "https://example.org:8000/?a=b#c"),
            ("mailto:me@example.org", "mailto:me@example.org"),
            ("/regions/", "/regions/"),
            ("#h-part", "#h-part"),
            ("例え.jp", "https://例え.jp"),
            ("", None),
            ("javascript:alert(1)", None),
            ("java\tscript:alert(1)", None),
            ("data:text/html,x", None),
            ("//example.org", None),
            ("/\\example.org", None),
            ("\\\\example.org", None),
            ("https:example.org", None),
            ("https://", None),
            ("https://exa mple.org", None),
            ("https://[::1", None),
            ("mailto:me", None),
            ("example", None),
            ("ftp://example.org", None),
        ],
    )
    def test_addresses_are_checked_as_they_are_kept(self, editor_page, typed: str, href: str | None) -> None:
        found = editor_page.evaluate(
            "async typed => (await import('/static/rich_text/addresses.js')).readAddress(typed)", typed
        )
        assert found.get("href") == href
        assert bool(found.get("problem")) == (href is None)
        kept = sanitise(f'<p><a href="{escape(href or typed)}">x</a></p>')
        if href is not None:
            assert f'href="{escape(href)}"' in kept

    # --- Quotation marks

    @pytest.mark.parametrize(
        ("language", "typed", "html"),
        [
            (
                "en-AU",
                "'it' \"is\" it's rock 'n' roll, '90s 1914--18 -- no",
                "‘it’ “is” it’s rock ’n’ roll, ’90s 1914–18 — no",
            ),
            ("en", "(\"a 'b' c\")", "(“a ‘b’ c”)"),
            ("de", "\"Ich hab's\" und 'ein Wort' -- so", "„Ich hab’s“ und ‚ein Wort‘ – so"),
            ("de", "'ich hab's gesagt'", "‚ich hab’s gesagt‘"),
            ("fr-FR", 'l\'eau "vive" !', "l’eau «&nbsp;vive&nbsp;» !"),
            ("ru", '"слово"', "«слово»"),
            ("pl", '"słowo"', "„słowo”"),
            ("sv", '"ord"', "”ord”"),
            ("ja", '東京は"大きい"と', "東京は「大きい」と"),
            ("zh-Hant-TW", '他說"好"', "他說「好」"),
            ("zh-Hans", '他说"好"', "他说“好”"),
            ("ko", '"말"', "“말”"),
            ("xx", '"a"', "“a”"),
        ],
    )
    def test_quotes_by_language(self, open_editor, language: str, typed: str, html: str) -> None:
        page = open_editor(query={"language": language})
        page.click("#id_body")
        page.keyboard.type(typed)
        clean(page)
        assert stored(page) == f"<p>{html}</p>"

    def test_undo_gives_back_the_straight_one(self, open_editor) -> None:
        page = open_editor()
        page.click("#id_body")
        page.keyboard.type('5"')
        page.keyboard.press("Control+z")
        page.keyboard.type(" wide --")
        page.keyboard.press("Control+z")
        assert stored(page) == '<p>5" wide --</p>'

    def test_code_keeps_what_is_typed(self, open_editor) -> None:
        page = open_editor("<pre><code>x</code></pre><p><code>y</code></p>")
        page.click("#id_body pre")
        page.keyboard.press("End")
        page.keyboard.type("=\"a\"--'b'")
        page.click("#id_body p code")
        page.keyboard.press("End")
        page.keyboard.type("='c'")
        assert stored(page) == "<pre><code>x=\"a\"--'b'</code></pre><p><code>y='c'</code></p>"

    # --- The whole

    def test_the_count_is_that_of_the_rendering(self, editor_page) -> None:
        texts = ["Kim–Trump summit — ‘fire and fury’", "中国经济正在增长", "2020年的GDP，增长。", "ประเทศไทย เศรษฐกิจ", "한국의 경제 성장", "👍🏽 yes", " ", "a\ufeffb",
                 "東京はNHKとJR", "AT&T < 5", "\u0301x", "ភាសាខ្មែរ 3 x", "re-election 3.5 %"]  # fmt: skip
        counted = editor_page.evaluate(
            "async texts => { const m = await import('/static/rich_text/words.js'); return texts.map(m.countWords) }",
            texts,
        )
        assert counted == [measure.words(text) for text in texts]

    def test_the_count_of_a_whole_text(self, open_editor) -> None:
        body = sanitise(
            '<h2>Head</h2><p>One<br>two<span class="footnote">not counted</span> re<strong>ception</strong></p><ul><li>a<ul><li>b</li></ul></li></ul>'
            '<table><tr><th>c</th><td>d</td></tr></table><hr><figure><img src="/media/a.png" alt="no"><figcaption>e f</figcaption></figure>'
            '<figure class="embed"><a href="https://a.example/b">g h</a><figcaption>i</figcaption></figure>'
        )
        page = open_editor(body)
        page.wait_for_selector(f".rich-text-count:text('{measure.words(body)} words')")

    def test_the_tools_are_reached_from_the_text(self, open_editor) -> None:
        page = open_editor("<p>Text</p>")
        page.click("#id_body")
        page.keyboard.press("Alt+F10")
        page.wait_for_selector("[aria-label=Heading]:focus")
        page.keyboard.press("End")
        page.wait_for_selector("[aria-label='Full screen']:focus")
        page.keyboard.press("Enter")
        page.wait_for_selector(".rich-text.is-full")
        assert page.evaluate("document.querySelector('button[type=submit]').closest('[inert]') !== null")
        page.keyboard.press("Escape")
        page.wait_for_selector(".rich-text:not(.is-full)")
        assert page.evaluate("document.querySelectorAll('[inert]').length") == 0
        page.keyboard.press("Alt+F10")
        page.keyboard.press("Escape")
        page.wait_for_selector("#id_body:focus")

    def test_tools_without_an_address_are_not_there(self, open_editor) -> None:
        page = open_editor("<p>Text</p>", query={"bare": "1"})
        assert page.locator("[aria-label=Picture]").count() == 0
        page.click("#id_body")
        page.keyboard.press("Control+k")
        page.wait_for_selector("dialog[open]")
        assert page.locator("text=Or a piece of ours").count() == 0

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_dialogs_fit_a_phone_and_axe_finds_nothing(self, open_editor, scheme: str) -> None:
        from axe_playwright_python.sync_playwright import Axe

        body = (
            '<p>Text<span class="footnote">Kim.</span></p><figure><img src="/media/images/aa/1.png" alt=""><figcaption>C</figcaption></figure>'
            '<figure class="embed"><a href="https://vimeo.com/1">Talk</a></figure>'
        )
        page = open_editor(body, width=360, color_scheme=scheme, bypass_csp=True)
        results = Axe().run(page, context="form")
        assert results.violations_count == 0, results.generate_report()
        for label in ("Picture", "Video or page elsewhere", "Footnote (Ctrl+Alt+F)", "Link (Ctrl+K)"):
            page.click("#id_body p")
            page.locator(f"[aria-label='{label}']").click()
            page.wait_for_selector("dialog[open]")
            page.wait_for_timeout(300)
            results = Axe().run(page, context="dialog")
            assert results.violations_count == 0, results.generate_report()
            box = page.locator("dialog[open]").bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 360
            assert box["y"] + box["height"] <= 800
            assert page.evaluate(
                "document.querySelector('dialog').scrollWidth <= document.querySelector('dialog').clientWidth"
            )
            small = page.evaluate(
                "[...document.querySelectorAll('dialog :is(button, input, summary)')].map(e => e.getBoundingClientRect()).filter(b => b.width && Math.min(b.width, b.height) < 24).length"
            )
            assert small == 0
            page.keyboard.press("Escape")
            page.wait_for_selector("dialog", state="detached")

    def test_opening_and_saving_keeps_what_a_text_may_hold(self, open_editor) -> None:
        body = (
            '<h2>Head</h2><p lang="ko">한국 <em lang="de">Wort</em><sup>2</sup><br>line <code>x</code></p><p class="pull">Pulled</p>'
            '<figure><img src="/media/a.jpg" alt="A" width="4" height="3"><figcaption>Words <em>on</em> it</figcaption></figure>'
            '<blockquote><p>Quoted</p></blockquote><ol start="3"><li><p>Three</p></li></ol><pre><code>code</code></pre><hr>'
            '<table><thead><tr><th scope="col"><p>H</p></th></tr></thead><tbody><tr><td><p>D</p></td></tr></tbody></table>'
            '<p dir="rtl"><a href="/regions/" title="T">link</a></p>'
        )
        page = open_editor(body)
        page.click("#id_body h2")
        page.keyboard.press("Home")
        page.keyboard.type("A ")
        clean(page)
        assert stored(page) == body.replace("<h2>Head", "<h2>A Head")

    def test_untouched_text_is_sent_as_it_came(self, open_editor) -> None:
        body = "<p>One</p>\n\n<div>odd</div>"
        assert stored(open_editor(body)) == body

    def test_tools_for_what_is_not_there_are_hidden(self, open_editor) -> None:
        page = open_editor("<p>Word <a href='/a/'>link</a></p>")
        page.click("#id_body p", position={"x": 5, "y": 10})
        page.wait_for_selector("[aria-label='Remove the link']", state="hidden")
        assert not page.is_visible("[aria-label='Delete the row']")
        page.click("#id_body a")
        page.wait_for_selector("[aria-label='Remove the link']", state="visible")

    def test_the_count_counts(self, open_editor) -> None:
        page = open_editor("<p>One two three.</p><ul><li>four</li></ul>")
        page.wait_for_selector(".rich-text-count:text('4 words, 1 min read; about 800 is usual')")
        page.click("#id_body")
        page.keyboard.press("Control+a")
        page.keyboard.type("Only")
        page.wait_for_selector(".rich-text-count:text('1 word, 1 min read')")

    def test_it_is_named_and_reached_by_keyboard_and_label(self, open_editor) -> None:
        page = open_editor("<p>Text</p>")
        editor = page.get_by_role("textbox", name="Text")
        assert editor.get_attribute("aria-multiline") == "true"
        page.click("label")
        page.wait_for_selector("#id_body:focus")
        page.keyboard.press("Shift+Tab")
        page.wait_for_selector("[aria-label=Heading]:focus")
        page.keyboard.press("ArrowRight")
        page.wait_for_selector("[aria-label=Subheading]:focus")
        page.keyboard.press("Tab")
        page.wait_for_selector("#id_body:focus")

    def test_on_a_phone_it_fits_and_can_be_hit(self, open_editor) -> None:
        page = open_editor("<p>Text " + "word " * 200 + "</p>", width=360)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        for box in page.evaluate(
            "[...document.querySelectorAll('.rich-text-tool:not([hidden])')].map(b => b.getBoundingClientRect().toJSON())"
        ):
            if box["width"]:
                assert min(box["width"], box["height"]) >= 24

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_axe_finds_nothing(self, open_editor, scheme: str) -> None:
        from axe_playwright_python.sync_playwright import Axe

        page = open_editor("<h2>Head</h2><p>Text and a <a href='/'>link</a></p>", color_scheme=scheme, bypass_csp=True)
        results = Axe().run(page, context="form")
        assert results.violations_count == 0, results.generate_report()

    def test_without_scripts_the_text_area_does_the_job(self, open_editor) -> None:
        page = open_editor(java_script_enabled=False)
        assert "empty line between paragraphs" in page.content()
        page.fill("textarea[name=body]", "One.\n\nTwo & three.")
        assert stored(page) == "<p>One.</p>\n<p>Two &amp; three.</p>"

    def test_if_the_editor_cannot_be_had_the_text_area_stays(self, browser: Browser, live_server) -> None:
        page = browser.new_page()
        page.route("**/django_prose_editor/editor.js", lambda route: route.abort())
        page.goto(live_server.url)
        page.wait_for_selector("textarea[data-is-plain]")
        page.fill("textarea[name=body]", "One.")
        assert stored(page) == "<p>One.</p>"
        page.close()
