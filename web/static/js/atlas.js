// The atlas as a map that moves: a canvas in place of the still picture. Pointer, wheel, pinch and
// keyboard; everything it tells stands in the lists of the page too.

const box = document.getElementById("atlas");
const detail = document.getElementById("atlas-detail");
const image = box.querySelector("img");
const canvas = document.createElement("canvas");
canvas.tabIndex = 0;
canvas.setAttribute("role", "application");
canvas.setAttribute(
  "aria-label",
  "Map of trials. Arrow keys move, plus and minus zoom, Enter opens the trial in the middle.",
);

const view = { x: 0, y: 0, zoom: 1 };
let dots = [];
let names = [];
let colours = new Map();
let ink = "";
let paper = "";
let font = "";
let hovered = null;
let drawn = 0;

function readColours() {
  colours = new Map();
  for (const swatch of document.querySelectorAll("#atlas-legend [data-cat]")) {
    colours.set(Number(swatch.dataset.cat), getComputedStyle(swatch).fill);
  }
  const style = getComputedStyle(box);
  [ink, paper, font] = [style.color, style.backgroundColor, style.fontFamily];
}

const side = () => Math.min(canvas.clientWidth, canvas.clientHeight);
const scale = () => (side() / 2.1) * view.zoom;
const toScreen = (x, y) => [
  canvas.clientWidth / 2 + (x - view.x) * scale(),
  canvas.clientHeight / 2 + (y - view.y) * scale(),
];

function draw() {
  drawn = 0;
  const ratio = devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  const radius = Math.min(9, Math.max(2.2, (side() / 200) * Math.sqrt(view.zoom)));
  for (const dot of dots) {
    const [x, y] = toScreen(dot[1], dot[2]);
    if (x < -9 || y < -9 || x > width + 9 || y > height + 9) continue;
    pen.fillStyle = colours.get(dot[3]) || ink;
    pen.beginPath();
    pen.arc(x, y, radius, 0, 7);
    pen.fill();
  }
  pen.textAlign = "center";
  pen.lineJoin = "round";
  pen.font = `600 ${Math.max(12, Math.min(15, side() / 48))}px ${font}`;
  const taken = [];
  for (const [label, px, py] of names) {
    const half = pen.measureText(label).width / 2;
    const [at, y] = toScreen(px, py);
    if (at < 0 || at > width || y < 0 || y > height) continue;
    const x = Math.max(half + 4, Math.min(width - half - 4, at));
    const clash = taken.some((t) => Math.abs(t[1] - y) < 18 && Math.abs(t[0] - x) < t[2] + half + 6);
    if (clash) continue;
    taken.push([x, y, half]);
    pen.strokeStyle = paper;
    pen.lineWidth = 4;
    pen.strokeText(label, x, y);
    pen.fillStyle = ink;
    pen.fillText(label, x, y);
  }
  if (hovered) {
    const [x, y] = toScreen(hovered[1], hovered[2]);
    pen.strokeStyle = ink;
    pen.lineWidth = 2;
    pen.beginPath();
    pen.arc(x, y, radius + 3, 0, 7);
    pen.stroke();
  }
}

const redraw = () => {
  if (!drawn) drawn = requestAnimationFrame(draw);
};

function nearest(x, y, reach) {
  let best = null;
  let least = reach * reach;
  for (const dot of dots) {
    const [dx, dy] = toScreen(dot[1], dot[2]);
    const away = (dx - x) ** 2 + (dy - y) ** 2;
    if (away < least) [best, least] = [dot, away];
  }
  return best;
}

const trialAddress = (id) => box.dataset.trial.replace("NCT0", id);

function tell(dot) {
  if (dot === hovered) return;
  hovered = dot;
  canvas.style.cursor = dot ? "pointer" : "grab";
  if (dot) {
    const link = document.createElement("a");
    link.href = trialAddress(dot[0]);
    link.textContent = dot[4];
    const id = document.createElement("span");
    id.className = "nct";
    id.textContent = ` ${dot[0]}`;
    detail.replaceChildren(link, id);
  }
  redraw();
}

function zoomAt(factor, x, y) {
  const before = scale();
  view.zoom = Math.min(40, Math.max(1, view.zoom * factor));
  const change = 1 / before - 1 / scale();
  view.x += (x - canvas.clientWidth / 2) * change;
  view.y += (y - canvas.clientHeight / 2) * change;
  keepInside();
  redraw();
}

function keepInside() {
  view.x = Math.max(-1, Math.min(1, view.x));
  view.y = Math.max(-1, Math.min(1, view.y));
  if (view.zoom === 1) [view.x, view.y] = [0, 0];
}

const pointers = new Map();
let moved = 0;
canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  pointers.set(event.pointerId, [event.offsetX, event.offsetY]);
  moved = 0;
});
canvas.addEventListener("pointermove", (event) => {
  const now = [event.offsetX, event.offsetY];
  const last = pointers.get(event.pointerId);
  if (!last) {
    tell(nearest(...now, 14));
    return;
  }
  const others = [...pointers].filter(([id]) => id !== event.pointerId);
  if (others.length) {
    const [, other] = others[0];
    const before = Math.hypot(last[0] - other[0], last[1] - other[1]);
    const after = Math.hypot(now[0] - other[0], now[1] - other[1]);
    if (before > 0) zoomAt(after / before, (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
  } else {
    view.x -= (now[0] - last[0]) / scale();
    view.y -= (now[1] - last[1]) / scale();
    keepInside();
    redraw();
  }
  moved += Math.hypot(now[0] - last[0], now[1] - last[1]);
  pointers.set(event.pointerId, now);
});
canvas.addEventListener("pointerup", (event) => {
  const touch = event.pointerType === "touch";
  if (pointers.delete(event.pointerId) && moved < 6) {
    const dot = nearest(event.offsetX, event.offsetY, touch ? 24 : 14);
    // A finger cannot hover: its first tap tells, the link below the map opens.
    if (dot && touch) tell(dot);
    else if (dot) location.assign(trialAddress(dot[0]));
  }
});
canvas.addEventListener("pointercancel", (event) => pointers.delete(event.pointerId));
canvas.addEventListener(
  "wheel",
  (event) => {
    // At its widest the map lets the page scroll.
    if (view.zoom === 1 && event.deltaY > 0) return;
    event.preventDefault();
    zoomAt(Math.exp(-event.deltaY / 300), event.offsetX, event.offsetY);
  },
  { passive: false },
);
canvas.addEventListener("keydown", (event) => {
  const step = 0.2 / view.zoom;
  const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
  const middle = [canvas.clientWidth / 2, canvas.clientHeight / 2];
  if (moves[event.key] && view.zoom > 1) {
    view.x += moves[event.key][0];
    view.y += moves[event.key][1];
    keepInside();
    tell(nearest(...middle, 60));
  } else if (event.key === "+" || event.key === "=") {
    zoomAt(1.4, ...middle);
    tell(nearest(...middle, 60));
  } else if (event.key === "-") {
    zoomAt(1 / 1.4, ...middle);
  } else if (event.key === "Enter" && hovered) {
    location.assign(trialAddress(hovered[0]));
    return;
  } else {
    return;
  }
  event.preventDefault();
  redraw();
});

function button(label, said, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = said;
  made.setAttribute("aria-label", label);
  made.addEventListener("click", act);
  return made;
}

const response = await fetch(box.dataset.map);
if (response.ok) {
  ({ dots, names } = await response.json());
  const controls = document.createElement("div");
  controls.className = "map-controls";
  const middle = () => [canvas.clientWidth / 2, canvas.clientHeight / 2];
  controls.append(
    button("Zoom in", "+", () => zoomAt(1.6, ...middle())),
    button("Zoom out", "−", () => zoomAt(1 / 1.6, ...middle())),
    button("Whole map", "↺", () => {
      view.zoom = 1;
      keepInside();
      redraw();
    }),
  );
  image.replaceWith(canvas, controls);
  readColours();
  new ResizeObserver(redraw).observe(canvas);
  const recolour = () => {
    readColours();
    redraw();
  };
  document.addEventListener("themechange", recolour);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
  box.dataset.ready = "yes";
  redraw();
}
