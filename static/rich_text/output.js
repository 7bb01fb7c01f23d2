/* What is read into the editor, and what the form sends. */

import { make, parse } from "./dom.js";

/** The same HTML without inline styles, which the policy blocks even in a document that is never shown. */
export function withoutStyles(html) {
  return html
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/<(style|script|xml|title)\b[\s\S]*?<\/\1\s*>/gi, "")
    .replace(/<\/?(?:meta|link|base|o:\w+|w:\w+|v:\w+|st1:\w+)\b[^>]*>/gi, "")
    .replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\sstyle(?=\s*=)/gi, " data-style").replace(/\son\w+(?=\s*=)/gi, " data-on"));
}

/** What the editor's tables can't hold is kept as a paragraph before them. */
export function captionsToParagraphs(root) {
  for (const caption of root.querySelectorAll("table > caption")) {
    const paragraph = make("p");
    paragraph.append(...caption.childNodes);
    caption.parentElement.before(paragraph);
    caption.remove();
  }
}

/** A first row of headings becomes the table's head, spans of one are not worth saying, nor captions without words. */
export function htmlOf(editor) {
  const { doc } = editor.state;
  let hasMore = false;
  doc.descendants((node) => void (hasMore ||= (node.isAtom && !node.isText && node.type.name !== "hardBreak") || node.type.name === "embed"));
  if (!hasMore && !doc.textContent.trim()) return "";
  const html = editor.getHTML();
  if (!/<table|<figcaption/.test(html)) return html;
  const root = parse(html);
  for (const caption of root.querySelectorAll("figcaption")) {
    if (!caption.textContent.trim() && !caption.querySelector("img")) caption.remove();
  }
  for (const cell of root.querySelectorAll("th, td")) {
    for (const name of ["colspan", "rowspan"]) if (cell.getAttribute(name) === "1") cell.removeAttribute(name);
  }
  for (const table of root.querySelectorAll("table")) {
    const first = table.rows[0];
    if (first && table.rows.length > 1 && [...first.cells].every((cell) => cell.localName === "th" && cell.rowSpan === 1)) {
      table.createTHead().append(first);
    }
  }
  return root.innerHTML;
}
