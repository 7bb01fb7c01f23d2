// Completes what is typed into a search by what there is: an extra, the form works without it.
// The pattern is the combobox of the ARIA practices: the focus stays in the field, arrows choose, Escape closes.

const WAIT = 150

for (const form of document.querySelectorAll("form[data-suggest]")) {
  const field = form.querySelector("input[type=search]")
  const list = document.createElement("ul")
  const told = document.createElement("div")
  let chosen = -1, timer, request

  list.id = `${field.id}-suggestions`
  list.className = "suggestions"
  list.hidden = true
  for (const [name, value] of Object.entries({ role: "listbox", "aria-label": form.dataset.suggestLabel })) list.setAttribute(name, value)
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) field.setAttribute(name, value)
  told.className = "visually-hidden"
  told.setAttribute("role", "status")
  field.after(list, told)

  const choose = number => {
    const items = [...list.children]
    chosen = number < items.length ? number : -1
    items.forEach((item, place) => item.setAttribute("aria-selected", String(place === chosen)))
    if (chosen < 0) field.removeAttribute("aria-activedescendant")
    else {
      field.setAttribute("aria-activedescendant", items[chosen].id)
      items[chosen].scrollIntoView({ block: "nearest" })
    }
  }

  const open = isOpen => {
    list.hidden = !isOpen
    field.setAttribute("aria-expanded", String(isOpen))
    if (!isOpen) choose(-1)
  }

  const show = suggestions => {
    list.replaceChildren(...suggestions.map(({ kind, name, url }, place) => {
      const item = document.createElement("li")
      const title = document.createElement("bdi")
      const label = document.createElement("small")
      item.id = `${list.id}-${place}`
      item.setAttribute("role", "option")
      item.dataset.url = url
      title.textContent = name
      label.textContent = kind
      item.append(title, label)
      return item
    }))
    told.textContent = suggestions.length ? `${form.dataset.suggestLabel}: ${suggestions.length}` : ""
    chosen = -1
    open(suggestions.length > 0)
  }

  const ask = async () => {
    request?.abort()
    const typed = field.value.trim()
    if (!typed) return show([])
    request = new AbortController()
    try {
      const answer = await fetch(`${form.dataset.suggest}?${new URLSearchParams({ q: typed })}`, { signal: request.signal })
      if (answer.ok && document.activeElement === field) show((await answer.json()).suggestions)
    } catch {
      // Asked anew meanwhile, or no network: the form is still there.
    }
  }

  field.addEventListener("input", () => {
    clearTimeout(timer)
    timer = setTimeout(ask, WAIT)
  })
  field.addEventListener("keydown", event => {
    if (event.isComposing) return
    if (event.key === "Escape" && !list.hidden) {
      open(false)
      event.preventDefault()
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && list.children.length) {
      if (list.hidden) open(true)
      choose(event.key === "ArrowDown" ? chosen + 1 : chosen < 0 ? list.children.length - 1 : chosen - 1)
      event.preventDefault()
    } else if (event.key === "Enter" && chosen >= 0) {
      location.assign(list.children[chosen].dataset.url)
      event.preventDefault()
    }
  })
  field.addEventListener("blur", () => open(false))
  form.addEventListener("submit", () => request?.abort())
  // Before the field loses the focus, and with it the list.
  list.addEventListener("mousedown", event => event.preventDefault())
  list.addEventListener("click", event => {
    const item = event.target.closest("li")
    if (item) location.assign(item.dataset.url)
  })
}
