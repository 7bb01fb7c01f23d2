/* Paste: what Word, Google Docs and LibreOffice mean by their styles, in plain elements. */

import { make, parse } from "./dom.js";
import { captionsToParagraphs, withoutStyles } from "./output.js";

function rename(element, name) {
  const renamed = document.createElement(name);
  renamed.append(...element.childNodes);
  element.replaceWith(renamed);
  return renamed;
}

function unwrap(element) {
  element.replaceWith(...element.childNodes);
}

const declares = (element, pattern) => pattern.test(element.dataset.style || "");

/** Italics, bold, superscript and subscript that are said by a style become elements. */
function styleToElements(root) {
  // Google Docs wraps everything in <b style="font-weight: normal">.
  for (const element of root.querySelectorAll("b[data-style], strong[data-style]")) {
    if (declares(element, /(?<![\w-])font-weight:\s*(normal|400)/i)) unwrap(element);
  }
  for (const element of root.querySelectorAll("i[data-style], em[data-style]")) {
    if (declares(element, /(?<![\w-])font-style:\s*normal/i)) unwrap(element);
  }
  const meanings = [
    [/(?<![\w-])font-style:\s*(italic|oblique)/i, "em", "em, i, h1, h2, h3, h4, h5, h6"],
    [/(?<![\w-])font-weight:\s*(bold|bolder|[6-9]00)/i, "strong", "strong, b, h1, h2, h3, h4, h5, h6, th"],
    [/(?<![\w-])vertical-align:\s*super/i, "sup", "sup"],
    [/(?<![\w-])vertical-align:\s*sub/i, "sub", "sub"],
  ];
  for (const element of root.querySelectorAll("span[data-style], font[data-style], p[data-style], a[data-style]")) {
    for (const [pattern, name, already] of meanings) {
      if (!declares(element, pattern) || element.closest(already) || !element.textContent.trim()) continue;
      const inside = document.createElement(name);
      inside.append(...element.childNodes);
      element.append(inside);
    }
  }
}

const elementBefore = (node) => {
  let before = node.previousSibling;
  while (before && (before.nodeType === Node.COMMENT_NODE || (before.nodeType === Node.TEXT_NODE && !before.textContent.trim()))) before = before.previousSibling;
  return before;
};

/** What was deleted with tracked changes, and comments with the marks that lead to them, are no part of the text. */
function withoutReview(root) {
  for (const element of root.querySelectorAll('del, .MsoCommentReference, a[href^="#_msocom"]')) element.remove();
  for (const element of root.querySelectorAll("[data-style]")) {
    if (declares(element, /mso-element:\s*comment/i)) element.remove();
  }
}

/** Word's lists are paragraphs with a bullet or number typed before them; how deep one stands, its style says. */
function listsOfWord(root) {
  let open = []; // the lists that the item before stands in, the outermost first: { list, level }
  for (const paragraph of [...root.querySelectorAll("p[data-style], p[class]")]) {
    const isItem = declares(paragraph, /mso-list:\s*l\d+/i) || /MsoListParagraph/.test(paragraph.className);
    if (!isItem) continue;
    const level = Number(/mso-list:[^;]*level(\d+)/i.exec(paragraph.dataset.style || "")?.[1] || 1);
    const sign = [...paragraph.querySelectorAll("[data-style]")].find((e) => declares(e, /mso-list:\s*ignore/i));
    const text = (sign ? sign.textContent : paragraph.textContent).trim();
    sign?.remove();
    if (!sign) paragraph.innerHTML = paragraph.innerHTML.replace(/^(\s|&nbsp;)*([·•o§–-]|\d+[.)])(\s|&nbsp;)+/, "");
    const name = /^(\(?\d+[.)]|\(?[a-z]{1,4}[.)])/i.test(text) ? "ol" : "ul";
    if (!open.length || elementBefore(paragraph) !== open[0].list) open = [];
    while (open.length && open.at(-1).level > level) open.pop();
    if (open.length && open.at(-1).level === level && open.at(-1).list.localName !== name) open.pop();
    if (!open.length || open.at(-1).level < level) {
      const list = document.createElement(name);
      const first = /^\(?(\d+)[.)]/.exec(text);
      if (name === "ol" && first && Number(first[1]) > 1) list.setAttribute("start", first[1]);
      const within = open.at(-1)?.list.lastElementChild;
      if (within) within.append(list);
      else paragraph.before(list);
      open.push({ list, level });
    }
    open.at(-1).list.append(rename(paragraph, "li"));
  }
}

/** Google Docs and old editors put a list beside the item that it belongs to. */
function listsIntoItems(root) {
  for (const list of root.querySelectorAll(":is(ul, ol) > :is(ul, ol)")) {
    const before = elementBefore(list);
    if (before?.localName === "li") before.append(list);
  }
}

/**
 * Footnotes: a number that leads to a place within the paste, from which a link leads back. Word, Google Docs,
 * LibreOffice and most web pages write them so. A number whose note was not copied stays a raised number.
 */
function footnotes(root) {
  const places = new Map();
  for (const element of root.querySelectorAll("[id], a[name]")) {
    for (const name of [element.id, element.getAttribute("name")]) if (name && !places.has(name)) places.set(name, element);
  }
  const found = [];
  const boxes = new Set();
  for (const link of [...root.querySelectorAll('a[href^="#"]')]) {
    const target = places.get(decode(link.getAttribute("href").slice(1)));
    if (!target || target === link || boxes.has(target) || [...boxes].some((box) => box.contains(link))) continue;
    const own = [link.id, link.getAttribute("name"), link.closest("[id]")?.id].filter(Boolean);
    const leadsBack = (a) => own.includes(decode((a.getAttribute("href") || "").slice(1)));
    let box = target.matches("p, li, div, aside, dd") ? target : target.closest("p, li, dd") || target;
    let back = [target, ...box.querySelectorAll("a")].find((a) => a.localName === "a" && a !== link && leadsBack(a));
    if (!back || box.contains(link)) continue;
    // A note of several paragraphs stands in an element of its own.
    const countBacks = (element) => [...element.querySelectorAll('a[href^="#"]')].filter((a) => places.has(decode(a.getAttribute("href").slice(1)))).length;
    while (box.parentElement !== root && box.parentElement.localName === "div" && !box.parentElement.contains(link) && countBacks(box.parentElement) === 1) box = box.parentElement;
    boxes.add(box);
    found.push({ link, box, back });
  }
  for (const { link, box, back } of found) {
    (back.closest("sup") || back).remove();
    const note = make("span", { class: "footnote" });
    const blocks = [...box.querySelectorAll("p, li, div, td")];
    for (const block of blocks) {
      block.append(" ");
      unwrap(block);
    }
    note.append(...box.childNodes);
    // What is left of the number: “1.”, “[1]”, an arrow.
    const first = note.ownerDocument.createTreeWalker(note, NodeFilter.SHOW_TEXT);
    while (first.nextNode()) {
      if (!first.currentNode.data.trim()) continue;
      first.currentNode.data = first.currentNode.data.replace(/^[\s\u00a0]*(?:\[?\d{1,3}[\].)])?[\s\u00a0]*/, "");
      break;
    }
    note.innerHTML = note.innerHTML.replace(/[\u21a9\u2191]\ufe0e?/g, "").trim();
    const number = link.closest("sup") && link.closest("sup").textContent.trim() === link.textContent.trim() ? link.closest("sup") : link;
    if (note.textContent.trim()) number.replaceWith(note);
    const around = box.parentElement;
    box.remove();
    // The line above the notes, and the list that held them.
    for (let left = around; left && left !== root && !left.textContent.trim(); left = left.parentElement) {
      left.querySelectorAll("hr").forEach((line) => line.remove());
    }
  }
  if (found.length) {
    for (const left of root.querySelectorAll("div, section, ol, ul")) if (!left.textContent.trim()) left.remove();
    if (root.lastElementChild?.localName === "hr") root.lastElementChild.remove();
  }
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function tidyLinks(root) {
  for (const link of root.querySelectorAll("a")) {
    const href = link.getAttribute("href") || "";
    // Google Docs sends links through itself; bookmarks lead to places that are not pasted.
    const through = /^https?:\/\/(?:www\.)?google\.[a-z.]+\/url\?(.*)$/i.exec(href);
    const target = through && new URLSearchParams(through[1].replaceAll("&amp;", "&")).get("q");
    if (target && /^https?:/i.test(target)) link.setAttribute("href", target);
    else if (/^#|^file:/i.test(href) || !href) unwrap(link);
  }
}

/** What is to be said of pictures in a paste, which do not come along; empty where there are none. */
export function picturesLeftOut(clipboard, hasButton) {
  const html = clipboard?.getData("text/html") || "";
  if (html.includes("data-pm-slice")) return "";
  const isPicture = clipboard && !html && !clipboard.getData("text/plain") && [...clipboard.files].some((file) => file.type.startsWith("image/"));
  const count = isPicture ? 1 : html ? parse(withoutStyles(html)).querySelectorAll('img:not([width="1"])').length : 0;
  if (!count) return "";
  const [some, them] = count === 1 ? ["A picture", "it"] : [`${count} pictures`, "them"];
  return `${some} did not come along with what you pasted.${hasButton ? ` Put ${them} in with the picture button.` : ""}`;
}

export function cleanPaste(html) {
  html = withoutStyles(html);
  if (html.includes("data-pm-slice")) return html; // copied in this editor, or in another of its kind
  const root = parse(html);
  for (const element of root.querySelectorAll("img, picture, svg, object, iframe, form, input, button, noscript, template, colgroup")) {
    element.remove();
  }
  // Docs says of everything that it runs from left to right, and puts line breaks between blocks.
  for (const element of root.querySelectorAll('[dir="ltr"]')) element.removeAttribute("dir");
  for (const line of root.querySelectorAll("br")) {
    if (line.parentElement.querySelector(":scope > :is(p, ul, ol, table, div, h1, h2, h3, h4)")) line.remove();
  }
  withoutReview(root);
  styleToElements(root);
  footnotes(root);
  listsOfWord(root);
  listsIntoItems(root);
  tidyLinks(root);
  captionsToParagraphs(root);
  const headings = { MsoTitle: "h2", MsoSubtitle: "h3", MsoQuote: "blockquote", MsoIntenseQuote: "blockquote" };
  for (const paragraph of root.querySelectorAll("p[class]")) {
    const name = Object.keys(headings).find((key) => paragraph.classList.contains(key));
    if (name === "blockquote") {
      const quote = document.createElement("blockquote");
      paragraph.before(quote);
      quote.append(paragraph);
    } else if (name) rename(paragraph, headings[name]);
  }
  for (const element of root.querySelectorAll("h1")) rename(element, "h2");
  for (const element of root.querySelectorAll("h5, h6")) rename(element, "h4");
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) texts.currentNode.data = texts.currentNode.data.replaceAll("\u00a0", " ");
  for (const element of root.querySelectorAll("p, h2, h3, h4")) {
    if (!element.textContent.trim() && !element.closest("td, th") && !element.querySelector("br + br")) element.remove();
  }
  return root.innerHTML;
}
