/*
Copying, with a word that it is done. For a button that copies what stands on the page:

  <dt><button type="button" hidden data-copies="entry">Copy</button>
    <span role="status" data-copied="Copied." data-refused="Please select the text and copy it."></span></dt>
  <dd id="entry">…</dd>

The button stays hidden where a browser has no clipboard for us. `copy` is for other scripts: it puts text, and HTML where
there is any, on the clipboard, and says so in a status line.
*/
export async function copy(text, html, status) {
  try {
    if (html && window.ClipboardItem) {
      const type = (kind, data) => new Blob([data], { type: kind })
      await navigator.clipboard.write([
        new ClipboardItem({ "text/plain": type("text/plain", text), "text/html": type("text/html", html) }),
      ])
    } else {
      await navigator.clipboard.writeText(text)
    }
    say(status, status.dataset.copied)
    return true
  } catch {
    say(status, status.dataset.refused)
    return false
  }
}

/** A status that says the same again is not read aloud: empty it first. */
function say(status, words) {
  status.textContent = ""
  requestAnimationFrame(() => { status.textContent = words })
}

/** What a person would get who selected it: one line, without the breaks of the markup. */
function textOf(element) {
  return element.textContent.replace(/\s+/g, " ").trim()
}

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copies]")) {
    const source = document.getElementById(button.dataset.copies)
    const status = button.parentElement.querySelector("[data-copied]")
    if (!source || !status) continue
    button.hidden = false
    button.addEventListener("click", () => copy(textOf(source), source.innerHTML.trim(), status))
  }
}
