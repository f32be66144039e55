// The atlas as a map that moves: a canvas in place of the still picture. Pointer, wheel, pinch and
// keyboard; everything it tells stands in the lists of the page too.

const box = document.getElementById("atlas");
const bar = document.getElementById("atlas-bar");
const detail = document.getElementById("atlas-detail");
const legend = document.getElementById("atlas-legend");
const canvas = document.createElement("canvas");
canvas.tabIndex = 0;
canvas.setAttribute("role", "application");
canvas.setAttribute("aria-label", box.dataset.label);

const ZOOM_MOST = 40;
const view = { x: 0, y: 0, zoom: 1 };
let map = { dots: [], names: [], generation: 0 };
let trials = null; // [NCT id, title] of each dot, fetched when the reader first comes near
let alone = null; // the one colour that is shown, where one is chosen
let colours = new Map();
let [ink, paper, font] = ["", "", ""];
let hovered = null;
let drawn = 0;

function readColours() {
  for (const swatch of legend.querySelectorAll("[data-cat]")) {
    colours.set(Number(swatch.dataset.cat), getComputedStyle(swatch).fill);
  }
  const style = getComputedStyle(box);
  [ink, paper, font] = [style.color, style.backgroundColor, style.fontFamily];
}

const side = () => Math.min(canvas.clientWidth, canvas.clientHeight);
const scale = () => (side() / 2.1) * view.zoom;
const toScreen = ([x, y]) => [
  canvas.clientWidth / 2 + (x - view.x) * scale(),
  canvas.clientHeight / 2 + (y - view.y) * scale(),
];

function drawDots(pen, width, height, radius) {
  const isPale = (dot) => alone !== null && dot[2] !== alone;
  for (const pale of alone === null ? [false] : [true, false]) {
    pen.globalAlpha = pale ? 0.12 : 1;
    for (const dot of map.dots) {
      if (isPale(dot) !== pale) continue;
      const [x, y] = toScreen(dot);
      if (x < -9 || y < -9 || x > width + 9 || y > height + 9) continue;
      pen.fillStyle = colours.get(dot[2]) || ink;
      pen.beginPath();
      pen.arc(x, y, radius, 0, 7);
      pen.fill();
    }
  }
}

function drawNames(pen, width, height) {
  pen.textAlign = "center";
  pen.lineJoin = "round";
  pen.font = `600 ${Math.max(12, Math.min(15, side() / 48))}px ${font}`;
  const taken = [];
  for (const [label, px, py] of map.names) {
    const half = pen.measureText(label).width / 2;
    const [at, y] = toScreen([px, py]);
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
}

function draw() {
  drawn = 0;
  const ratio = devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  const radius = Math.min(9, Math.max(2.2, (side() / 200) * Math.sqrt(view.zoom)));
  drawDots(pen, width, height, radius);
  pen.globalAlpha = 1;
  drawNames(pen, width, height);
  if (hovered !== null) {
    const [x, y] = toScreen(map.dots[hovered]);
    for (const [colour, wide] of [[paper, 6], [ink, 2.5]]) {
      pen.strokeStyle = colour;
      pen.lineWidth = wide;
      pen.beginPath();
      pen.arc(x, y, radius + 3, 0, 7);
      pen.stroke();
    }
  }
}

const redraw = () => {
  if (!drawn) drawn = requestAnimationFrame(draw);
};

function nearest(x, y, reach) {
  let best = null;
  let least = reach * reach;
  map.dots.forEach((dot, place) => {
    const [dx, dy] = toScreen(dot);
    const away = (dx - x) ** 2 + (dy - y) ** 2;
    const shown = alone === null || dot[2] === alone;
    if (shown && away < least) [best, least] = [place, away];
  });
  return best;
}

async function fetched(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response.json();
}

// The trials of the dots, asked for once. A graph published in between has other dots, so both
// answers name theirs.
function named() {
  trials ??= fetched(box.dataset.trials).then(async (answer) => {
    if (answer.generation !== map.generation) {
      hovered = null;
      map = await fetched(box.dataset.map);
      redraw();
    }
    return answer.trials;
  });
  trials.catch(() => { trials = null; });
  return trials;
}

const failed = () => {
  detail.textContent = "What the dots stand for could not be fetched; the lists below hold it.";
};
const addressOf = (id) => box.dataset.trial.replace("NCT0", id);

async function tell(place) {
  if (place === hovered) return;
  hovered = place;
  canvas.style.cursor = place === null ? "grab" : "pointer";
  redraw();
  if (place === null) return;
  try {
    const found = (await named())[place];
    if (hovered !== place || !found) return; // the reader is elsewhere by now
    const link = document.createElement("a");
    link.href = addressOf(found[0]);
    link.textContent = found[1];
    const more = document.createElement("span");
    more.className = "quiet";
    const group = legend.querySelector(`[data-cat="${map.dots[place][2]}"]`)?.closest("li").dataset.label;
    more.textContent = ` ${found[0]}${group ? `, ${group}` : ""}`;
    detail.replaceChildren(link, more);
  } catch {
    failed();
  }
}

async function open(place, apart) {
  try {
    const found = (await named())[place];
    if (apart) window.open(addressOf(found[0]), "_blank", "noopener");
    else location.assign(addressOf(found[0]));
  } catch {
    failed();
  }
}

function settle() {
  view.x = Math.max(-1, Math.min(1, view.x));
  view.y = Math.max(-1, Math.min(1, view.y));
  if (view.zoom === 1) [view.x, view.y] = [0, 0];
  // At its widest there is nothing to move: a finger scrolls the page.
  canvas.style.touchAction = view.zoom === 1 ? "pan-y" : "none";
  redraw();
}

function zoomAt(factor, x, y) {
  const before = scale();
  view.zoom = Math.min(ZOOM_MOST, Math.max(1, view.zoom * factor));
  const change = 1 / before - 1 / scale();
  view.x += (x - canvas.clientWidth / 2) * change;
  view.y += (y - canvas.clientHeight / 2) * change;
  settle();
}

// About the trial that is told of, so that zooming does not lose it; else about the middle.
function zoomBy(factor) {
  const [x, y] = hovered === null ? [-1, -1] : toScreen(map.dots[hovered]);
  const inside = x >= 0 && y >= 0 && x <= canvas.clientWidth && y <= canvas.clientHeight;
  zoomAt(factor, ...(inside ? [x, y] : [canvas.clientWidth / 2, canvas.clientHeight / 2]));
}

const whole = () => { view.zoom = 1; settle(); };

function go(key, { toward }) {
  const here = hovered === null ? null : map.dots[hovered];
  const places = map.dots.map(([x, y], place) => [place, x, y]).filter(([place]) => alone === null || map.dots[place][2] === alone);
  const next = here ? toward(key, here[0], here[1], places) : nearest(canvas.clientWidth / 2, canvas.clientHeight / 2, Infinity);
  if (next === null) return;
  const [x, y] = toScreen(map.dots[next]);
  if (x < 9 || y < 9 || x > canvas.clientWidth - 9 || y > canvas.clientHeight - 9) {
    [view.x, view.y] = map.dots[next];
    settle();
  }
  tell(next);
}

// One colour alone, for those to whom colours look alike: each swatch of the legend is a switch.
function makeSwitches() {
  for (const swatch of legend.querySelectorAll("[data-cat]")) {
    const picture = swatch.closest("svg");
    const item = swatch.closest("li");
    const made = document.createElement("button");
    made.type = "button";
    made.className = "swatch";
    made.title = "Show this colour alone";
    made.setAttribute("aria-label", `Show alone: ${item.dataset.label}`);
    made.setAttribute("aria-pressed", "false");
    picture.replaceWith(made);
    made.append(picture);
    made.addEventListener("click", () => {
      const number = Number(swatch.dataset.cat);
      alone = alone === number ? null : number;
      hovered = null;
      detail.textContent = detail.dataset.help;
      for (const one of legend.querySelectorAll("button")) one.setAttribute("aria-pressed", String(alone !== null && one === made));
      redraw();
    });
  }
}

async function start() {
  const [moving, answer] = await Promise.all([import(box.dataset.moving), fetched(box.dataset.map), document.fonts.ready]);
  map = answer;
  moving.onPointers(canvas, {
    isWidest: () => view.zoom === 1,
    zoom: zoomAt,
    pan(across, down) {
      view.x -= across / scale();
      view.y -= down / scale();
      settle();
    },
    hover: (x, y) => tell(nearest(x, y, 14)),
    tap(x, y, event) {
      const touch = event.pointerType === "touch";
      const place = nearest(x, y, touch ? 24 : 14);
      // A finger cannot hover: its tap tells, and the link below the map opens.
      if (place !== null && touch) tell(place);
      else if (place !== null) open(place, event.ctrlKey || event.metaKey);
    },
  });
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (moving.isArrow(event.key)) go(event.key, moving);
    else if (event.key === "+" || event.key === "=") zoomBy(1.4);
    else if (event.key === "-") zoomBy(1 / 1.4);
    else if (event.key === "Home") whole();
    else if (event.key === "Enter" && hovered !== null) open(hovered, false);
    else return;
    event.preventDefault();
  });
  bar.prepend(
    moving.buttons("The map", [
      ["Zoom in", "+", () => zoomBy(1.6)],
      ["Zoom out", "−", () => zoomBy(1 / 1.6)],
      ["Whole map", "↺", whole],
    ]),
  );
  makeSwitches();
  // Back from a trial, the map is where it was left.
  Object.assign(view, history.state?.atlas);
  addEventListener("pagehide", () => history.replaceState({ ...history.state, atlas: view }, ""));
  box.replaceChildren(canvas);
  detail.textContent = detail.dataset.help;
  readColours();
  settle();
  new ResizeObserver(redraw).observe(canvas);
  // At once, not with the next frame: paper does not wait for one.
  moving.onColours(() => {
    readColours();
    draw();
  });
  box.dataset.ready = "yes";
}

try {
  await start();
} catch {
  const still = document.createElement("img");
  [still.src, still.alt] = [box.dataset.still, "Map of the trials; the lists of this page hold the same"];
  box.replaceChildren(still);
  detail.textContent = "The map stands still: what moves it could not be fetched.";
  box.dataset.ready = "still";
}
