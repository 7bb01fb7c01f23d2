/* What a text is made of: the elements that prose/sanitise.py keeps, no others. */

import { siteOf } from "./addresses.js";
import { make, parse } from "./dom.js";
import { typographyFrom } from "./quotes.js";

const quiet = { addInputRules: () => [], addPasteRules: () => [] };

/** Marks within a line, in the text and in its notes alike. */
export function marksFrom(api) {
  return [
    api.Bold, api.Italic, api.Superscript, api.Subscript, api.Code.extend(quiet),
    api.Link.configure({ enableTarget: false, autolink: false, linkOnPaste: true, openOnClick: false, defaultProtocol: "https", protocols: ["mailto"] }),
  ];
}

/** The words of a note with the marks that it may have, and nothing else. */
function noteHtml(element) {
  const root = parse(element.innerHTML);
  for (const [from, to] of [["i", "em"], ["b", "strong"]]) {
    for (const old of root.querySelectorAll(from)) {
      const renamed = make(to);
      renamed.append(...old.childNodes);
      old.replaceWith(renamed);
    }
  }
  for (const inner of [...root.querySelectorAll("*")]) {
    if (!inner.matches("em, strong, sup, sub, code, a[href]")) inner.replaceWith(...inner.childNodes);
    else for (const { name } of [...inner.attributes]) if (!["href", "title", "rel", "lang", "dir"].includes(name)) inner.removeAttribute(name);
  }
  return root.innerHTML.trim();
}

/** `actions`: what the nodes open when they are pressed, `{ editNote, editEmbed, tip }`. */
export function extensionsFrom(api, { language, actions }) {
  const { Extension, Node: NodeType, mergeAttributes } = api;

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
    addKeyboardShortcuts() {
      return { ...this.parent?.(), Enter: ({ editor }) => leavePullQuote(editor) };
    },
  });

  // --- Pictures: within a figure with their description to be typed; in a line as an older text has them.
  const imageAttributes = { src: { default: null }, alt: { default: null }, width: { default: null }, height: { default: null } };
  const Picture = NodeType.create({
    name: "picture",
    group: "pictured",
    draggable: true,
    addAttributes: () => imageAttributes,
    parseHTML: () => [{ tag: "img[src]", context: "figure/", priority: 60 }],
    renderHTML: ({ HTMLAttributes }) => ["img", HTMLAttributes],
    addNodeView: () => pictureView,
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
    content: "(picture | table | blockquote | codeBlock | paragraph)+ caption",
    isolating: true,
    parseHTML: () => [{ tag: "figure" }],
    renderHTML: ({ HTMLAttributes }) => ["figure", HTMLAttributes, 0],
  });
  const Caption = NodeType.create({
    name: "caption",
    content: "inline*",
    parseHTML: () => [{ tag: "figcaption" }],
    renderHTML: ({ HTMLAttributes }) => ["figcaption", HTMLAttributes, 0],
    addKeyboardShortcuts: () => ({ Enter: ({ editor }) => leaveCaption(editor) }),
  });

  // --- A page elsewhere: a still or a title that leads there, and a caption.
  const Embed = NodeType.create({
    name: "embed",
    group: "block",
    content: "embedLink caption",
    isolating: true,
    draggable: true,
    parseHTML: () => [{ tag: "figure.embed", priority: 70, getAttrs: (element) => (element.querySelector("a[href^=http]") ? null : false) }],
    renderHTML: ({ HTMLAttributes }) => ["figure", mergeAttributes({ class: "embed" }, HTMLAttributes), 0],
  });
  const EmbedLink = NodeType.create({
    name: "embedLink",
    atom: true,
    selectable: true,
    addAttributes: () =>
      Object.fromEntries(
        ["href", "title", "src", "alt", "width", "height"].map((name) => [
          name,
          {
            default: null,
            rendered: false,
            parseHTML: (link) => {
              if (name === "href") return link.getAttribute("href");
              const still = link.querySelector("img");
              return name === "title" ? link.textContent.trim() || still?.getAttribute("alt") || null : still?.getAttribute(name) ?? null;
            },
          },
        ]),
      ),
    parseHTML: () => [{ tag: "a[href]", context: "embed/", priority: 80 }],
    renderHTML: ({ node: { attrs } }) => {
      const image = Object.fromEntries(["src", "alt", "width", "height"].filter((name) => attrs[name] !== null).map((name) => [name, attrs[name]]));
      return ["a", { href: attrs.href }, attrs.src ? ["img", image] : attrs.title || attrs.href || ""];
    },
    addNodeView: () => (view) => embedView(view, actions),
  });

  // --- A footnote: its words are kept as HTML, and written in a dialog of its own.
  const Footnote = NodeType.create({
    name: "footnote",
    group: "inline",
    inline: true,
    atom: true,
    draggable: true,
    addAttributes: () => ({ html: { default: "", rendered: false, parseHTML: noteHtml } }),
    parseHTML: () => [{ tag: "span.footnote", priority: 70 }],
    renderHTML: ({ node, HTMLAttributes }) => {
      const note = make("span", { class: "footnote", ...HTMLAttributes });
      note.append(...[...parse(node.attrs.html).childNodes].map((child) => document.importNode(child, true)));
      return note;
    },
    renderText: () => "",
    addNodeView: () => (view) => noteView(view, actions),
  });

  // Language and direction of a passage are the author's word on how it is read out.
  const Languages = Extension.create({
    name: "languages",
    addGlobalAttributes: () => [
      {
        types: [
          "paragraph", "heading", "blockquote", "listItem", "bulletList", "orderedList", "codeBlock", "table", "tableCell",
          "tableHeader", "figure", "caption", "embed", "footnote", "bold", "italic", "superscript", "subscript", "link",
        ],
        attributes: Object.fromEntries(["lang", "dir"].map((name) => [name, { default: null, parseHTML: (e) => e.getAttribute(name) }])),
      },
      { types: ["tableHeader"], attributes: { scope: { default: null, parseHTML: (e) => e.getAttribute("scope") } } },
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
    // The one that comes with it writes lang="null" and a kind of numbering that is not defined.
    addNodeView: () => ({ HTMLAttributes }) => {
      const dom = make("ol", HTMLAttributes);
      return { dom, contentDOM: dom };
    },
  });

  return [
    api.Document, api.Text, Paragraph, api.HardBreak, api.History, api.Dropcursor, api.Gapcursor,
    api.Heading.configure({ levels: [2, 3, 4] }),
    ...marksFrom(api),
    api.BulletList, OrderedList, api.ListItem, api.Blockquote, api.HorizontalRule, api.CodeBlock.extend(quiet),
    api.Table, api.TableRow, api.TableHeader, api.TableCell,
    Picture, InlinePicture, Figure, Caption, Embed, EmbedLink, Footnote, Languages, typographyFrom(api, language),
  ];
}

// --- How they look in the editor ---------------------------------------------------------------------------

const inControls = (event) => event.target instanceof Element && Boolean(event.target.closest("input, button, label"));

/** A picture with its description beneath it, to be typed in place. */
function pictureView({ node, editor, getPos }) {
  const image = make("img");
  const input = make("input", { type: "text", maxlength: 300, disabled: !editor.isEditable });
  const dom = make(
    "div", { class: "rich-text-picture", contenteditable: "false" }, image,
    make("label", {}, make("span", {}, "What it shows"), input),
  );
  const show = ({ attrs }) => {
    for (const name of ["src", "width", "height"]) if (attrs[name]) image.setAttribute(name, attrs[name]);
    image.alt = attrs.alt || "";
    if (input.value !== (attrs.alt || "")) input.value = attrs.alt || "";
    dom.toggleAttribute("data-lacks-words", !(attrs.alt || "").trim());
  };
  show(node);
  input.addEventListener("input", (event) => {
    event.stopPropagation();
    editor.view.dispatch(editor.state.tr.setNodeAttribute(getPos(), "alt", input.value));
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    editor.chain().focus().setNodeSelection(getPos()).run();
  });
  return {
    dom,
    update: (after) => after.type === node.type && (show(after), true),
    stopEvent: inControls,
    ignoreMutation: () => true,
  };
}

function embedView({ node, editor, getPos }, { editEmbed }) {
  const still = make("img", { hidden: true });
  const title = make("b", { dir: "auto" });
  const leads = make("span");
  const change = make("button", { type: "button", disabled: !editor.isEditable, onclick: () => editEmbed(editor, getPos()) }, "Change");
  const dom = make("div", { class: "rich-text-embed", contenteditable: "false" }, still, make("span", {}, title, leads), change);
  const show = ({ attrs }) => {
    still.hidden = !attrs.src;
    if (attrs.src) still.src = attrs.src;
    still.alt = attrs.alt || "";
    title.textContent = attrs.title || attrs.alt || attrs.href || "";
    leads.textContent = ` Opens ${siteOf(attrs.href) || attrs.href}`;
    change.setAttribute("aria-label", `Change: ${title.textContent}`);
  };
  show(node);
  return {
    dom,
    update: (after) => after.type === node.type && (show(after), true),
    stopEvent: inControls,
    ignoreMutation: () => true,
  };
}

/** The number of a note, which the style sheet counts; its words are shown while it is pointed at or has the focus. */
function noteView({ node, editor, getPos }, { editNote, tip }) {
  const dom = make("span", { class: "rich-text-note", role: "button", tabindex: "0", contenteditable: "false" });
  let words = "";
  const show = ({ attrs }) => {
    words = parse(attrs.html).textContent.trim();
    dom.setAttribute("aria-label", `Note: ${words}`);
  };
  show(node);
  const open = (event) => {
    event.preventDefault();
    tip.hide();
    if (editor.isEditable) editNote(editor, getPos());
  };
  dom.addEventListener("click", open);
  dom.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") open(event);
  });
  for (const kind of ["mouseenter", "focus"]) dom.addEventListener(kind, () => tip.show(dom, words));
  for (const kind of ["mouseleave", "blur"]) dom.addEventListener(kind, tip.hide);
  return {
    dom,
    update: (after) => after.type === node.type && (show(after), true),
    stopEvent: (event) => event.type === "click" || (event.type === "keydown" && (event.key === "Enter" || event.key === " ")),
    ignoreMutation: () => true,
    selectNode: () => (dom.classList.add("ProseMirror-selectednode"), tip.show(dom, words)),
    deselectNode: () => (dom.classList.remove("ProseMirror-selectednode"), tip.hide()),
    destroy: tip.hide,
  };
}

/** Enter at the end of a pull quote goes on in the text, and in an empty one makes it text again. */
function leavePullQuote(editor) {
  const { $from, empty } = editor.state.selection;
  const { parent } = $from;
  if (!empty || parent.type.name !== "paragraph" || !parent.attrs.isPull || $from.parentOffset < parent.content.size) return false;
  const chain = editor.chain();
  if (parent.content.size) chain.splitBlock();
  return chain.updateAttributes("paragraph", { isPull: false }).scrollIntoView().run();
}

/** Enter at a caption goes on below the figure. */
function leaveCaption(editor) {
  const { $from } = editor.state.selection;
  if ($from.parent.type.name !== "caption") return false;
  const after = $from.after($from.depth - 1);
  const next = editor.state.doc.nodeAt(after);
  const chain = editor.chain();
  if (next?.type.name !== "paragraph" || next.content.size) chain.insertContentAt(after, { type: "paragraph" });
  return chain.setTextSelection(after + 1).scrollIntoView().run();
}
