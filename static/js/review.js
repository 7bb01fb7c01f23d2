/*
Comfort for the page of a review, which works without it.

<saved-line data-url="…/save/" data-page="…" data-key="review-12"><p role="status">Saved 14:32</p></saved-line>
    within the form: saves its words a moment after they are typed, and says so. Where that fails it says so too, keeps
    the words in this browser until they are saved, and goes on trying. They are offered again when the page is opened.

<dialog id="remark-dialog" data-url="…/remark/">
    takes a comment on a passage: from the number at its end, or from words that are marked in the text.
*/

const PAUSE = 1200;
const LONGEST_WAIT = 6000;
const TRIES = [4000, 8000, 15000, 30000, 60000];
const WORDS = ["recommendation", "for_author", "for_editor"];

const freshKey = async (page) => {
  const answer = await fetch(page, { credentials: "same-origin" });
  if (!answer.ok) return "";
  const found = new DOMParser().parseFromString(await answer.text(), "text/html");
  return found.querySelector("#review-form [name=csrfmiddlewaretoken]")?.value ?? "";
};

const store = {
  get(key) {
    try { return JSON.parse(localStorage.getItem(key) ?? "null"); } catch { return null; }
  },
  set(key, value) {
    try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* full or forbidden: the page still holds the words */ }
  },
  drop(key) {
    try { localStorage.removeItem(key); } catch { /* the same */ }
  },
};

class SavedLine extends HTMLElement {
  connectedCallback() {
    this.form = this.closest("form");
    this.line = this.querySelector("p");
    if (!this.form || this.form.dataset.conflict !== undefined) return;
    this.saved = this.words();
    this.failures = 0;
    this.isOver = false;
    this.offerKept();
    this.form.addEventListener("input", (event) => { if (event.target.type !== "file") this.later(PAUSE); });
    this.form.addEventListener("submit", (event) => this.leave(event));
    // Back from the page that the form led to, as the browser kept this one.
    addEventListener("pageshow", () => { this.isLeaving = false; });
    addEventListener("online", () => this.save());
    document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") this.save(); });
    addEventListener("beforeunload", (event) => { if (this.isUnsaved && !this.isLeaving) event.preventDefault(); });
  }

  words() {
    const data = new FormData(this.form);
    const found = {};
    for (const [name, value] of data) {
      if (typeof value === "string" && (WORDS.includes(name) || name.startsWith("q-"))) found[name] = value;
    }
    return JSON.stringify(found);
  }

  get isUnsaved() { return this.words() !== this.saved; }

  /* With the count of saves that they were typed upon, so that they never overwrite what another window saved since. */
  keep(words) { store.set(this.dataset.key, { words: JSON.parse(words), edits: this.form.elements.edits.value }); }

  /* Saves first what was typed, with a new key where the old is over; then the press goes on, but where nothing answers. */
  async leave(event) {
    clearTimeout(this.timer);
    if (this.isLeaving || this.isOver || !this.isUnsaved) { this.isLeaving = true; return; }
    event.preventDefault();
    if (this.isPressed) return;
    this.isPressed = true;
    const inTime = new Promise((done) => { setTimeout(done, LONGEST_WAIT); });
    // One that is under way holds older words.
    if (this.running) await Promise.race([this.running, inTime]);
    await Promise.race([this.save(), inTime]);
    this.isPressed = false;
    if (this.isCutOff) return;
    clearTimeout(this.timer);
    this.isLeaving = true;
    this.form.requestSubmit(event.submitter);
  }

  say(text, { isBad = false } = {}) {
    this.line.textContent = text;
    this.classList.toggle("is-bad", isBad);
  }

  later(pause) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), pause);
  }

  async save() {
    clearTimeout(this.timer);
    if (this.isOver || this.isLeaving || !this.isUnsaved) return;
    if (this.running) { this.later(PAUSE); return; }
    this.running = this.send();
    await this.running;
  }

  async send() {
    const words = this.words();
    try {
      let answer = await this.post();
      this.isCutOff = false;
      if (answer.status === 403) {
        const key = await freshKey(this.dataset.page);
        if (key) {
          for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = key;
          answer = await this.post();
        }
      }
      await this.take(answer, words);
    } catch {
      this.isCutOff = true;
      this.failed(words, "Not saved yet: the connection is gone. We keep trying; leave this page open.");
    } finally {
      this.running = null;
    }
  }

  post() {
    const data = new URLSearchParams();
    for (const [name, value] of new FormData(this.form)) if (typeof value === "string") data.append(name, value);
    return fetch(this.dataset.url, {
      method: "POST", body: data, credentials: "same-origin", headers: { Accept: "application/json" },
      // Lets it arrive though the page is closed; browsers take only small ones so.
      keepalive: document.visibilityState === "hidden" && data.toString().length < 60000,
    });
  }

  async take(answer, words) {
    if (answer.ok && !answer.redirected) {
      const said = await answer.json();
      this.saved = words;
      this.failures = 0;
      this.form.elements.edits.value = said.edits;
      store.drop(this.dataset.key);
      this.say(`Saved ${said.saved}`);
      if (this.isUnsaved) this.later(PAUSE);
      return;
    }
    if (answer.status === 409 || answer.status === 410) {
      this.isOver = true;
      this.keep(words);
      this.say((await answer.json()).says, { isBad: true });
      return;
    }
    if (answer.status === 404) {
      this.isOver = true;
      this.keep(words);
      this.say("Not saved: this review is not open any more. What you typed stays on this page: copy it.", { isBad: true });
      return;
    }
    // 403: neither the key nor a new one was taken.
    if (answer.status === 401 || answer.status === 403) {
      this.failed(words, "Not saved yet: you were signed out. Sign in in another window; we keep trying, and nothing on this page is lost.");
      return;
    }
    this.failed(words, "Not saved yet: our server has a problem. We keep trying; leave this page open.");
  }

  failed(words, text) {
    this.keep(words);
    this.say(text, { isBad: true });
    this.later(TRIES[Math.min(this.failures, TRIES.length - 1)]);
    this.failures += 1;
  }

  /* Words that had not reached us when this browser was closed. */
  offerKept() {
    const kept = store.get(this.dataset.key);
    if (!kept?.words || JSON.stringify(kept.words) === this.saved) { store.drop(this.dataset.key); return; }
    const box = document.createElement("div");
    box.innerHTML = '<p>This browser holds words of yours that did not reach us.</p><p class="actions"><button class="button is-quiet is-small" type="button">Put them in</button> <button class="button is-quiet is-small" type="button">Throw them away</button></p>';
    const [put, drop] = box.querySelectorAll("button");
    put.addEventListener("click", () => {
      for (const [name, value] of Object.entries(kept.words)) {
        const field = this.form.elements[name];
        if (field) field.value = value;
      }
      this.form.elements.edits.value = kept.edits;
      box.remove();
      this.save();
    });
    drop.addEventListener("click", () => { store.drop(this.dataset.key); box.remove(); });
    this.append(box);
  }
}
customElements.define("saved-line", SavedLine);

/* --- Comments on passages --- */

const dialog = document.querySelector("#remark-dialog");
const text = document.querySelector(".passages");

if (dialog && text && !document.querySelector("[data-conflict]")) {
  const form = dialog.querySelector("form");
  const quoted = dialog.querySelector(".quoted");
  const problem = dialog.querySelector(".errorlist");
  // In this browser until it is kept by us: a phone forgets pages that it doesn't show.
  const key = `${document.querySelector("saved-line")?.dataset.key}-remarks`;
  const draft = store.get(key) ?? {};
  const noted = () => { if (Object.keys(draft).length) store.set(key, draft); else store.drop(key); };

  const open = (paragraph, quote) => {
    form.elements.paragraph.value = paragraph;
    form.elements.quote.value = quote;
    const passage = document.getElementById(`p-${paragraph}`);
    const words = quote || [...(passage?.childNodes ?? [])].filter((n) => !n.matches?.(".remark-here")).map((n) => n.textContent).join("").trim();
    quoted.textContent = words.length > 400 ? `${words.slice(0, 400)} …` : words;
    dialog.querySelector("h2").textContent = `Comment on passage ${paragraph}`;
    form.elements.text.value = draft[paragraph] ?? "";
    problem.textContent = "";
    dialog.showModal();
    form.elements.text.focus();
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest(".remark-here");
    if (!button) return;
    event.preventDefault();
    open(Number(button.value.replace("remark-", "")), "");
  });
  // Closed by mistake, it has the words when it is opened again.
  form.elements.text.addEventListener("input", () => {
    if (form.elements.text.value) draft[form.elements.paragraph.value] = form.elements.text.value;
    else delete draft[form.elements.paragraph.value];
    noted();
  });
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.textContent = "";
    const send = () => fetch(dialog.dataset.url, {
      method: "POST", body: new URLSearchParams(new FormData(form)), credentials: "same-origin", headers: { Accept: "application/json" },
    });
    try {
      let answer = await send();
      if (answer.status === 403) {
        const key = await freshKey(document.querySelector("saved-line").dataset.page);
        if (key) { form.elements.csrfmiddlewaretoken.value = key; answer = await send(); }
      }
      if (answer.status === 404) throw new Error("gone");
      if (answer.status === 401) { problem.textContent = "Not kept yet: you were signed out. Sign in in another window, then press again."; return; }
      const said = await answer.json();
      if (!answer.ok) { problem.textContent = said.says; return; }
      document.querySelector("#remarks").innerHTML = said.html;
      for (const one of document.querySelectorAll(".remark-here")) {
        one.classList.toggle("is-marked", said.marked.includes(Number(one.value.replace("remark-", ""))));
      }
      delete draft[form.elements.paragraph.value];
      noted();
      form.elements.is_for_editor.checked = false;
      dialog.close();
    } catch {
      problem.textContent = "Not kept yet: it could not reach us. Your words stay here; press again in a moment.";
    }
  });

  /* Marked words get a button beside them. */
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button is-small remark-words";
  button.textContent = "Comment on these words";
  button.hidden = true;
  document.body.append(button);
  let marked = null;

  const look = () => {
    const chosen = document.getSelection();
    const words = chosen?.toString().trim() ?? "";
    const start = chosen?.rangeCount ? chosen.getRangeAt(0).startContainer : null;
    const passage = (start instanceof Element ? start : start?.parentElement)?.closest("[id^=p-]");
    marked = words && passage && text.contains(passage) ? { paragraph: Number(passage.id.slice(2)), quote: words.slice(0, 1000) } : null;
    button.hidden = !marked;
    if (!marked) return;
    const box = chosen.getRangeAt(0).getBoundingClientRect();
    const left = Math.max(8, Math.min(box.left + scrollX, scrollX + document.documentElement.clientWidth - 210));
    button.style.setProperty("inset-block-start", `${box.bottom + scrollY + 8}px`);
    button.style.setProperty("left", `${left}px`);
  };
  document.addEventListener("selectionchange", () => { clearTimeout(look.timer); look.timer = setTimeout(look, 150); });
  // The press itself would take the mark away.
  button.addEventListener("mousedown", (event) => event.preventDefault());
  button.addEventListener("click", () => {
    if (!marked) return;
    const { paragraph, quote } = marked;
    document.getSelection().removeAllRanges();
    button.hidden = true;
    open(paragraph, quote);
  });
}
