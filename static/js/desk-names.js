/* The admin's autocomplete fields take no name from their label, so that a screen reader says what is chosen and not
   in which field. Select2 makes them a moment after the page is loaded, or a row was added. */
{
  const name = (within) => {
    for (const select of within.querySelectorAll("select.admin-autocomplete")) {
      const label = select.labels[0];
      const box = select.nextElementSibling;
      if (!label || !box) continue;
      label.id ||= `${select.id}-label`;
      for (const part of box.querySelectorAll("[role=combobox], [role=textbox]")) {
        const chosen = part.getAttribute("role") === "combobox" ? part.querySelector("[role=textbox]")?.id ?? "" : "";
        part.setAttribute("aria-labelledby", `${label.id} ${chosen}`.trim());
      }
    }
  };
  const soon = (within) => setTimeout(name, 50, within);
  addEventListener("load", () => soon(document));
  document.addEventListener("formset:added", (event) => soon(event.target));
}
