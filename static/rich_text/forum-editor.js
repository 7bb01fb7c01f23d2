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
 * Also read from the text area: data-usual-words, data-language (of the piece, for its quotation marks), data-pictures
 * and data-pieces (where the library and published pieces are asked for; without them those tools are not there).
 *
 * The editor's own style sheet is not injected, which the site's policy would refuse: what it says stands in
 * forum-editor.css. If anything fails, the text area stays and does the job.
 */

import { isVideo } from "./addresses.js";
import { make, parse } from "./dom.js";
import { askForEmbed, usualTitle } from "./embeds.js";
import { askForLink } from "./links.js";
import { askForNote, setLink } from "./notes.js";
import { captionsToParagraphs, htmlOf, withoutStyles } from "./output.js";
import { cleanPaste, picturesLeftOut } from "./paste.js";
import { askForPicture } from "./pictures.js";
import { extensionsFrom } from "./schema.js";
import { makeToolbar, toolGroups } from "./tools.js";
import { countWords, describeLength, runningText } from "./words.js";

/** What the tools do that open a dialog, for one text area. */
function actionsFor(area, api, frame, tip) {
  const { pictures: picturesUrl, pieces: piecesUrl, language } = area.dataset;
  const token = () => area.form?.querySelector("[name=csrfmiddlewaretoken]")?.value || "";
  const captioned = (caption) => ({ type: "caption", content: caption ? [{ type: "text", text: caption }] : [] });
  let isAsking = false;
  // One dialog at a time: a second press, or a shortcut held down, must not open another.
  const alone = (work) => async (...args) => {
    if (isAsking) return;
    isAsking = true;
    tip.hide();
    try {
      await work(...args);
    } finally {
      isAsking = false;
    }
  };
  const actions = {
    tip,
    editLink: alone(async (editor) => {
      const asksWords = editor.state.selection.empty && !editor.isActive("link");
      const found = await askForLink({ href: editor.getAttributes("link").href || "", asksWords, piecesUrl });
      if (found) setLink(editor, found);
      else editor.commands.focus();
    }),
    addNote: alone(async (editor) => {
      const at = api.pm.state.Selection.near(editor.state.doc.resolve(editor.state.selection.to), -1).to;
      const found = await askForNote(api, { language, piecesUrl });
      if (found) editor.chain().focus().insertContentAt(at, { type: "footnote", attrs: { html: found.html } }).run();
      else editor.commands.focus();
    }),
    editNote: alone(async (editor, at) => {
      const node = editor.state.doc.nodeAt(at);
      const found = await askForNote(api, { html: node.attrs.html, isNew: false, language, piecesUrl });
      if (found === "remove") editor.chain().focus().deleteRange({ from: at, to: at + node.nodeSize }).run();
      else if (found) editor.view.dispatch(editor.state.tr.setNodeAttribute(at, "html", found.html));
      editor.commands.focus(found === "remove" ? at : at + 1);
    }),
    addEmbed: alone(async (editor) => {
      const found = await askForEmbed({ picturesUrl, token: token() });
      if (!found) return void editor.commands.focus();
      const { caption, ...attrs } = found;
      insertBelow(editor, { type: "embed", content: [{ type: "embedLink", attrs }, captioned(caption)] });
    }),
    editEmbed: alone(async (editor, at) => {
      const node = editor.state.doc.nodeAt(at);
      const found = await askForEmbed({ embed: node.attrs, isNew: false, picturesUrl, token: token() });
      if (found === "remove") return void removeAround(editor, at);
      if (found) {
        const { caption: _, ...attrs } = found;
        editor.view.dispatch(editor.state.tr.setNodeMarkup(at, null, attrs));
      }
      editor.commands.focus();
    }),
    changeEmbed: (editor) => {
      const { $from } = editor.state.selection;
      for (let depth = $from.depth; depth > 0; depth -= 1) {
        if ($from.node(depth).type.name === "embed") return void actions.editEmbed(editor, $from.start(depth));
      }
    },
    removeFigure: (editor) => removeAround(editor, editor.state.selection.from),
    isFull: () => frame.classList.contains("is-full"),
    toggleFull: (editor) => {
      setFull(frame, !actions.isFull());
      editor.commands.focus();
      editor.view.dispatch(editor.state.tr);
    },
  };
  if (picturesUrl) {
    actions.addPicture = alone(async (editor) => {
      const found = await askForPicture({ url: picturesUrl, token: token() });
      if (!found) return void editor.commands.focus();
      const { caption, ...attrs } = found;
      insertBelow(editor, { type: "figure", content: [{ type: "picture", attrs }, captioned(caption)] });
    });
  }
  return actions;
}

/** Puts a block below the one with the cursor, or in its place where that is an empty paragraph; and a line to go on. */
function insertBelow(editor, block) {
  const { doc, selection } = editor.state;
  const place = doc.resolve(selection.to);
  const index = Math.min(place.index(0), doc.childCount - 1);
  const around = place.depth ? place.node(1) : doc.child(index);
  const start = place.depth ? place.before(1) : place.posAtIndex(index, 0);
  const isEmpty = around.type.name === "paragraph" && !around.content.size;
  const end = start + around.nodeSize;
  const isLast = end >= doc.content.size;
  const content = isLast ? [block, { type: "paragraph" }] : [block];
  editor.chain().focus().insertContentAt(isEmpty ? { from: start, to: end } : end, content).run();
  const at = isEmpty ? start : end;
  const size = editor.state.doc.nodeAt(at)?.nodeSize || 0;
  // On to what follows, ready to be written.
  editor.chain().focus().setTextSelection(Math.min(at + size + 1, editor.state.doc.content.size)).scrollIntoView().run();
}

/** Takes out the figure or embed that holds the place. */
function removeAround(editor, at) {
  const place = editor.state.doc.resolve(at);
  for (let depth = place.depth; depth >= 0; depth -= 1) {
    const isWhole = depth > 0 && ["figure", "embed"].includes(place.node(depth).type.name);
    if (isWhole) return editor.chain().focus().deleteRange({ from: place.before(depth), to: place.after(depth) }).run();
  }
  const node = editor.state.doc.nodeAt(at);
  return node && ["figure", "embed"].includes(node.type.name) && editor.chain().focus().deleteRange({ from: at, to: at + node.nodeSize }).run();
}

/** Nothing but the editor, to be reached with the Tab key neither. */
function setFull(frame, isFull) {
  frame.classList.toggle("is-full", isFull);
  document.documentElement.classList.toggle("has-full-rich-text", isFull);
  for (let here = frame; here !== document.body; here = here.parentElement) {
    for (const other of here.parentElement.children) {
      if (other === here || ["SCRIPT", "DIALOG"].includes(other.tagName)) continue;
      if (isFull && !other.inert) {
        other.inert = true;
        other.dataset.isBehind = "";
      } else if (!isFull && "isBehind" in other.dataset) {
        other.inert = false;
        delete other.dataset.isBehind;
      }
    }
  }
}

/** The words of a note, beside its number. */
function makeTip(frame) {
  const box = make("p", { class: "rich-text-tip", role: "status", hidden: true, dir: "auto" });
  frame.append(box);
  return {
    show(element, words) {
      box.textContent = words;
      box.hidden = false;
      const [mark, around] = [element.getBoundingClientRect(), frame.getBoundingClientRect()];
      const left = Math.max(0, Math.min(mark.left - around.left, frame.clientWidth - box.offsetWidth));
      box.style.insetInlineStart = "auto";
      box.style.left = `${left}px`;
      box.style.top = `${mark.bottom - around.top + frame.scrollTop + 4}px`;
    },
    hide: () => void (box.hidden = true),
  };
}

/** A video's address, pasted alone on an empty line, is the video. Undo gives back the address. */
function pasteVideo(view, event, api) {
  const text = event.clipboardData?.getData("text/plain").trim() || "";
  const { $from, empty } = view.state.selection;
  const isAlone = empty && $from.depth === 1 && $from.parent.type.name === "paragraph" && !$from.parent.content.size;
  if (!isAlone || !/^https?:\/\/\S+$/.test(text) || !isVideo(text)) return false;
  const { embed, embedLink, caption, paragraph } = view.state.schema.nodes;
  view.dispatch(view.state.tr.insertText(text));
  const made = embed.create(null, [embedLink.create({ href: text, title: usualTitle(text) }), caption.create()]);
  const { $from: now } = view.state.selection;
  const { closeHistory } = api.pm.history;
  const tr = closeHistory(view.state.tr.replaceWith(now.before(1), now.after(1), [made, paragraph.create()]));
  view.dispatch(tr.setSelection(api.pm.state.TextSelection.create(tr.doc, now.before(1) + made.nodeSize + 1)).scrollIntoView());
  return true;
}

function turn(area, api) {
  const { id } = area;
  const label = id ? document.querySelector(`label[for="${CSS.escape(id)}"]`) : null;
  const frame = make("div", { class: "rich-text" });
  const place = make("div", { class: "rich-text-place" });
  const count = make("p", { class: "rich-text-count", id: `${id || area.name}_count` });
  const keys = make("p", { class: "rich-text-keys", id: `${id || area.name}_keys` }, "Alt+F10 leads to the tools above the text, Escape back.");
  const leftOut = make("p", { class: "rich-text-left-out", role: "status" });
  if (label && !label.id) label.id = `${id}_label`;

  const attributes = {
    role: "textbox",
    "aria-multiline": "true",
    "aria-describedby": [area.getAttribute("aria-describedby"), count.id, keys.id].filter(Boolean).join(" "),
    class: "rich-text-page",
    spellcheck: "true",
  };
  if (id) attributes.id = id;
  if (area.dataset.language) attributes.lang = area.dataset.language;
  if (label) attributes["aria-labelledby"] = label.id;
  else attributes["aria-label"] = area.getAttribute("aria-label") || "Text";
  if (area.getAttribute("aria-invalid")) attributes["aria-invalid"] = area.getAttribute("aria-invalid");

  const tip = makeTip(frame);
  const actions = actionsFor(area, api, frame, tip);
  let tools = null;
  const Shortcuts = api.Extension.create({
    name: "forumShortcuts",
    priority: 1000,
    addKeyboardShortcuts() {
      return {
        "Mod-k": () => (actions.editLink(this.editor), true),
        "Mod-Alt-f": () => (actions.addNote(this.editor), true),
        "Alt-F10": () => (tools?.focus(), true),
        Escape: () => actions.isFull() && (actions.toggleFull(this.editor), true),
      };
    },
  });

  const source = parse(withoutStyles(area.value));
  captionsToParagraphs(source);

  area.before(frame);
  frame.prepend(place, leftOut, count, keys, area);
  let later;
  const countSoon = () => {
    clearTimeout(later);
    later = setTimeout(() => {
      count.textContent = describeLength(countWords(runningText(editor.state.doc)), Number(area.dataset.usualWords));
    }, 250);
  };
  const handlePaste = (view, event) => {
    leftOut.textContent = picturesLeftOut(event.clipboardData, Boolean(actions.addPicture));
    return pasteVideo(view, event, api);
  };
  const editor = new api.Editor({
    element: place,
    editable: !area.disabled && !area.readOnly,
    injectCSS: false,
    extensions: [...extensionsFrom(api, { language: area.dataset.language, actions }), Shortcuts],
    enableInputRules: ["bulletList"],
    enablePasteRules: false,
    content: /</.test(area.value) ? source.innerHTML : "",
    editorProps: { attributes, transformPastedHTML: cleanPaste, handlePaste },
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
  tools = makeToolbar(editor, toolGroups(actions), id || "");
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
