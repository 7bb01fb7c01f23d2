/* The dialog for a picture: found in the library or sent now, with its description and caption. */

import { ask, field } from "./dialogs.js";
import { afterPause, askServer, make, newId, withQuery } from "./dom.js";

const LARGEST = 15 * 1024 * 1024;

/**
 * Resolves to `{ src, alt, caption, width, height }`, or to null. `isStill` for the picture of an embed, which has its
 * caption elsewhere; `token` is the form's CSRF token.
 */
export function askForPicture({ url, token, isStill = false }) {
  let chosen = null;
  return ask({ title: isStill ? "Choose a still" : "Picture", submit: isStill ? "Use it" : "Put it into the text", isWide: true }, (body) => {
    const alt = field("What it shows", { maxlength: 300, autocomplete: "off", help: "In a sentence, for those who can’t see it." });
    const caption = field("Caption", { rows: 2, maxlength: 1000, help: "Printed beneath the picture; its credit is added by itself." });
    const problem = make("p", { class: "rich-text-problem", role: "alert" });
    const words = make("div", { class: "rich-text-words", hidden: true }, alt.box, isStill ? null : caption.box);
    const choose = (picture) => {
      chosen = picture;
      alt.input.value = picture.alt || "";
      caption.input.value = picture.caption || "";
      alt.say("");
      problem.textContent = "";
      words.hidden = false;
    };
    const library = makeLibrary(url, choose);
    const upload = makeUpload(url, token, (picture) => {
      library.show(picture);
      choose(picture);
    });
    body.append(library.box, upload.box, words, problem);
    return async () => {
      // A file that was chosen and not sent yet is what is meant, and no picture chosen before it.
      if (upload.isWaiting() && !(await upload.send())) return undefined;
      if (!chosen) {
        problem.textContent = "Choose a picture first, or send one.";
        return undefined;
      }
      return {
        src: chosen.src, width: chosen.width, height: chosen.height,
        alt: alt.input.value.trim(), caption: caption.input.value.trim(),
      };
    };
  });
}

/** Thumbnails to choose one of, by mouse or with the arrow keys. */
function makeLibrary(url, choose) {
  const group = newId("picture");
  const search = field("Find a picture", { type: "search", autocomplete: "off", placeholder: "Words of caption, credit or description", "data-first": true });
  const said = make("p", { class: "rich-text-help", role: "status" });
  const grid = make("div", { class: "rich-text-grid", role: "radiogroup", "aria-label": "Pictures" });
  const more = make("button", { type: "button", hidden: true, onclick: () => fetchPage(page + 1) }, "Show more");
  let page = 1;
  let current = null;
  const option = (picture, isChecked = false) => {
    const radio = make("input", { type: "radio", name: group, checked: isChecked, onchange: () => choose(picture) });
    const words = picture.caption || picture.alt || "Picture without a caption";
    return make(
      "label", { class: "rich-text-thumb" }, radio,
      make("img", { src: picture.thumb || picture.src, alt: picture.alt || "", loading: "lazy", decoding: "async" }),
      make("span", {}, words, picture.credit ? make("small", {}, picture.credit) : null),
    );
  };
  const fetchPage = async (wanted) => {
    current?.abort();
    current = new AbortController();
    said.textContent = "Looking…";
    const q = search.input.value.trim();
    try {
      const found = await askServer(withQuery(url, { q, page: wanted }), { signal: current.signal });
      page = wanted;
      if (wanted === 1) grid.replaceChildren();
      grid.append(...found.results.map((picture) => option(picture)));
      more.hidden = !found.more;
      const count = grid.children.length;
      said.textContent = count ? `${count} ${count === 1 ? "picture" : "pictures"}${found.more ? ", and there are more" : ""}` : q ? "No picture has these words." : "There are no pictures yet. Send one below.";
    } catch (problem) {
      if (problem.name !== "AbortError") said.textContent = problem.message;
    }
  };
  search.input.addEventListener("input", afterPause(() => fetchPage(1)));
  search.input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    fetchPage(1);
  });
  fetchPage(1);
  return {
    box: make("div", { class: "rich-text-library" }, search.box, said, grid, more),
    show(picture) {
      grid.prepend(option(picture, true));
      grid.scrollTop = 0;
    },
  };
}

/** A picture from one's own device: it goes into the library, and is then chosen. */
function makeUpload(url, token, take) {
  const file = field("File", { type: "file", accept: "image/jpeg,image/png,image/webp", help: "JPEG, PNG or WebP, at most 15 MB. Only a picture that we may print." });
  const alt = field("What it shows", { maxlength: 300, autocomplete: "off" });
  const caption = field("Caption", { rows: 2, maxlength: 1000 });
  const credit = field("Credit", { maxlength: 200, autocomplete: "off", help: "Whose picture it is, as in “Photo: Reuters”." });
  const said = make("p", { class: "rich-text-problem", role: "alert" });
  const details = make("details", { class: "rich-text-upload" });
  const send = async () => {
    const chosen = file.input.files[0];
    if (button.disabled) return false;
    if (!chosen || chosen.size > LARGEST) {
      file.say(chosen ? "The file has more than 15 MB. Save it smaller and choose it again." : "Choose a file first.");
      return false;
    }
    const data = new FormData();
    data.set("file", chosen);
    for (const [name, one] of Object.entries({ alt, caption, credit })) data.set(name, one.input.value.trim());
    button.disabled = true;
    said.textContent = "";
    button.textContent = "Sending…";
    let isSent = false;
    try {
      const answer = await askServer(url, { method: "POST", body: data, headers: { Accept: "application/json", "X-CSRFToken": token } });
      take(answer.picture ?? answer.result ?? answer);
      details.open = false;
      for (const one of [file, alt, caption, credit]) one.input.value = "";
      isSent = true;
    } catch (problem) {
      said.textContent = problem.message;
      said.scrollIntoView({ block: "nearest" }); // the buttons below are always in view, this is not
    }
    button.disabled = false;
    button.textContent = "Send it";
    return isSent;
  };
  const button = make("button", { type: "button", onclick: send }, "Send it");
  details.append(make("summary", {}, "Send a new picture"), file.box, alt.box, caption.box, credit.box, said, button);
  for (const one of [alt, credit]) {
    one.input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      send();
    });
  }
  return { box: details, send, isWaiting: () => details.open && file.input.files.length > 0 };
}
