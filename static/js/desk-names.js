/* The admin's autocomplete fields take no name from their label, so that a screen reader says what is chosen and not
   in which field. Select2 has made them by the time that the page is loaded, or a row was added. */
{
  const name = (within) => {
    for (const select of within.querySelectorAll("select.admin-autocomplete")) {
      const box = select.nextElementSibling?.querySelector("[role=combobox]");
      const label = select.labels[0];
      if (!box || !label) continue;
      label.id ||= `${select.id}-label`;
      const own = box.getAttribute("aria-labelledby") ?? "";
      if (!own.includes(label.id)) box.setAttribute("aria-labelledby", `${label.id} ${own}`.trim());
    }
  };
  addEventListener("load", () => name(document));
  document.addEventListener("formset:added", (event) => name(event.target));
}
