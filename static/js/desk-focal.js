/*
The focal point of a picture, by mouse and by keyboard, with what will be seen of it.

<span data-focal><img></span>       the picture; becomes a button: a press sets the point, arrow keys move it
<input id="id_focal_x|y">           shares from 0 to 1; what is saved. They work alone too.
*/

const place = document.querySelector("[data-focal]");
const picture = place?.querySelector("img");
const fields = ["x", "y"].map((axis) => document.getElementById(`id_focal_${axis}`));

// As `articles.renditions.crop_box` cuts a card, and `Image.focus_class` everything else.
const third = (share) => (share < 0.34 ? 0 : share > 0.66 ? 1 : 0.5);
const cut = (box, ratio, at) => {
  const w = Math.min(box.w, box.h * ratio);
  const h = Math.min(box.h, box.w / ratio);
  const inside = (start, all, part, share) => start + Math.min(Math.max(all * share - part / 2, 0), all - part);
  return at.isPoint
    ? { x: inside(box.x, box.w, w, at.x), y: inside(box.y, box.h, h, at.y), w, h }
    : { x: box.x + (box.w - w) * third(at.x), y: box.y + (box.h - h) * third(at.y), w, h };
};
const CROPS = [
  ["On cards", 3 / 2, (all, at) => cut(all, 3 / 2, { ...at, isPoint: true })],
  ["At the head of a page", 16 / 9, (all, at) => cut(all, 16 / 9, at)],
  ["In lists on a phone", 1, (all, at) => cut(cut(all, 3 / 2, { ...at, isPoint: true }), 1, at)],
];

if (picture && fields.every(Boolean)) {
  const button = document.createElement("button");
  const point = document.createElement("span");
  button.type = "button";
  button.className = "focal";
  point.className = "point";
  picture.replaceWith(button);
  button.append(picture, point);
  picture.draggable = false;

  const crops = document.createElement("div");
  crops.className = "crops";
  const canvases = CROPS.map(([name, ratio]) => {
    const figure = document.createElement("figure");
    const canvas = document.createElement("canvas");
    const caption = document.createElement("figcaption");
    canvas.width = 360;
    canvas.height = Math.round(360 / ratio);
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `What is seen: ${name.toLowerCase()}`);
    caption.textContent = name;
    figure.append(canvas, caption);
    crops.append(figure);
    return canvas;
  });
  place.after(crops);

  const here = () => fields.map((field) => Math.min(Math.max(Number.parseFloat(field.value) || 0, 0), 1));
  const show = () => {
    const [x, y] = here();
    point.style.left = `${x * 100}%`;
    point.style.top = `${y * 100}%`;
    button.setAttribute(
      "aria-label",
      `Focal point ${Math.round(x * 100)} % from the left, ${Math.round(y * 100)} % from the top. The arrow keys move it.`,
    );
    if (!picture.naturalWidth) return;
    const all = { x: 0, y: 0, w: picture.naturalWidth, h: picture.naturalHeight };
    CROPS.forEach(([, , box], number) => {
      const { x: left, y: top, w, h } = box(all, { x, y });
      const canvas = canvases[number];
      canvas.getContext("2d").drawImage(picture, left, top, w, h, 0, 0, canvas.width, canvas.height);
    });
  };
  const set = (x, y) => {
    [x, y].forEach((share, number) => {
      fields[number].value = (Math.round(Math.min(Math.max(share, 0), 1) * 100) / 100).toString();
      fields[number].dispatchEvent(new Event("change", { bubbles: true }));
    });
    show();
  };

  button.addEventListener("click", (event) => {
    if (!event.detail) return; // Enter and Space press it nowhere
    const box = picture.getBoundingClientRect();
    set((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  });
  button.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? 0.1 : 0.01;
    const [x, y] = here();
    const to = {
      ArrowLeft: [x - step, y], ArrowRight: [x + step, y], ArrowUp: [x, y - step], ArrowDown: [x, y + step], Home: [0.5, 0.5],
    }[event.key];
    if (!to) return;
    event.preventDefault();
    set(...to);
  });
  for (const field of fields) field.addEventListener("input", show);
  picture.addEventListener("load", show);
  show();
}
