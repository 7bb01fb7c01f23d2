import os
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from django import forms
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page, sync_playwright

from forum.rich_text import RichTextField, as_html

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


def test_too_long_is_refused_and_kept() -> None:
    form = Form({"body": "word " * 30})
    assert not form.is_valid()
    assert "149 characters, and at most 100 fit" in form.errors["body"][0]
    assert "word " * 30 in str(form["body"])
    assert "maxlength" not in str(form["body"])


def test_nul_characters_are_refused_cleanly() -> None:
    assert Form({"body": "a\x00b"}).errors["body"] == ["Null characters are not allowed."]


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

    def open_it(body: str = "", width: int = 1100, **options) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.goto(f"{live_server.url}/?{urlencode({'body': body})}")
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


def paste(page: Page, html: str) -> None:
    page.focus("#id_body")
    page.evaluate(
        """html => {
          const data = new DataTransfer();
          data.setData("text/html", html);
          data.setData("text/plain", "plain");
          document.querySelector("#id_body").dispatchEvent(
            new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }""",
        html,
    )


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
        page.click("[aria-label='Pull quote']")
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
        assert "javascript" not in stored(page)

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
