/* The dialog for a link: its address, checked as it will be kept, or a published piece found by its words. */

import { readAddress } from "./addresses.js";
import { ask, field } from "./dialogs.js";
import { afterPause, askServer, make, withQuery } from "./dom.js";

/** Resolves to `{ href, words }`, to "remove", or to null. `words` is asked for only where nothing is selected. */
export function askForLink({ href = "", asksWords = false, piecesUrl = "" }) {
  return ask({ title: "Link", submit: "Set the link", remove: href ? "Remove the link" : "" }, (body, done) => {
    const address = field("Address", {
      value: href, inputmode: "url", autocomplete: "off", autocapitalize: "none", spellcheck: "false", "data-first": true,
      help: "Such as https://example.org/page, name@example.org, or /regions/ for a page of this site.",
    });
    const words = asksWords ? field("Words to show", { autocomplete: "off", help: "Left empty, the address is shown." }) : null;
    body.append(address.box, ...(words ? [words.box] : []));
    if (piecesUrl) {
      body.append(
        piecePicker(piecesUrl, (piece) => {
          done({ href: piece.url, words: words?.input.value.trim() || piece.title });
        }),
      );
    }
    return () => {
      const found = readAddress(address.input.value);
      if (found.problem) return void address.say(found.problem);
      return { href: found.href, words: words?.input.value.trim() || found.href.replace(/^mailto:/i, "") };
    };
  });
}

/** A search field with its answers beneath: each a button that takes the piece. */
function piecePicker(address, take) {
  const search = field("Or a piece of ours", { type: "search", autocomplete: "off", placeholder: "Words of its title or text" });
  const said = make("p", { class: "rich-text-help", role: "status" });
  const list = make("ul", { class: "rich-text-found" });
  let current = null;
  const find = async () => {
    const q = search.input.value.trim();
    current?.abort();
    if (!q) {
      list.replaceChildren();
      said.textContent = "";
      return;
    }
    current = new AbortController();
    try {
      const { results } = await askServer(withQuery(address, { q }), { signal: current.signal });
      list.replaceChildren(
        ...results.map((piece) =>
          make(
            "li", {},
            make(
              "button", { type: "button", onclick: () => take(piece) },
              make("b", { dir: "auto" }, piece.title),
              make("span", {}, [piece.by, piece.on].filter(Boolean).join(", ")),
            ),
          ),
        ),
      );
      said.textContent = results.length
        ? `${results.length} ${results.length === 1 ? "piece" : "pieces"} found. Press one to link to it.`
        : "No published piece has these words.";
    } catch (problem) {
      if (problem.name === "AbortError") return;
      list.replaceChildren();
      said.textContent = problem.message;
    }
  };
  search.input.addEventListener("input", afterPause(find));
  search.input.addEventListener("keydown", (event) => {
    // Enter searches here; it would else send the empty address above.
    if (event.key !== "Enter") return;
    event.preventDefault();
    find();
  });
  return make("div", { class: "rich-text-pick" }, search.box, said, list);
}
