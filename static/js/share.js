/*
Beside the plain links: the system's own sheet, where there is one, and the copied address. Markup:
templates/articles/_share.html. Nothing is sent anywhere by this.
*/
for (const block of document.querySelectorAll(".share")) {
  const { address: url, title } = block.dataset
  const status = block.querySelector("[role=status]")
  const can = { sheet: navigator.share && matchMedia("(pointer: coarse)").matches, copy: navigator.clipboard }

  const act = {
    // Whoever closes the sheet without choosing has changed their mind: that is no error.
    sheet: () => navigator.share({ title, url }).catch(() => {}),
    async copy(button) {
      await navigator.clipboard.writeText(url)
      const label = button.textContent
      status.textContent = button.textContent = button.dataset.done
      setTimeout(() => { button.textContent = label; status.textContent = "" }, 2500)
    },
  }

  for (const button of block.querySelectorAll("button")) {
    if (!can[button.value]) continue
    button.addEventListener("click", () => act[button.value](button))
    button.parentElement.hidden = false
  }
}
