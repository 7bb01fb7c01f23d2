/* The form of an address, by the rules of prose/sanitise.py: what the site would drop is said before it is lost. */

const EDGES = /^[\s\u0000-\u0020\u200b-\u200f\ufeff]+|[\s\u0000-\u0020\u200b-\u200f\ufeff]+$/g;
const WEB = /^https?:\/\/[^\s/?#\\]/i;
const MAIL = /^mailto:[^\s<>"]+@[^\s<>"]+$/i;
const WITHIN = /^(?:\/(?![/\\])|#)[^\s\\]*$/;
const KINDS = "A link leads to a web page (https://…), to a mail address, or to a page of this site (/…).";

/** What was typed as an address that is kept: `{ href }`, or `{ problem }` in plain words. */
export function readAddress(typed) {
  let href = typed.replace(/[\t\n\r]/g, "").replace(EDGES, "").replaceAll(" ", "%20");
  if (!href) return { problem: "Type or paste an address." };
  if (/^[^\s@/:]+@[^\s@/]+\.[^\s@/]+$/.test(href)) href = `mailto:${href}`;
  else if (/^www\./i.test(href)) href = `https://${href}`;
  else if (/^(?:https?:?\/?\/?)$/i.test(href)) return { problem: "This is the beginning of an address only. Type the rest of it." };
  else if (/^https?:(?!\/\/)/i.test(href)) return { problem: "After https: two slashes are missing. It is written https://example.org." };
  else if (/^(?:\/[/\\]|\\)/.test(href)) return { problem: "An address begins with https://, or with a single / for a page of this site." };
  else if (/^[a-z][a-z\d+.-]*:(?!\d)/i.test(href) && !/^(?:https?|mailto):/i.test(href)) {
    return { problem: `“${href.slice(0, href.indexOf(":") + 1)}” can’t be linked to. ${KINDS}` };
  } else if (!/^(?:https?:|mailto:|\/|#)/i.test(href)) {
    if (!/^[^/?#]+\.[^/?#.]{2,}/.test(href)) return { problem: `“${typed.trim()}” is no address yet. ${KINDS}` };
    href = `https://${href}`;
  }
  if (/^mailto:/i.test(href)) {
    return MAIL.test(href) ? { href } : { problem: "This is no mail address. It is written name@example.org." };
  }
  if (WITHIN.test(href)) return { href };
  if (!WEB.test(href) || !isUrl(href)) return { problem: `“${typed.trim()}” is no address of a page: there is a slip in its first part. ${KINDS}` };
  return { href };
}

function isUrl(href) {
  try {
    const url = new URL(href);
    return !/%20|[\s"<>]/.test(url.host) && !/%20/.test(href.split("/")[2]);
  } catch {
    return false;
  }
}

const VIDEO = /^(?:www\.|m\.|player\.)?(youtube\.com|youtube-nocookie\.com|youtu\.be|vimeo\.com)$/i;

/** Where the page is, as in “YouTube” or “example.org”. */
export function siteOf(href) {
  try {
    const host = new URL(href).hostname;
    const video = VIDEO.exec(host);
    if (video) return video[1].toLowerCase() === "vimeo.com" ? "Vimeo" : "YouTube";
    return host.replace(/^www\./, "");
  } catch {
    return "";
  }
}

export const isVideo = (href) => ["YouTube", "Vimeo"].includes(siteOf(href)) && new URL(href).pathname.length > 1;
