/* The dialog for a footnote: one line with its own marks and links. */

import { ask } from "./dialogs.js";
import { make, newId, parse } from "./dom.js";
import { askForLink } from "./links.js";
import { cleanPaste } from "./paste.js";
import { typographyFrom } from "./quotes.js";
import { marksFrom } from "./schema.js";

/** Resolves to the HTML of the note, to "remove", or to null. */
export function askForNote(api, { html = "", isNew = true, language, piecesUrl }) {
  let editor;
  const answer = ask({ title: "Footnote", submit: isNew ? "Insert the note" : "Change the note", remove: isNew ? "" : "Remove the note" }, (body) => {
    const label = newId("note");
    const place = make("div", { class: "rich-text-note-place" });
    const tools = make("div", { class: "rich-text-note-tools", role: "group", "aria-label": "Formatting of the note" });
    const problem = make("p", { class: "rich-text-problem", role: "alert" });
    body.append(
      make("p", { class: "rich-text-label", id: label }, "The note"), tools, place,
      make("p", { class: "rich-text-help" }, "Its number stands where the cursor was; readers find the note at the end of the text."), problem,
    );
    editor = new api.Editor({
      element: place,
      injectCSS: false,
      extensions: [
        api.Document.extend({ content: "paragraph" }), api.Text, api.Paragraph, api.History, ...marksFrom(api), typographyFrom(api, language),
        api.Extension.create({
          name: "noteKeys",
          priority: 1000,
          addKeyboardShortcuts: () => ({
            Enter: () => (place.closest("form").requestSubmit(), true),
            "Mod-k": () => (link(), true),
            // The editor would keep the key to itself.
            Escape: () => (place.closest("dialog").dispatchEvent(new Event("cancel", { cancelable: true })), true),
          }),
        }),
      ],
      enableInputRules: false,
      enablePasteRules: false,
      content: `<p>${html}</p>`,
      editorProps: {
        attributes: { role: "textbox", "aria-multiline": "false", "aria-labelledby": label, class: "rich-text-note-text", spellcheck: "true", dir: "auto" },
        transformPastedHTML: (pasted) => `<p>${onOneLine(cleanPaste(pasted))}</p>`,
      },
      onUpdate: () => void (problem.textContent = ""),
    });
    const link = async () => {
      const { selection } = editor.state;
      const found = await askForLink({ href: editor.getAttributes("link").href || "", asksWords: selection.empty && !editor.isActive("link"), piecesUrl });
      if (found) setLink(editor, found);
      else editor.commands.focus();
    };
    const tool = (sign, words, run, name) => {
      const button = make("button", { type: "button", "aria-label": words, title: words, class: `rich-text-tool is-${name}` }, sign);
      button.addEventListener("mousedown", (event) => event.preventDefault());
      button.addEventListener("click", run);
      const refresh = () => button.setAttribute("aria-pressed", String(editor.isActive(name)));
      editor.on("transaction", refresh);
      refresh();
      return button;
    };
    tools.append(
      tool("B", "Bold", () => editor.chain().focus().toggleBold().run(), "bold"),
      tool("I", "Italic", () => editor.chain().focus().toggleItalic().run(), "italic"),
      tool("Link", "Link", link, "link"),
    );
    setTimeout(() => editor.commands.focus("end"));
    return () => {
      if (!editor.state.doc.textContent.trim()) {
        problem.textContent = isNew ? "Type the note first." : "The note is empty. Type it, or remove it.";
        editor.commands.focus();
        return undefined;
      }
      return { html: parse(editor.getHTML()).firstElementChild.innerHTML.trim() };
    };
  });
  return answer.finally(() => editor?.destroy());
}

/** What `askForLink` answered, done to the text: the words are put in where none were selected. */
export function setLink(editor, found) {
  const chain = editor.chain().focus();
  if (found === "remove") return chain.extendMarkRange("link").unsetLink().run();
  if (editor.state.selection.empty && !editor.isActive("link")) {
    return chain
      .insertContent({ type: "text", text: found.words, marks: [...editor.state.selection.$from.marks().map((mark) => mark.toJSON()), { type: "link", attrs: { href: found.href } }] })
      .unsetMark("link")
      .run();
  }
  return chain.extendMarkRange("link").setLink({ href: found.href }).run();
}

function onOneLine(html) {
  const root = parse(html);
  for (const note of root.querySelectorAll("span.footnote")) note.replaceWith(` (${note.textContent})`);
  for (const block of root.querySelectorAll("p, li, h2, h3, h4, blockquote, td, th, figcaption, div, pre, br")) block.after(" ");
  for (const block of root.querySelectorAll("table, figure, img, br")) block.replaceWith(...block.childNodes);
  const inline = make("p");
  const walk = (node) => {
    for (const child of [...node.childNodes]) {
      if (child.nodeType === Node.TEXT_NODE || /^(?:a|em|i|strong|b|sup|sub|code|span)$/.test(child.localName)) inline.append(child);
      else walk(child);
    }
  };
  walk(root);
  return inline.innerHTML.replace(/\s+/g, " ").trim();
}
