/*
A picture chosen by eye, beside the field that finds it by its words.

<select data-pictures="/admin/articles/image/pick/">   shows what is chosen, and a button that opens the library
*/

const LETTERS = 250; // milliseconds between the last letter and the search

const element = (tag, fields = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), fields);
  made.append(...children);
  return made;
};

const ask = async (address, parameters) => {
  const answer = await fetch(`${address}?${new URLSearchParams(parameters)}`, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
};

/* The library in a window over the page. Resolves to a picture, or to nothing where it was closed. */
const choose = (address) =>
  new Promise((resolve) => {
    const search = element("input", { type: "search", id: "library-search", autocomplete: "off" });
    const grid = element("ul", { className: "library" });
    const said = element("p", { className: "meta" });
    const more = element("button", { type: "button", className: "button is-quiet", textContent: "Show more", hidden: true });
    const close = element("button", { type: "button", className: "button is-quiet", textContent: "Close" });
    const title = element("h2", { id: "library-title", textContent: "Choose a picture" });
    const dialog = element(
      "dialog", { className: "library-window" }, title,
      element("div", { className: "library-search" }, element("label", { htmlFor: search.id, textContent: "Caption, description or credit" }), search, close),
      said, grid, more,
    );
    dialog.setAttribute("aria-labelledby", title.id);
    said.setAttribute("role", "status");
    let page = 1;
    let asked = 0;
    let chosen;

    const load = async () => {
      const number = ++asked;
      try {
        const found = await ask(address, { q: search.value, page });
        if (number !== asked) return;
        if (page === 1) grid.replaceChildren();
        for (const picture of found.results) {
          const image = element("img", { src: picture.thumb, alt: picture.alt, width: 240, height: 160, loading: "lazy" });
          const button = element("button", { type: "button" }, image, element("span", { className: "name", textContent: picture.name }));
          if (picture.credit) button.append(element("span", { className: "meta", textContent: picture.credit }));
          button.addEventListener("click", () => { chosen = picture; dialog.close(); });
          grid.append(element("li", {}, button));
        }
        said.textContent = grid.children.length ? "" : "No picture fits. Try another word.";
        more.hidden = !found.more;
      } catch {
        said.textContent = "The library did not answer. Try again in a moment.";
      }
    };

    let timer;
    search.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => { page = 1; load(); }, LETTERS);
    });
    search.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
    more.addEventListener("click", () => { page += 1; load(); });
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => { dialog.remove(); resolve(chosen); });
    document.body.append(dialog);
    dialog.showModal();
    load();
  });

const enhance = (select) => {
  const address = select.dataset.pictures;
  const image = element("img", { alt: "", width: 240, height: 160 });
  const shown = element("span", { className: "thumbnail is-small chosen-picture", hidden: true }, image);
  const button = element("button", { type: "button", className: "button is-quiet", textContent: "Choose from the library…" });
  const box = element("div", { className: "picture-choice" }, shown, button);
  (select.closest(".related-widget-wrapper") ?? select).after(box);

  const show = (picture) => {
    shown.hidden = !picture;
    if (picture) Object.assign(image, { src: picture.thumb, alt: picture.alt || picture.name });
  };
  const look = async () => {
    if (!select.value) return show();
    try {
      show((await ask(address, { id: select.value })).results[0]);
    } catch {
      show();
    }
  };
  // Select2 tells of a choice by jQuery's events alone.
  window.django?.jQuery(select).on("change", look);
  button.addEventListener("click", async () => {
    const picture = await choose(address);
    button.focus();
    if (!picture) return;
    if (![...select.options].some((option) => option.value === String(picture.id))) {
      select.append(new Option(picture.name, picture.id));
    }
    select.value = String(picture.id);
    const { jQuery } = window.django ?? {};
    if (jQuery) jQuery(select).trigger("change");
    select.dispatchEvent(new Event("input", { bubbles: true }));
    show(picture);
  });
  look();
};

for (const select of document.querySelectorAll("select[data-pictures]")) enhance(select);
