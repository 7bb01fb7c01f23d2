/* Making elements, and sending and fetching, for the modules of the editor. */

/** An element: `make("p", { class: "a" }, "text", other)`. False and null attributes are left out. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

let made = 0;
export const newId = (stem) => `rich-text-${stem}-${++made}`;

/** HTML as a document that is never shown. */
export const parse = (html) => new DOMParser().parseFromString(html, "text/html").body;

/** The answer as JSON, or an Error whose message can be shown. */
export async function askServer(address, options = {}) {
  let answer;
  try {
    answer = await fetch(address, { credentials: "same-origin", headers: { Accept: "application/json" }, ...options });
  } catch (problem) {
    if (problem.name === "AbortError") throw problem;
    throw new Error("The site could not be reached. Check the connection and try again.");
  }
  const isJson = (answer.headers.get("Content-Type") || "").includes("json");
  if (isJson) {
    const found = await answer.json();
    if (answer.ok) return found;
    throw new Error(problemsIn(found) || "That did not work. Try again in a moment.");
  }
  if (answer.redirected || [401, 403].includes(answer.status)) {
    throw new Error("You are signed out, or may not do this. Sign in in another tab, then try again here: the text stays.");
  }
  if (answer.status === 413) throw new Error("The file is too large. Save it smaller and try again.");
  throw new Error("That did not work. Try again in a moment.");
}

function problemsIn(found) {
  const said = found.error ?? found.errors ?? found.detail;
  if (typeof said === "string") return said;
  if (said && typeof said === "object") {
    return Object.values(said).flat().map((one) => (typeof one === "string" ? one : one?.message)).filter(Boolean).join(" ");
  }
  return "";
}

/** `address` with `parameters`, whatever it has already. */
export function withQuery(address, parameters) {
  const url = new URL(address, location.href);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/** Calls `work` once nobody has asked again for that many milliseconds. */
export function afterPause(work, pause = 250) {
  let later;
  return (...args) => {
    clearTimeout(later);
    later = setTimeout(() => work(...args), pause);
  };
}
