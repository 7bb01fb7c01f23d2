/*
The text size of a piece, remembered on this device. Markup: templates/articles/_sizes.html. The sizes themselves are
in css/tokens.css; js/text-size-early.js sets the remembered one before the first paint.
*/
const root = document.documentElement

/** Show a size on the page and on the buttons of one control. */
function show(size, buttons) {
  root.dataset.textSize = size
  for (const button of buttons) button.setAttribute("aria-pressed", String(button.value === size))
}

for (const control of document.querySelectorAll(".sizes")) {
  const buttons = control.querySelectorAll("button")
  const known = Array.from(buttons, (button) => button.value)
  show(known.includes(root.dataset.textSize) ? root.dataset.textSize : "standard", buttons)
  control.addEventListener("click", (event) => {
    const button = event.target.closest("button")
    if (!button) return
    show(button.value, buttons)
    try {
      localStorage.textSize = button.value
    } catch {
      // A browser that stores nothing for this site still gets the size for this page.
    }
  })
  control.hidden = false
}
