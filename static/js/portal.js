/*
Comfort for the authors' pages, which work without it.

form.sheet [name=title]               is one line, however it is shown: Enter makes no break
<textarea data-count-words="50">      says beneath the field how many words there are, and about how many are usual
<form class="sheet" [data-unsaved]>   warns before the page is left with something typed and not saved
*/

const words = (text) => (text.trim() ? text.trim().split(/\s+/u).length : 0);

for (const field of document.querySelectorAll("textarea[data-count-words]")) {
  const usual = Number(field.dataset.countWords);
  const line = document.createElement("p");
  line.className = "count";
  field.after(line);
  const say = () => {
    const count = words(field.value);
    line.textContent = `${count} ${count === 1 ? "word" : "words"} of about ${usual}`;
    line.classList.toggle("is-over", count > usual * 1.5);
  };
  field.addEventListener("input", say);
  say();
}

for (const title of document.querySelectorAll("form.sheet [name=title]")) {
  title.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) event.preventDefault();
  });
  title.addEventListener("input", () => {
    if (/[\r\n]/u.test(title.value)) title.value = title.value.replace(/\s*[\r\n]+\s*/gu, " ");
  });
}

for (const form of document.querySelectorAll("form.sheet")) {
  let isUnsaved = "unsaved" in form.dataset;
  form.addEventListener("input", () => { isUnsaved = true; });
  form.addEventListener("submit", () => { isUnsaved = false; });
  window.addEventListener("beforeunload", (event) => {
    if (isUnsaved) event.preventDefault();
  });
}
