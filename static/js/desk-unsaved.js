/* A text that was typed and not saved is not left by accident: the browser asks. Saving it is no leaving. */
{
  for (const form of document.querySelectorAll("#article_form, form.asks-before-leaving")) {
    let isUnsaved = Boolean(form.querySelector(".errornote, .errorlist"));
    form.addEventListener("input", (event) => { isUnsaved ||= event.isTrusted; });
    form.addEventListener("change", (event) => { isUnsaved ||= event.isTrusted; });
    form.addEventListener("submit", () => { isUnsaved = false; });
    addEventListener("beforeunload", (event) => { if (isUnsaved) event.preventDefault(); });
  }
}
