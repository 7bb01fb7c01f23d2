// What a checker sees of a page as it stands: called in the page by tests/readers, each returns what is wrong in words.

() => {
  const named = element => {
    const classes = typeof element.className === "string" && element.className ? "." + element.className.trim().replace(/\s+/g, ".") : ""
    return element.localName + (element.id ? "#" + element.id : "") + classes
  }
  const isShown = element => element.checkVisibility({ visibilityProperty: true }) && element.clientWidth > 1 && element.clientHeight > 1

  // Wider than the window, outside of what is marked as scrolling by itself.
  const sideways = () => {
    const root = document.documentElement
    if (root.scrollWidth <= root.clientWidth + 1) return []
    const wide = [...document.body.querySelectorAll("*")].filter(e => e.checkVisibility() && (e.getBoundingClientRect().right > root.clientWidth + 1 || e.getBoundingClientRect().left < -1))
    return [`scrolls sideways by ${root.scrollWidth - root.clientWidth}: ${wide.slice(0, 4).map(named).join(", ")}`]
  }

  // Text that its own box cuts off. What scrolls can be scrolled to.
  const clipped = () => [...document.body.querySelectorAll("*")].filter(element => {
    const style = getComputedStyle(element)
    const cuts = value => value === "hidden" || value === "clip"
    // The beginning of what stands whole on a page of its own, with an ellipsis to say so.
    if (style.webkitLineClamp !== "none") return false
    if (!isShown(element) || !element.textContent.trim() || element.localName === "svg") return false
    return (cuts(style.overflowX) && element.scrollWidth > element.clientWidth + 1) || (cuts(style.overflowY) && element.scrollHeight > element.clientHeight + 1)
  }).map(element => `cuts off text: ${named(element)}`)

  // Where the reader has colours of their own, what keeps ours. A drawing may.
  const stubborn = () => !matchMedia("(forced-colors: active)").matches ? [] : [...document.body.querySelectorAll("*")]
    .filter(e => getComputedStyle(e).forcedColorAdjust === "none" && !e.closest("svg")).map(e => `keeps its colours: ${named(e)}`)

  // The name of the publication in pieces of words, and fields too narrow for a word.
  const squeezed = () => {
    const text = document.querySelector(".masthead .name")?.firstChild
    const broken = [...(text?.data ?? "").matchAll(/\S+/g)].filter(word => {
      const range = document.createRange()
      range.setStart(text, word.index)
      range.setEnd(text, word.index + word[0].length)
      return new Set([...range.getClientRects()].map(line => line.top)).size > 1
    }).map(word => `breaks a word: ${word[0]}`)
    const narrow = [...document.querySelectorAll("input[type=search], input[type=text], input[type=email], textarea")]
      .filter(e => isShown(e) && e.clientWidth < 7 * parseFloat(getComputedStyle(e).fontSize)).map(e => `too narrow to type into: ${named(e)}`)
    return [...broken, ...narrow]
  }

  return [...sideways(), ...clipped(), ...stubborn(), ...squeezed()]
}
