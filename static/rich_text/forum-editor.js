/*
 * Turns <textarea data-rich-text="address of django_prose_editor/editor.js"> into the editor of a piece's text.
 *
 * After that the page has
 *   <div class="rich-text">
 *     <div class="rich-text-tools" role="toolbar">…</div>
 *     <div contenteditable role="textbox" id="(the text area's id)">…</div>
 *     <p class="rich-text-count">812 words, 5 min read; about 800 is usual</p>
 *     <textarea hidden name="…">(always the present HTML; an "input" event tells of each change)</textarea>
 *   </div>
 *
 * The editor's own style sheet is not injected, which the site's policy would refuse: what it says stands in
 * forum-editor.css. If anything fails, the text area stays and does the job.
 */

// --- Paste: what Word and Google Docs mean by their styles, in plain elements -----------------------

/** The same HTML without inline styles, which the policy blocks even in a document that is never shown. */
function withoutStyles(html) {
  return html
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/<(style|script|xml|title)\b[\s\S]*?<\/\1\s*>/gi, "")
    .replace(/<\/?(?:meta|link|base|o:\w+|w:\w+|v:\w+|st1:\w+)\b[^>]*>/gi, "")
    .replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\sstyle(?=\s*=)/gi, " data-style").replace(/\son\w+(?=\s*=)/gi, " data-on"));
}

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

/** Word's lists are paragraphs with a bullet or number typed before them. */
function listsOfWord(root) {
  let list = null;
  let last = null;
  for (const paragraph of [...root.querySelectorAll("p[data-style], p[class]")]) {
    const isItem = declares(paragraph, /mso-list:\s*l\d+/i) || /MsoListParagraph/.test(paragraph.className);
    if (!isItem) continue;
    const sign = [...paragraph.querySelectorAll("[data-style]")].find((e) => declares(e, /mso-list:\s*ignore/i));
    const text = (sign ? sign.textContent : paragraph.textContent).trim();
    sign?.remove();
    if (!sign) paragraph.innerHTML = paragraph.innerHTML.replace(/^(\s|&nbsp;)*([·•o§–-]|\d+[.)])(\s|&nbsp;)+/, "");
    const name = /^(\(?\d+[.)]|\(?[a-z][.)])/i.test(text) ? "ol" : "ul";
    let before = paragraph.previousSibling;
    while (before && before.nodeType === Node.TEXT_NODE && !before.textContent.trim()) before = before.previousSibling;
    if (!list || before !== last || list.localName !== name) {
      list = document.createElement(name);
      paragraph.before(list);
    }
    list.append(rename(paragraph, "li"));
    last = list;
  }
}

function tidyLinks(root) {
  for (const link of root.querySelectorAll("a")) {
    const href = link.getAttribute("href") || "";
    // Google Docs sends links through itself; footnotes and bookmarks lead to places that are not pasted.
    const through = /^https?:\/\/(?:www\.)?google\.[a-z.]+\/url\?(.*)$/i.exec(href);
    const target = through && new URLSearchParams(through[1].replaceAll("&amp;", "&")).get("q");
    if (target && /^https?:/i.test(target)) link.setAttribute("href", target);
    else if (/^#|^file:/i.test(href) || !href) unwrap(link);
  }
}

/** What the editor's tables can't hold is kept as a paragraph before them. */
function captionsToParagraphs(root) {
  for (const caption of root.querySelectorAll("table > caption")) {
    const table = caption.parentElement;
    table.before(rename(caption, "p"));
  }
}

export function cleanPaste(html) {
  html = withoutStyles(html);
  if (html.includes("data-pm-slice")) return html; // copied in this editor, or in another of its kind
  const root = new DOMParser().parseFromString(html, "text/html").body;
  for (const element of root.querySelectorAll("img, picture, svg, object, iframe, form, input, button, noscript, template")) {
    element.remove();
  }
  styleToElements(root);
  listsOfWord(root);
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
    if (!element.textContent.trim() && !element.querySelector("br + br")) element.remove();
  }
  return root.innerHTML;
}

// --- Words: as prose/measure.py counts them ----------------------------------------------------------

const UNSPACED = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u{20000}-\u{3ffff}]/gu;
const WORD = /[\p{L}\p{N}_][\p{L}\p{N}\p{M}_'’.,-]*/gu;

export function countWords(text) {
  const unspaced = (text.match(UNSPACED) || []).length;
  return (text.replace(UNSPACED, " ").match(WORD) || []).length + Math.ceil(unspaced / 2);
}

function describeLength(words, usual) {
  if (!words) return usual ? `No words yet; about ${usual} is usual` : "No words yet";
  const length = `${words.toLocaleString("en-GB")} ${words === 1 ? "word" : "words"}, ${Math.ceil(words / 200)} min read`;
  return usual ? `${length}; about ${usual} is usual` : length;
}

// --- The text that the form sends ----------------------------------------------------------------------

/** A first row of headings becomes the table's head, and spans of one are not worth saying. */
function htmlOf(editor) {
  const { doc } = editor.state;
  let hasMore = false;
  doc.descendants((node) => void (hasMore ||= node.isAtom && !node.isText && node.type.name !== "hardBreak"));
  if (!hasMore && !doc.textContent.trim()) return "";
  const html = editor.getHTML();
  if (!html.includes("<table")) return html;
  const root = new DOMParser().parseFromString(html, "text/html").body;
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

// --- What the text is made of ----------------------------------------------------------------------------

function extensionsFrom(api) {
  const { Extension, InputRule, Node: NodeType, mergeAttributes, textInputRule } = api;

  const Paragraph = api.Paragraph.extend({
    addAttributes() {
      return {
        isPull: {
          default: false,
          parseHTML: (element) => element.classList.contains("pull"),
          renderHTML: ({ isPull }) => (isPull ? { class: "pull" } : {}),
        },
      };
    },
    addCommands() {
      return {
        ...this.parent?.(),
        togglePullQuote:
          () =>
          ({ commands, editor }) => {
            if (!editor.isActive("paragraph") && !commands.setParagraph()) return false;
            return commands.updateAttributes("paragraph", { isPull: !editor.isActive("paragraph", { isPull: true }) });
          },
      };
    },
  });

  // Pictures and what else may stand in an older text: not made here, but kept as they are.
  const imageAttributes = { src: { default: null }, alt: { default: null }, width: { default: null }, height: { default: null } };
  const Picture = NodeType.create({
    name: "picture",
    group: "pictured",
    draggable: true,
    addAttributes: () => imageAttributes,
    parseHTML: () => [{ tag: "img[src]", context: "figure/", priority: 60 }],
    renderHTML: ({ HTMLAttributes }) => ["img", HTMLAttributes],
  });
  const InlinePicture = NodeType.create({
    name: "inlinePicture",
    inline: true,
    group: "inline",
    addAttributes: () => imageAttributes,
    parseHTML: () => [{ tag: "img[src]" }],
    renderHTML: ({ HTMLAttributes }) => ["img", HTMLAttributes],
  });
  const Figure = NodeType.create({
    name: "figure",
    group: "block",
    content: "(picture | table | blockquote | codeBlock | paragraph)+ caption?",
    isolating: true,
    parseHTML: () => [{ tag: "figure" }],
    renderHTML: ({ HTMLAttributes }) => ["figure", HTMLAttributes, 0],
  });
  const Caption = NodeType.create({
    name: "caption",
    content: "inline*",
    parseHTML: () => [{ tag: "figcaption" }],
    renderHTML: ({ HTMLAttributes }) => ["figcaption", HTMLAttributes, 0],
  });

  // Language and direction of a passage are the author's word on how it is read out.
  const Languages = Extension.create({
    name: "languages",
    addGlobalAttributes: () => [
      {
        types: [
          "paragraph", "heading", "blockquote", "listItem", "bulletList", "orderedList", "codeBlock", "table", "tableCell",
          "tableHeader", "figure", "caption", "bold", "italic", "superscript", "subscript", "link",
        ],
        attributes: Object.fromEntries(["lang", "dir"].map((name) => [name, { default: null, parseHTML: (e) => e.getAttribute(name) }])),
      },
      { types: ["tableHeader"], attributes: { scope: { default: null, parseHTML: (e) => e.getAttribute("scope") } } },
    ],
  });

  // Typed quotation marks are turned the right way. Backspace at once gives back the straight one.
  const BEFORE_OPENING = "(?:^|[\\s{[(<\u2014\u2013\u2018\u201c'\"])";
  const Typography = Extension.create({
    name: "forumTypography",
    addInputRules: () => [
      textInputRule({ find: new RegExp(`${BEFORE_OPENING}(')$`), replace: "\u2018" }),
      textInputRule({ find: /'$/, replace: "\u2019" }),
      textInputRule({ find: new RegExp(`${BEFORE_OPENING}(")$`), replace: "\u201c" }),
      textInputRule({ find: /"$/, replace: "\u201d" }),
      textInputRule({ find: /(?:^|[^-])(--)$/, replace: "\u2014" }),
      // ’90s, not ‘90s
      new InputRule({
        find: /\u2018(\d0s)$/,
        handler: ({ state, range, match }) => void state.tr.insertText(`\u2019${match[1]}`, range.from, range.to),
      }),
    ],
  });

  // A number to start at, and no other kinds of numbering.
  const OrderedList = api.OrderedList.extend({
    addAttributes: () => ({
      start: {
        default: 1,
        parseHTML: (element) => Number.parseInt(element.getAttribute("start"), 10) || 1,
        renderHTML: ({ start }) => (start === 1 ? {} : { start }),
      },
    }),
  });

  const quiet = { addInputRules: () => [], addPasteRules: () => [] };
  return [
    api.Document, api.Text, Paragraph, api.HardBreak, api.History, api.Dropcursor, api.Gapcursor,
    api.Heading.configure({ levels: [2, 3, 4] }),
    api.Bold, api.Italic, api.Superscript, api.Subscript, api.Code.extend(quiet),
    api.Link.configure({ enableTarget: false, autolink: false, linkOnPaste: true, openOnClick: false, defaultProtocol: "https", protocols: ["mailto"] }),
    api.BulletList, OrderedList, api.ListItem, api.Blockquote, api.HorizontalRule, api.CodeBlock.extend(quiet),
    api.Table, api.TableRow, api.TableHeader, api.TableCell,
    Picture, InlinePicture, Figure, Caption, Languages, Typography,
  ];
}

// --- The tools above the text ------------------------------------------------------------------------------

const ICONS = {
  bullets: '<path d="M7 4.5h10M7 10h10M7 15.5h10"/><g fill="currentColor" stroke="none"><circle cx="3" cy="4.5" r="1.4"/><circle cx="3" cy="10" r="1.4"/><circle cx="3" cy="15.5" r="1.4"/></g>',
  numbers: '<path d="M8 4.5h9M8 10h9M8 15.5h9M2.2 3.3 3.6 2.5v4M2 8.6c.3-.7 2.3-.9 2.3.4 0 .9-1.6 1.5-2.3 2.5h2.5M2.1 13.7h2.3l-1.3 1.5c1.6-.1 1.7 2.3 0 2.3-.5 0-.9-.2-1.1-.6"/>',
  quote: '<path d="M3 3v14M7.5 5h9M7.5 10h9M7.5 15h6"/>',
  pull: '<path d="M3 3.5h14M3 16.5h14"/><path fill="currentColor" stroke="none" d="M9.2 6.8C7.3 7.6 6 9 6 11.2c0 1.4.8 2.2 1.8 2.2s1.7-.7 1.7-1.7c0-.9-.7-1.6-1.5-1.6h-.4c.1-1 .9-1.9 2-2.5zm5 0c-1.9.8-3.2 2.2-3.2 4.4 0 1.4.8 2.2 1.8 2.2s1.7-.7 1.7-1.7c0-.9-.7-1.6-1.5-1.6h-.4c.1-1 .9-1.9 2-2.5z"/>',
  link: '<path d="M8.2 11.8a3.4 3.4 0 0 0 4.9 0l3-3a3.5 3.5 0 0 0-4.9-4.9l-1 1M11.8 8.2a3.4 3.4 0 0 0-4.9 0l-3 3a3.5 3.5 0 0 0 4.9 4.9l1-1"/>',
  unlink: '<path d="M8.2 11.8a3.4 3.4 0 0 0 4.9 0l3-3a3.5 3.5 0 0 0-4.9-4.9l-1 1M11.8 8.2a3.4 3.4 0 0 0-4.9 0l-3 3a3.5 3.5 0 0 0 4.9 4.9l1-1M2.5 2.5l15 15"/>',
  table: '<rect x="2.5" y="3.5" width="15" height="13" rx="1"/><path d="M2.5 8h15M2.5 12.2h15M10 3.5v13"/>',
  rule: '<path d="M2.5 10h15"/>',
  undo: '<path d="M6.5 3.5 3 7l3.5 3.5M3 7h9a4.7 4.7 0 0 1 0 9.4H7"/>',
  redo: '<path d="M13.5 3.5 17 7l-3.5 3.5M17 7H8a4.7 4.7 0 0 0 0 9.4h5"/>',
};

const command = /Mac|iPhone|iPad/.test(navigator.platform) ? "\u2318" : "Ctrl+";

/** Each tool: sign (letters, or the name of an icon), words, what it does, whether it is on, whether it is shown. */
function toolGroups(editLink) {
  const run = (name, ...args) => (editor) => editor.chain().focus()[name](...args).run();
  const can = (name, ...args) => (editor) => editor.can()[name](...args);
  const inTable = (editor) => editor.isActive("table");
  const heading = (level, words) => ({
    sign: `H${level}`, words, run: run("toggleHeading", { level }), isOn: (editor) => editor.isActive("heading", { level }),
  });
  const mark = (name, sign, words, method) => ({ sign, words, className: `is-${name}`, run: run(method), isOn: (editor) => editor.isActive(name) });
  return [
    [heading(2, "Heading"), heading(3, "Subheading")],
    [mark("bold", "B", `Bold (${command}B)`, "toggleBold"), mark("italic", "I", `Italic (${command}I)`, "toggleItalic")],
    [
      { icon: "link", words: `Link (${command}K)`, run: editLink, isOn: (editor) => editor.isActive("link"), can: (editor) => !editor.state.selection.empty || editor.isActive("link") },
      { icon: "unlink", words: "Remove the link", run: run("unsetLink"), isShown: (editor) => editor.isActive("link") },
    ],
    [
      { icon: "bullets", words: "List with bullets", run: run("toggleBulletList"), isOn: (editor) => editor.isActive("bulletList") },
      { icon: "numbers", words: "List with numbers", run: run("toggleOrderedList"), isOn: (editor) => editor.isActive("orderedList") },
    ],
    [
      { icon: "quote", words: "Quotation", run: run("toggleBlockquote"), isOn: (editor) => editor.isActive("blockquote") },
      { icon: "pull", words: "Pull quote", run: run("togglePullQuote"), isOn: (editor) => editor.isActive("paragraph", { isPull: true }) },
    ],
    [
      { icon: "undo", words: `Undo (${command}Z)`, run: run("undo"), can: can("undo") },
      { icon: "redo", words: "Redo", run: run("redo"), can: can("redo") },
    ],
    [
      heading(4, "Small heading"),
      mark("superscript", "x²", "Superscript", "toggleSuperscript"),
      mark("subscript", "x₂", "Subscript", "toggleSubscript"),
      { icon: "table", words: "Table", run: run("insertTable", { rows: 3, cols: 3, withHeaderRow: true }), can: (editor) => !inTable(editor) },
      { icon: "rule", words: "Line across", run: run("setHorizontalRule") },
    ],
    [
      { sign: "+ row", words: "Add a row below", run: run("addRowAfter"), isShown: inTable },
      { sign: "+ column", words: "Add a column after", run: run("addColumnAfter"), isShown: inTable },
      { sign: "− row", words: "Delete the row", run: run("deleteRow"), isShown: inTable },
      { sign: "− column", words: "Delete the column", run: run("deleteColumn"), isShown: inTable },
      { sign: "Head row", words: "Turn the first row into headings, or back", run: run("toggleHeaderRow"), isShown: inTable },
      { sign: "− table", words: "Delete the table", run: run("deleteTable"), isShown: inTable },
    ],
  ];
}

function iconElement(name) {
  const svg = new DOMParser().parseFromString(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20" width="20" height="20" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">${ICONS[name]}</svg>`,
    "image/svg+xml",
  );
  return document.importNode(svg.documentElement, true);
}

/** A toolbar by the rules of ARIA: one stop of the Tab key, arrow keys within. */
function makeToolbar(editor, groups, controls) {
  const bar = document.createElement("div");
  bar.className = "rich-text-tools";
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "Formatting");
  bar.setAttribute("aria-controls", controls);
  const made = [];
  for (const group of groups) {
    const box = document.createElement("div");
    box.className = "rich-text-group";
    for (const tool of group) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = `rich-text-tool ${tool.className || ""}`.trim();
      button.title = tool.words;
      button.setAttribute("aria-label", tool.words);
      button.append(tool.icon ? iconElement(tool.icon) : tool.sign);
      // The selection in the text must survive the press.
      button.addEventListener("mousedown", (event) => event.preventDefault());
      button.addEventListener("click", () => {
        if (button.getAttribute("aria-disabled") !== "true") tool.run(editor);
      });
      box.append(button);
      made.push({ tool, button });
    }
    bar.append(box);
  }
  const shown = () => made.map(({ button }) => button).filter((button) => !button.hidden);
  const makeStop = (button) => {
    for (const other of made) other.button.tabIndex = other.button === button ? 0 : -1;
  };
  bar.addEventListener("focusin", (event) => makeStop(event.target));
  bar.addEventListener("keydown", (event) => {
    const buttons = shown();
    const at = buttons.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    buttons[(to + buttons.length) % buttons.length].focus();
  });
  const refresh = () => {
    for (const { tool, button } of made) {
      if (tool.isShown) button.hidden = !tool.isShown(editor);
      if (tool.isOn) button.setAttribute("aria-pressed", String(tool.isOn(editor)));
      if (tool.can) button.setAttribute("aria-disabled", String(!tool.can(editor)));
    }
    for (const box of bar.children) box.hidden = [...box.children].every((button) => button.hidden);
    if (!shown().some((button) => button.tabIndex === 0)) makeStop(shown()[0]);
  };
  makeStop(made[0].button);
  // On a phone the row scrolls; what is cut off at its end is faded there.
  const fade = () => bar.toggleAttribute("data-has-more", bar.scrollWidth - bar.clientWidth - bar.scrollLeft > 8);
  bar.addEventListener("scroll", fade, { passive: true });
  new ResizeObserver(fade).observe(bar);
  return { bar, refresh };
}

// --- One text area ---------------------------------------------------------------------------------------------

function turn(area, api) {
  const { id } = area;
  const label = id ? document.querySelector(`label[for="${CSS.escape(id)}"]`) : null;
  const frame = document.createElement("div");
  frame.className = "rich-text";
  const place = document.createElement("div");
  place.className = "rich-text-place";
  const count = document.createElement("p");
  count.className = "rich-text-count";
  count.id = `${id || area.name}_count`;
  if (label && !label.id) label.id = `${id}_label`;

  const attributes = {
    role: "textbox",
    "aria-multiline": "true",
    "aria-describedby": [area.getAttribute("aria-describedby"), count.id].filter(Boolean).join(" "),
    class: "rich-text-page",
    spellcheck: "true",
  };
  if (id) attributes.id = id;
  if (label) attributes["aria-labelledby"] = label.id;
  else attributes["aria-label"] = area.getAttribute("aria-label") || "Text";
  if (area.getAttribute("aria-invalid")) attributes["aria-invalid"] = area.getAttribute("aria-invalid");

  const linkDialog = api.updateAttrsDialog(
    { href: { type: "string", title: "Address of the page", format: "text" } },
    { title: "Link", submitText: "Set the link" },
  );
  const editLink = async (editor) => {
    if (editor.state.selection.empty && !editor.isActive("link")) return;
    const answer = await linkDialog(editor, editor.getAttributes("link"));
    if (!answer) return void editor.commands.focus();
    let href = answer.href.trim();
    if (/^[^\s@/]+@[^\s@/]+\.[^\s@/]+$/.test(href)) href = `mailto:${href}`;
    else if (href && !/^([a-z][a-z\d+.-]*:|\/)/i.test(href)) href = `https://${href}`;
    const chain = editor.chain().focus().extendMarkRange("link");
    (href ? chain.setLink({ href }) : chain.unsetLink()).run();
  };
  const Shortcuts = api.Extension.create({
    name: "forumShortcuts",
    priority: 1000,
    addKeyboardShortcuts() {
      return { "Mod-k": () => (editLink(this.editor), true) };
    },
  });

  const source = new DOMParser().parseFromString(withoutStyles(area.value), "text/html").body;
  captionsToParagraphs(source);

  area.before(frame);
  frame.append(place, count, area);
  let later;
  const countSoon = () => {
    clearTimeout(later);
    later = setTimeout(() => {
      count.textContent = describeLength(countWords(editor.getText({ blockSeparator: "\n\n" })), Number(area.dataset.usualWords));
    }, 250);
  };
  const editor = new api.Editor({
    element: place,
    editable: !area.disabled && !area.readOnly,
    injectCSS: false,
    extensions: [...extensionsFrom(api), Shortcuts],
    enableInputRules: ["forumTypography", "bulletList"],
    enablePasteRules: false,
    content: /</.test(area.value) ? source.innerHTML : "",
    editorProps: { attributes, transformPastedHTML: cleanPaste },
    onUpdate() {
      area.value = htmlOf(editor);
      area.dispatchEvent(new Event("input", { bubbles: true }));
      countSoon();
    },
  });
  if (area.value.trim() && !area.value.includes("<")) {
    // Plain text that the server gave back as it was typed.
    const paragraphs = area.value.split(/\n\s*\n/).map((text) => ({ type: "paragraph", content: [{ type: "text", text: text.replace(/\s+/g, " ").trim() }] }));
    editor.commands.setContent({ type: "doc", content: paragraphs }, { emitUpdate: false });
  }
  area.removeAttribute("id");
  area.hidden = true;
  const tools = makeToolbar(editor, toolGroups(editLink), id || "");
  if (editor.isEditable) frame.prepend(tools.bar);
  editor.on("transaction", tools.refresh);
  tools.refresh();
  countSoon();
  label?.addEventListener("click", () => editor.commands.focus());
  area.dispatchEvent(new CustomEvent("rich-text:ready", { bubbles: true, detail: { editor } }));
}

const areas = document.querySelectorAll("textarea[data-rich-text]");
if (areas.length) {
  try {
    const api = await import(areas[0].dataset.richText);
    for (const area of areas) turn(area, api);
  } catch (problem) {
    for (const area of areas) {
      area.hidden = false;
      area.dataset.isPlain = "";
    }
    console.error("The text editor did not start; the plain text area does the job.", problem);
  }
}
