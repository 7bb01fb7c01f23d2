/* How many words: the same count as prose/measure.py makes, footnotes left out. */

const HAN_AND_KANA = /[\u3005\u3007\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{3ffff}]/gu;
const UNSPACED_LETTERS = /[\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e81-\u0eb0\u0eb2\u0eb3\u0ebd-\u0ec6\u1000-\u102a\u1780-\u17b3]/gu;
const UNSPACED = /[\u3005\u3007\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{3ffff}\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]/u;
const ALPHANUMERIC = /[\p{L}\p{N}]/u;

export function countWords(text) {
  text = text.replaceAll("\ufeff", "").replaceAll("\u0085", " ").normalize("NFC");
  const chunks = text.split(/\s+/u).filter(Boolean);
  if (!UNSPACED.test(text)) return chunks.length;
  let spaced = 0;
  for (const chunk of chunks) {
    for (const part of chunk.split(UNSPACED)) if (part === chunk || ALPHANUMERIC.test(part)) spaced += 1;
  }
  const characters = (text.match(HAN_AND_KANA) || []).length;
  const letters = (text.match(UNSPACED_LETTERS) || []).length;
  return spaced + Math.ceil(characters / 1.6 + letters / 5);
}

/** The words of the editor's document, one after the other, without footnotes. */
export function runningText(node) {
  if (node.isText) return node.text;
  if (node.type.name === "hardBreak") return "\n";
  if (node.isInline) return "";
  const parts = node.type.name === "embedLink" && !node.attrs.src ? [node.attrs.title || ""] : [];
  node.forEach((child) => parts.push(runningText(child)));
  return ` ${parts.join("")} `;
}

export function describeLength(words, usual) {
  if (!words) return usual ? `No words yet; about ${usual} is usual` : "No words yet";
  const length = `${words.toLocaleString("en-GB")} ${words === 1 ? "word" : "words"}, ${Math.ceil(words / 200)} min read`;
  return usual ? `${length}; about ${usual} is usual` : length;
}
