/* The dialog for a page elsewhere, such as a video: its address, what it is, a still of ours, a caption. */

import { isVideo, readAddress, siteOf } from "./addresses.js";
import { ask, field } from "./dialogs.js";
import { make } from "./dom.js";
import { askForPicture } from "./pictures.js";

export const usualTitle = (href) => (isVideo(href) ? `Video on ${siteOf(href)}` : siteOf(href));

/** Resolves to `{ href, title, src, alt, width, height, caption }`, to "remove", or to null. */
export function askForEmbed({ embed = {}, caption: before = "", isNew = true, picturesUrl, token }) {
  let still = embed.src ? { src: embed.src, alt: embed.alt, width: embed.width, height: embed.height } : null;
  return ask({ title: "Video or page elsewhere", submit: isNew ? "Put it into the text" : "Change it", remove: isNew ? "" : "Remove it" }, (body) => {
    const address = field("Address", {
      value: embed.href || "", inputmode: "url", autocomplete: "off", autocapitalize: "none", spellcheck: "false", "data-first": true,
      help: "Of a video on YouTube or Vimeo, or of any page. Readers get a link: nothing is loaded from there.",
    });
    const title = field("What it is", { value: embed.title || "", maxlength: 200, autocomplete: "off", help: "Such as its title. Shown where there is no still." });
    const caption = isNew ? field("Caption", { value: before, maxlength: 1000, autocomplete: "off" }) : null;
    const shown = make("p", { class: "rich-text-still" });
    const refresh = () => {
      shown.replaceChildren(
        ...(still
          ? [make("img", { src: still.src, alt: still.alt || "The still" }), make("button", { type: "button", onclick: () => ((still = null), refresh()) }, "Without a still")]
          : []),
        make("button", { type: "button", onclick: pick }, still ? "Another still" : "Choose a still from the library"),
      );
    };
    const pick = async () => {
      const picture = await askForPicture({ url: picturesUrl, token, isStill: true });
      if (picture) still = { src: picture.src, alt: picture.alt, width: picture.width, height: picture.height };
      refresh();
    };
    if (picturesUrl) refresh();
    body.append(address.box, title.box, ...(picturesUrl || still ? [shown] : []), ...(caption ? [caption.box] : []));
    return () => {
      const found = readAddress(address.input.value);
      if (found.problem) return void address.say(found.problem);
      if (!/^https?:/i.test(found.href)) return void address.say("Give the address of a page elsewhere, which begins with https://.");
      const words = title.input.value.trim() || usualTitle(found.href);
      return {
        href: found.href, title: words,
        src: still?.src ?? null, alt: still ? still.alt || words : null, width: still?.width ?? null, height: still?.height ?? null,
        caption: caption?.input.value.trim() ?? "",
      };
    };
  });
}
