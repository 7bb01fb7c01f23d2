/* Dialogs: a heading, fields with their problems beside them, two buttons. Reached and left by keyboard. */

import { make, newId } from "./dom.js";

/**
 * Opens a dialog. `fill(body, done)` puts its fields in and returns a function that is asked for the answer when the
 * main button is pressed: it returns undefined where something is still wrong. Resolves to the answer, or to null
 * where the person changed their mind. `remove`, the words of a third button, resolves to "remove".
 */
export function ask({ title, submit, remove, isWide }, fill) {
  return new Promise((resolve) => {
    const name = newId("title");
    const dialog = make("dialog", { class: `rich-text-dialog${isWide ? " is-wide" : ""}`, "aria-labelledby": name });
    const before = document.activeElement;
    let isDone = false;
    const finish = (answer) => {
      if (isDone) return;
      isDone = true;
      dialog.close();
      dialog.remove();
      // Focus goes back to where it was, so that the next key is not lost.
      if (before && before.isConnected) before.focus({ preventScroll: true });
      resolve(answer);
    };
    const body = make("div", { class: "rich-text-dialog-body" });
    const form = make("form", { method: "dialog", novalidate: true }, make("h2", { id: name }, title), body);
    const answer = fill(body, finish);
    form.append(
      make(
        "div",
        { class: "rich-text-dialog-buttons" },
        make("button", { type: "submit", class: "is-main" }, submit),
        make("button", { type: "button", onclick: () => finish(null) }, "Cancel"),
        remove && make("button", { type: "button", class: "is-apart", onclick: () => finish("remove") }, remove),
      ),
    );
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const given = await answer();
      if (given !== undefined) finish(given);
      else dialog.querySelector("[aria-invalid=true]")?.focus();
    });
    // Escape; what is typed here is no business of the page beneath.
    dialog.addEventListener("cancel", (event) => {
      if (event.target !== dialog) return;
      event.preventDefault();
      finish(null);
    });
    for (const kind of ["input", "change", "keydown", "submit"]) dialog.addEventListener(kind, (event) => event.stopPropagation());
    dialog.append(form);
    document.body.append(dialog);
    dialog.showModal();
    (dialog.querySelector("[data-first]") || dialog.querySelector("input, textarea, [contenteditable]"))?.focus();
  });
}

/** A labelled field: `{ box, input, say(problem) }`. */
export function field(label, { type = "text", value = "", help = "", rows = 0, ...attributes } = {}) {
  const id = newId("field");
  const input = rows ? make("textarea", { id, rows, ...attributes }) : make("input", { id, type, ...attributes });
  if (type !== "file") input.value = value;
  const hint = help ? make("p", { class: "rich-text-help", id: `${id}-help` }, help) : null;
  const problem = make("p", { class: "rich-text-problem", id: `${id}-problem`, role: "alert" });
  if (hint) input.setAttribute("aria-describedby", hint.id);
  const say = (words) => {
    problem.textContent = words || "";
    input.toggleAttribute("aria-invalid", Boolean(words));
    if (words) input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", [hint?.id, words && problem.id].filter(Boolean).join(" "));
  };
  input.addEventListener("input", () => say(""));
  const box = make("div", { class: "rich-text-field" }, make("label", { for: id }, label), input, hint, problem);
  return { box, input, say };
}
