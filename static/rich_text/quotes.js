/* Quotation marks and dashes as the language of the piece has them, while one types. Undo gives back what was typed. */

const APOSTROPHE = "\u2019";
const ENGLISH = { double: "\u201c\u201d", single: "\u2018\u2019", dash: "\u2014" };
const LOW = { double: "\u201e\u201c", single: "\u201a\u2018", dash: "\u2013" };
const ANGLES = { double: "\u00ab\u00bb", single: "\u201c\u201d", dash: "\u2014" };
const CORNERS = { double: "\u300c\u300d", single: "\u300e\u300f", dash: "\u2014", isUnspaced: true };
const RIGHT = { double: "\u201d\u201d", single: "\u2019\u2019", dash: "\u2013" };

// By language tag, the longest that fits. What is not here has the marks of English.
const LANGUAGES = {
  de: LOW, cs: LOW, sk: LOW, sl: LOW, lt: LOW, et: LOW, is: LOW, bg: LOW, sq: LOW, ka: LOW,
  "de-CH": { double: "\u00ab\u00bb", single: "\u2039\u203a", dash: "\u2013" },
  "de-LI": { double: "\u00ab\u00bb", single: "\u2039\u203a", dash: "\u2013" },
  fr: { double: "\u00ab\u00bb", single: "\u2018\u2019", dash: "\u2014", space: "\u00a0" },
  ru: { double: "\u00ab\u00bb", single: "\u201e\u201c", dash: "\u2014" },
  uk: { double: "\u00ab\u00bb", single: "\u201e\u201c", dash: "\u2014" },
  be: { double: "\u00ab\u00bb", single: "\u201e\u201c", dash: "\u2014" },
  es: ANGLES, it: ANGLES, pt: ANGLES, ca: ANGLES, el: ANGLES, fa: { ...ANGLES, single: "\u2039\u203a" }, hy: ANGLES,
  "es-MX": ENGLISH, "es-419": ENGLISH, "es-US": ENGLISH, "pt-BR": ENGLISH,
  nb: { double: "\u00ab\u00bb", single: "\u2018\u2019", dash: "\u2013" },
  no: { double: "\u00ab\u00bb", single: "\u2018\u2019", dash: "\u2013" },
  nn: { double: "\u00ab\u00bb", single: "\u2018\u2019", dash: "\u2013" },
  da: { double: "\u201d\u201d", single: "\u2019\u2019", dash: "\u2013" }, sv: RIGHT, fi: RIGHT,
  pl: { double: "\u201e\u201d", single: "\u201a\u2019", dash: "\u2013" },
  ro: { double: "\u201e\u201d", single: "\u00ab\u00bb", dash: "\u2013" },
  hu: { double: "\u201e\u201d", single: "\u00bb\u00ab", dash: "\u2013" },
  hr: { double: "\u201e\u201d", single: "\u2018\u2019", dash: "\u2013" },
  sr: { double: "\u201e\u201d", single: "\u2018\u2019", dash: "\u2013" },
  ja: CORNERS, "zh-Hant": CORNERS, "zh-TW": CORNERS, "zh-HK": CORNERS, "zh-MO": CORNERS,
  zh: { ...ENGLISH, isUnspaced: true },
};

export function marksOf(language) {
  const parts = (language || "en").split("-").map((part, place) => (place === 0 ? part.toLowerCase() : part.length === 4 ? part[0].toUpperCase() + part.slice(1).toLowerCase() : part.toUpperCase()));
  const known = { ...(LANGUAGES[[parts[0], parts[1]].join("-")] || LANGUAGES[parts[0]] || ENGLISH) };
  return { ...known, isEnglish: parts[0] === "en" };
}

const ELIDED = /(?:^|[\s(\u201c])\u2018((?:tis|twas|twere|em|til|bout|cause|n))$/i;
const WIDE = /[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uff60]/;

/**
 * What stands there instead, once `text` is typed after `before`: `{ cut, put }`, where `cut` characters before it go
 * too. Null where it stays as it is.
 */
export function turned(before, text, marks) {
  const previous = before.slice(-1);
  if (text === "-") {
    if (!/(?:^|[^-])-$/.test(before)) return null;
    return { cut: 1, put: /\d-$/.test(before) ? "\u2013" : marks.dash };
  }
  if (text === '"' || text === "'") {
    // Rock ’n’ roll.
    const clipped = marks.isEnglish && text === "'" && /(?:^|\s)\u2018(n)$/i.exec(before);
    if (clipped) return { cut: 2, put: APOSTROPHE + clipped[1] + APOSTROPHE };
    const [open, close] = text === '"' ? marks.double : marks.single;
    const isWithin = open !== close && before.lastIndexOf(open) > before.lastIndexOf(close);
    let opens = !previous || /[\s([{<\u2014\u2013/\u00a1\u00bf"']/.test(previous) || previous === marks.double[0] || (previous === marks.single[0] && marks.single[0] !== marks.single[1]);
    if (opens && marks.double[0] === marks.double[1] && previous === marks.double[0]) opens = false;
    // Without spaces between words, only what is open already tells.
    if (marks.isUnspaced && WIDE.test(previous)) opens = !isWithin;
    if (marks.space && text === '"') {
      // « mot »: the spaces within hold, and one that was typed is taken for it.
      if (isWithin && /\s/.test(previous)) return { cut: 1, put: marks.space + close };
      return { cut: 0, put: opens && !isWithin ? open + marks.space : marks.space + close };
    }
    if (opens) return { cut: 0, put: open };
    if (text === "'" && close !== APOSTROPHE) return { cut: 0, put: isWithin ? close : APOSTROPHE };
    return { cut: 0, put: close };
  }
  // An apostrophe taken for the end of a quotation: ‚ich hab’s‘.
  const close = marks.single[1];
  if (close !== APOSTROPHE && previous === close && /\p{L}/u.test(text) && /\p{L}.$/u.test(before) && !marks.isUnspaced) {
    return { cut: 1, put: APOSTROPHE + text };
  }
  if (!marks.isEnglish) return null;
  // ’90s and ’tis begin with an apostrophe.
  const decade = text === "s" && /\u2018(\d0)$/.exec(before);
  if (decade) return { cut: 3, put: `${APOSTROPHE}${decade[1]}s` };
  const elided = /[\s.,;:!?)\u2019]/.test(text) && ELIDED.exec(before);
  if (elided) return { cut: elided[1].length + 1, put: `${APOSTROPHE}${elided[1]}${text}` };
  return null;
}

export function typographyFrom(api, language) {
  const marks = marksOf(language);
  const { closeHistory } = api.pm.history;
  const handleTextInput = (view, from, to, text) => {
    if (view.composing || text.length !== 1) return false;
    const place = view.state.doc.resolve(from);
    const isCode = place.parent.type.spec.code || (view.state.storedMarks || place.marks()).some((mark) => mark.type.name === "code");
    if (isCode || !place.parent.isTextblock) return false;
    const before = place.parent.textBetween(0, place.parentOffset, null, (leaf) => (leaf.type.name === "hardBreak" ? "\n" : "\ufffc"));
    const change = turned(before, text, marks);
    if (!change) return false;
    // First as it was typed: that is what undo goes back to.
    view.dispatch(view.state.tr.insertText(text, from, to).scrollIntoView());
    const end = from + text.length;
    view.dispatch(closeHistory(view.state.tr.insertText(change.put, from - change.cut, end)).scrollIntoView());
    view.dispatch(closeHistory(view.state.tr));
    return true;
  };
  return api.Extension.create({
    name: "forumTypography",
    addProseMirrorPlugins: () => [new api.Plugin({ props: { handleTextInput } })],
  });
}
