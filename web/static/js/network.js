// A network that moves, by cytoscape.js: pointer, wheel, pinch and keyboard; names that do not lie
// upon each other. The page's table holds the same for those who do not see it.

const WIDEST_FIT = 1.15;
const STEP = 1.4;
const SPREAD_STEPS = 80;
const GAP = 5;
const ROOM = 2.2; // of the area that the names cover

// Make room for all names, in the shape of the picture.
function widen(boxes, shape) {
  const span = (axis) => {
    const all = boxes.map((one) => one[axis]);
    return Math.max(...all) - Math.min(...all) || 1;
  };
  const area = ROOM * boxes.reduce((sum, one) => sum + (one.right - one.left) * (one.bottom - one.top), 0);
  const [across, down] = [Math.sqrt(area * shape) / span("x"), Math.sqrt(area / shape) / span("y")];
  for (const one of boxes) {
    one.x *= Math.max(across, 1);
    one.y *= Math.max(down, 1);
  }
}

// Push names apart that lie upon each other, along the shorter way; equal input, equal picture.
function spread(picture, fixed, roomy) {
  const boxes = picture.nodes().map((node) => {
    const [at, box] = [node.position(), node.boundingBox({ includeLabels: true, includeOverlays: false })];
    return {
      node,
      x: at.x,
      y: at.y,
      left: box.x1 - at.x - GAP,
      right: box.x2 - at.x + GAP,
      top: box.y1 - at.y - GAP,
      bottom: box.y2 - at.y + GAP,
      held: node.id() === fixed,
    };
  });
  if (roomy) widen(boxes, picture.width() / Math.max(picture.height(), 1));
  for (let step = 0; step < SPREAD_STEPS; step += 1) {
    let moved = false;
    boxes.forEach((one, place) => {
      for (const other of boxes.slice(place + 1)) {
        const across = Math.min(one.x + one.right - other.x - other.left, other.x + other.right - one.x - one.left);
        const down = Math.min(one.y + one.bottom - other.y - other.top, other.y + other.bottom - one.y - one.top);
        if (across <= 0 || down <= 0) continue;
        moved = true;
        const axis = across < down ? "x" : "y";
        const sign = one[axis] <= other[axis] ? 1 : -1;
        const push = ((axis === "x" ? across : down) / 2 + 0.5) * sign * (one.held || other.held ? 2 : 1);
        if (!one.held) one[axis] -= push;
        if (!other.held) other[axis] += push;
      }
    });
    if (!moved) break;
  }
  picture.batch(() => {
    for (const { node, x, y } of boxes) node.position({ x, y });
  });
}

// Make a network in `box`. `look` gives its style; `choose` is told of the node that was clicked,
// tapped or come to by an arrow key; `open` of the one on which Enter was pressed.
export async function makeNetwork({ box, bar, library, moving, look, label, fixed, choose, open, signal }) {
  const [{ default: cytoscape }, { buttons, isArrow, isStill, onColours, toward }] = await Promise.all([
    import(library),
    import(moving),
    document.fonts.ready, // names are measured
  ]);
  box.replaceChildren();
  box.tabIndex = 0;
  box.setAttribute("role", "application");
  box.setAttribute("aria-label", label);
  const picture = cytoscape({ container: box, style: look(), maxZoom: 3, minZoom: 0.1 });
  onColours(() => picture.style(look()), signal);

  const middle = () => ({ x: box.clientWidth / 2, y: box.clientHeight / 2 });
  const zoomBy = (factor) => picture.zoom({ level: picture.zoom() * factor, renderedPosition: middle() });

  function fit() {
    picture.fit(undefined, 16);
    if (picture.zoom() > WIDEST_FIT) {
      picture.zoom(WIDEST_FIT);
      picture.center();
    }
  }

  // Lay the network out, and let the nodes go to their places where motion is welcome.
  function arrange(options, moves) {
    const before = new Map(picture.nodes().map((node) => [node.id(), { ...node.position() }]));
    const view = { zoom: picture.zoom(), pan: { ...picture.pan() } };
    if (options) picture.layout({ ...options, animate: false, fit: false, randomize: false }).run();
    spread(picture, fixed, Boolean(options));
    fit();
    if (!moves || isStill()) return;
    const target = { zoom: picture.zoom(), pan: { ...picture.pan() } };
    picture.viewport(view);
    picture.nodes().forEach((node) => {
      const position = { ...node.position() };
      node.position(before.get(node.id()));
      node.animate({ position }, { duration: 400 });
    });
    picture.animate(target, { duration: 400 });
  }

  function pick(node) {
    picture.nodes().unselect();
    node.select();
    const { x, y } = node.renderedPosition();
    if (x < 0 || y < 0 || x > box.clientWidth || y > box.clientHeight) picture.center(node);
    choose(node);
  }

  picture.on("tap", "node", (event) => choose(event.target));
  box.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const chosen = picture.nodes(":selected")[0];
      if (isArrow(event.key)) {
        const { x, y } = chosen ? chosen.position() : { x: 0, y: 0 };
        const places = picture.nodes().map((node) => [node, node.position("x"), node.position("y")]);
        const next = chosen ? toward(event.key, x, y, places) : picture.getElementById(fixed || "")[0] || picture.nodes()[0];
        if (next) pick(next);
      } else if (event.key === "+" || event.key === "=") zoomBy(STEP);
      else if (event.key === "-") zoomBy(1 / STEP);
      else if (event.key === "Home") fit();
      else if (event.key === "Enter" && chosen) open(chosen);
      else return;
      event.preventDefault();
    },
    { signal },
  );
  bar.prepend(
    buttons("The picture", [
      ["Zoom in", "+", () => zoomBy(STEP)],
      ["Zoom out", "−", () => zoomBy(1 / STEP)],
      ["Whole picture", "↺", fit],
    ]),
  );
  return { picture, arrange, fit };
}
