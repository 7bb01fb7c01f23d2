/*
Copies a marked passage with its source and an address that leads to the passage itself (a text fragment). Markup:
templates/articles/_quote.html; what the source is says .body itself. Copying as such is left alone.

The button never lies over the text: on a wide screen it stands in the margin at the end of what is marked, else at
the foot of the screen. In the document it follows the paragraph in which the marking ends, so that it is the next thing
that the Tab key reaches. Escape takes it away.
*/
const LEAST = 12
const LONG = 90
const EDGE = 5 // words

const body = document.querySelector(".body[data-cited-as]")
const tool = document.querySelector(".quote-tool")
const home = tool?.parentElement

/** The marked part of the text, or null: what lies outside of it, or is a word or two, is no quotation. */
function marked() {
  const selection = getSelection()
  if (!selection.rangeCount || selection.isCollapsed) return null
  const range = selection.getRangeAt(0)
  return body.contains(range.commonAncestorContainer) && String(range).trim().length >= LEAST ? range : null
}

/** The words of a passage, a line for each paragraph; the numbers of notes are no part of a quotation. */
function words(range, hasNumbers = false) {
  const part = document.createElement("div")
  part.append(range.cloneContents())
  for (const note of part.querySelectorAll(hasNumbers ? ".quote-tool" : ".note-ref, .note-back, .quote-tool")) note.remove()
  for (const block of part.querySelectorAll("p, li, h2, h3, h4, figcaption, tr, blockquote")) block.append("\n")
  return part.textContent.split("\n").map((line) => line.replace(/\s+/g, " ").trim()).filter(Boolean)
}

const segments = (text) => new Intl.Segmenter(body.lang || "en", { granularity: "word" }).segment(text)

/** The first or last few words of a line, in any script. */
function edge(line, isLast) {
  const found = [...segments(line)].filter((one) => one.isWordLike)
  if (found.length <= EDGE) return line
  const [first, last] = isLast ? [found.at(-EDGE), found.at(-1)] : [found[0], found[EDGE - 1]]
  return line.slice(first.index, last.index + last.segment.length)
}

/** The marked part with the words whole at both its ends: browsers look for whole words. */
function withWholeWords(range) {
  const whole = range.cloneRange()
  const { startContainer: first, startOffset: from, endContainer: last, endOffset: to } = range
  const start = first.nodeType === Node.TEXT_NODE && segments(first.data).containing(from)
  if (start?.isWordLike) whole.setStart(first, start.index)
  const end = last.nodeType === Node.TEXT_NODE && to > 0 && segments(last.data).containing(to - 1)
  if (end?.isWordLike) whole.setEnd(last, end.index + end.segment.length)
  return whole
}

/** The passage as a text fragment: whole where it is short, else from its first words to its last. */
function fragment(range) {
  // As it stands on the page, the numbers of notes included.
  const lines = words(withWholeWords(range), true)
  const encoded = (text) => encodeURIComponent(text).replaceAll("-", "%2D")
  if (lines.length === 1 && lines[0].length <= LONG) return encoded(lines[0])
  return `${encoded(edge(lines[0], false))},${encoded(edge(lines.at(-1), true))}`
}

function quotation(range) {
  const { citedAs, address } = body.dataset
  // A browser that can't tell words apart gets the address of the piece.
  const place = Intl.Segmenter ? `#:~:text=${fragment(range)}` : ""
  return `“${words(range).join("\n\n")}”\n\n${citedAs}\n${address}${place}`
}

function put(range) {
  const end = range.endContainer
  const last = (end.nodeType === Node.ELEMENT_NODE ? end.childNodes[Math.max(range.endOffset - 1, 0)] ?? end : end)
  let block = last.nodeType === Node.ELEMENT_NODE ? last : last.parentElement
  while (block !== body && block.parentElement !== body) block = block.parentElement
  if (block !== body && block.nextElementSibling !== tool) block.after(tool)
  const rects = range.getClientRects()
  const foot = rects[rects.length - 1]?.bottom ?? range.getBoundingClientRect().bottom
  tool.style.setProperty("--at", `${foot - body.getBoundingClientRect().top}px`)
  tool.hidden = false
}

function away() {
  if (tool.hidden) return
  tool.hidden = true
  home.append(tool)
}

if (body && tool && navigator.clipboard) {
  const button = tool.querySelector("button")
  const status = tool.querySelector("[role=status]")
  const label = button.textContent
  let waiting, range

  document.addEventListener("selectionchange", () => {
    clearTimeout(waiting)
    // Once the marking rests: while it is drawn nothing moves.
    waiting = setTimeout(() => {
      if (tool.contains(document.activeElement)) return
      range = marked()
      if (range) put(range)
      else away()
    }, 250)
  })
  // A press on the button must not take the marking away.
  button.addEventListener("pointerdown", (event) => event.preventDefault())
  button.addEventListener("click", async () => {
    if (!range) return
    await navigator.clipboard.writeText(quotation(range))
    status.textContent = button.textContent = button.dataset.done
    setTimeout(() => { button.textContent = label; status.textContent = "" }, 2500)
  })
  document.addEventListener("keydown", (event) => {
    if (tool.hidden) return
    // Where the marking was not drawn with the mouse, browsers go on from wherever they were before.
    if (event.key === "Tab" && !event.shiftKey && document.activeElement === document.body) {
      event.preventDefault()
      button.focus({ preventScroll: true })
    }
    if (event.key !== "Escape") return
    const had = tool.contains(document.activeElement)
    away()
    if (had) document.activeElement?.blur()
  })
}
