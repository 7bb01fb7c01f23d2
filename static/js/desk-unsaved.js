/* A text that was typed and not saved is not left by accident: the browser asks. Saving it is no leaving. */
{
  const form = document.getElementById("article_form");
  if (form) {
    let isUnsaved = Boolean(form.querySelector(".errornote, .errorlist"));
    form.addEventListener("input", (event) => { isUnsaved ||= event.isTrusted; });
    form.addEventListener("change", (event) => { isUnsaved ||= event.isTrusted; });
    form.addEventListener("submit", () => { isUnsaved = false; });
    addEventListener("beforeunload", (event) => { if (isUnsaved) event.preventDefault(); });
  }
}
