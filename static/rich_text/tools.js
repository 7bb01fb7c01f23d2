/* The tools above the text: what each is called, does, and when it is there; and the bar that they stand in. */

const ICONS = {
  bullets: '<path d="M7 4.5h10M7 10h10M7 15.5h10"/><g fill="currentColor" stroke="none"><circle cx="3" cy="4.5" r="1.4"/><circle cx="3" cy="10" r="1.4"/><circle cx="3" cy="15.5" r="1.4"/></g>',
  numbers: '<path d="M8 4.5h9M8 10h9M8 15.5h9M2.2 3.3 3.6 2.5v4M2 8.6c.3-.7 2.3-.9 2.3.4 0 .9-1.6 1.5-2.3 2.5h2.5M2.1 13.7h2.3l-1.3 1.5c1.6-.1 1.7 2.3 0 2.3-.5 0-.9-.2-1.1-.6"/>',
  quote: '<path d="M3 3v14M7.5 5h9M7.5 10h9M7.5 15h6"/>',
  pull: '<path d="M3 3.5h14M3 16.5h14"/><path fill="currentColor" stroke="none" d="M9.2 6.8C7.3 7.6 6 9 6 11.2c0 1.4.8 2.2 1.8 2.2s1.7-.7 1.7-1.7c0-.9-.7-1.6-1.5-1.6h-.4c.1-1 .9-1.9 2-2.5zm5 0c-1.9.8-3.2 2.2-3.2 4.4 0 1.4.8 2.2 1.8 2.2s1.7-.7 1.7-1.7c0-.9-.7-1.6-1.5-1.6h-.4c.1-1 .9-1.9 2-2.5z"/>',
  link: '<path d="M8.2 11.8a3.4 3.4 0 0 0 4.9 0l3-3a3.5 3.5 0 0 0-4.9-4.9l-1 1M11.8 8.2a3.4 3.4 0 0 0-4.9 0l-3 3a3.5 3.5 0 0 0 4.9 4.9l1-1"/>',
  unlink: '<path d="M8.2 11.8a3.4 3.4 0 0 0 4.9 0l3-3a3.5 3.5 0 0 0-4.9-4.9l-1 1M11.8 8.2a3.4 3.4 0 0 0-4.9 0l-3 3a3.5 3.5 0 0 0 4.9 4.9l1-1M2.5 2.5l15 15"/>',
  picture: '<rect x="2.5" y="3.5" width="15" height="13" rx="1"/><circle cx="6.8" cy="7.6" r="1.4"/><path d="m3 15 4.5-4.2 3 2.7 3-3.4 4 4.4"/>',
  embed: '<rect x="2.5" y="4" width="15" height="12" rx="2"/><path fill="currentColor" stroke="none" d="M8.3 7v6l4.9-3z"/>',
  note: '<path d="M3 5h8M3 10h11M3 15h7"/><path d="m14.8 4.2 1.6-1.2v5"/>',
  full: '<path d="M3 7.5V3h4.5M12.5 3H17v4.5M17 12.5V17h-4.5M7.5 17H3v-4.5"/>',
  table: '<rect x="2.5" y="3.5" width="15" height="13" rx="1"/><path d="M2.5 8h15M2.5 12.2h15M10 3.5v13"/>',
  rule: '<path d="M2.5 10h15"/>',
  undo: '<path d="M6.5 3.5 3 7l3.5 3.5M3 7h9a4.7 4.7 0 0 1 0 9.4H7"/>',
  redo: '<path d="M13.5 3.5 17 7l-3.5 3.5M17 7H8a4.7 4.7 0 0 0 0 9.4h5"/>',
};

export const command = /Mac|iPhone|iPad/.test(navigator.platform) ? "\u2318" : "Ctrl+";

/**
 * Each tool: sign (letters, or the name of an icon), words, what it does, whether it is on, whether it is shown.
 * `actions` are those that open a dialog; one that is not there has no button.
 */
export function toolGroups(actions) {
  const run = (name, ...args) => (editor) => editor.chain().focus()[name](...args).run();
  const can = (name, ...args) => (editor) => editor.can()[name](...args);
  const inTable = (editor) => editor.isActive("table");
  const inFigure = (editor) => editor.isActive("figure") || editor.isActive("embed");
  const inText = ({ state: { selection } }) => (!selection.empty || selection.$to.parent.isTextblock) && !selection.$to.parent.type.spec.code;
  const heading = (level, words) => ({
    sign: `H${level}`, words, run: run("toggleHeading", { level }), isOn: (editor) => editor.isActive("heading", { level }),
  });
  const mark = (name, sign, words, method) => ({ sign, words, className: `is-${name}`, run: run(method), isOn: (editor) => editor.isActive(name) });
  return [
    [heading(2, "Heading"), heading(3, "Subheading")],
    [mark("bold", "B", `Bold (${command}B)`, "toggleBold"), mark("italic", "I", `Italic (${command}I)`, "toggleItalic")],
    [
      { icon: "link", words: `Link (${command}K)`, run: actions.editLink, isOn: (editor) => editor.isActive("link"), can: inText },
      { icon: "note", words: `Footnote (${command}Alt+F)`, run: actions.addNote, can: inText },
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
      actions.addPicture && { icon: "picture", words: "Picture", run: actions.addPicture },
      { icon: "embed", words: "Video or page elsewhere", run: actions.addEmbed },
      { icon: "table", words: "Table", run: run("insertTable", { rows: 3, cols: 3, withHeaderRow: true }), can: (editor) => !inTable(editor) && !inFigure(editor) },
    ].filter(Boolean),
    [
      { icon: "undo", words: `Undo (${command}Z)`, run: run("undo"), can: can("undo") },
      { icon: "redo", words: "Redo", run: run("redo"), can: can("redo") },
    ],
    [
      heading(4, "Small heading"),
      mark("superscript", "x²", "Superscript", "toggleSuperscript"),
      mark("subscript", "x₂", "Subscript", "toggleSubscript"),
      { icon: "rule", words: "Line across", run: run("setHorizontalRule"), can: (editor) => !inFigure(editor) },
      { icon: "full", words: "Full screen", run: actions.toggleFull, isOn: actions.isFull },
    ],
    [
      { sign: "+ row", words: "Add a row below", run: run("addRowAfter"), isShown: inTable },
      { sign: "+ column", words: "Add a column after", run: run("addColumnAfter"), isShown: inTable },
      { sign: "− row", words: "Delete the row", run: run("deleteRow"), isShown: inTable },
      { sign: "− column", words: "Delete the column", run: run("deleteColumn"), isShown: inTable },
      { sign: "Head row", words: "Turn the first row into headings, or back", run: run("toggleHeaderRow"), isShown: inTable },
      { sign: "− table", words: "Delete the table", run: run("deleteTable"), isShown: inTable },
    ],
    [
      { sign: "Change", words: "Change the video or page elsewhere", run: actions.changeEmbed, isShown: (editor) => editor.isActive("embed") },
      { sign: "Remove", words: "Remove it from the text", run: actions.removeFigure, isShown: inFigure },
    ],
  ];
}

export function iconElement(name) {
  const svg = new DOMParser().parseFromString(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20" width="20" height="20" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">${ICONS[name]}</svg>`,
    "image/svg+xml",
  );
  return document.importNode(svg.documentElement, true);
}

/** A toolbar by the rules of ARIA: one stop of the Tab key, arrow keys within. */
export function makeToolbar(editor, groups, controls) {
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
  bar.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) editor.commands.focus();
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
  return { bar, refresh, focus: () => (shown().find((button) => button.tabIndex === 0) || shown()[0]).focus() };
}
