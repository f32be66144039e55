// A trial's neighbourhood as a picture that can be moved and unfolded, by cytoscape.js. The page's
// table holds the same for those who do not see it.

const box = document.getElementById("graph");
const detail = document.getElementById("graph-detail");
const help = document.querySelector(".graph-help");
const colours = new Map();
const unfolded = new Set();
let picture;

function readColours() {
  for (const swatch of document.querySelectorAll(".graph-page .legend [data-cat]")) {
    colours.set(Number(swatch.dataset.cat), getComputedStyle(swatch).fill);
  }
  const style = getComputedStyle(box);
  return { ink: style.color, paper: style.backgroundColor, line: style.borderTopColor, font: style.fontFamily };
}

function look() {
  const { ink, paper, line, font } = readColours();
  return [
    {
      selector: "node",
      style: {
        "background-color": (node) => colours.get(node.data("group")) || line,
        label: (node) => `${node.data("label")}\n${node.data("note")}`,
        "text-wrap": "wrap",
        "text-max-width": box.clientWidth < 600 ? 78 : 200,
        color: ink,
        "font-family": font,
        "font-size": 11,
        "text-outline-color": paper,
        "text-outline-width": 2,
        "text-valign": "bottom",
        "text-margin-y": 4,
        width: 20,
        height: 20,
      },
    },
    { selector: "node.self", style: { width: 36, height: 36, "border-width": 4, "border-color": ink, "font-weight": 600 } },
    { selector: "node:selected", style: { "border-width": 3, "border-color": ink } },
    {
      selector: "edge",
      style: {
        width: (edge) => 0.6 + 3.4 * edge.data("score"),
        "line-color": line,
        opacity: 0.3,
        "curve-style": "haystack",
      },
    },
    { selector: "edge.own", style: { opacity: 0.8 } },
    { selector: "edge.related", style: { "line-color": ink, "line-style": "dashed", opacity: 0.8 } },
  ];
}

function add(data) {
  const fresh = [];
  for (const node of data.nodes) {
    if (picture.getElementById(node.id).empty()) {
      fresh.push({ data: node, classes: node.id === box.dataset.self ? "self" : "" });
    }
  }
  const edges = [];
  for (const edge of data.edges) {
    const id = [edge.source, edge.target].sort().join("-");
    if (picture.getElementById(id).empty()) {
      const own = edge.source === box.dataset.self || edge.target === box.dataset.self;
      const classes = [own ? "own" : "", edge.kinds.length ? "related" : ""].filter(Boolean);
      edges.push({ data: { id, ...edge }, classes });
    }
  }
  picture.add([...fresh, ...edges]);
  return fresh.length;
}

function fit() {
  picture.fit(undefined, 24);
  if (picture.zoom() > 1.15) {
    picture.zoom(1.15);
    picture.center();
  }
}

function arrange() {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  picture
    .layout({
      name: "cose",
      animate: still ? false : "end",
      randomize: false,
      nodeRepulsion: () => 60000,
      idealEdgeLength: (edge) => 90 + 140 * (1 - edge.data("score")),
      nodeOverlap: 20,
      padding: 30,
    })
    .run();
}

async function unfold(id) {
  const response = await fetch(box.dataset.graph.replace(box.dataset.self, id));
  if (!response.ok) return 0;
  unfolded.add(id);
  const at = { ...picture.getElementById(id).position() };
  const before = new Set(picture.nodes().map((node) => node.id()));
  const count = add(await response.json());
  let turn = 0;
  picture.nodes().forEach((node) => {
    if (before.has(node.id())) return;
    turn += 2.4;
    node.position({ x: at.x + 60 * Math.cos(turn), y: at.y + 60 * Math.sin(turn) });
  });
  if (count) arrange();
  return count;
}

function tell(node) {
  const link = document.createElement("a");
  link.href = box.dataset.trial.replace("NCT0", node.id());
  link.textContent = node.data("title");
  const id = document.createElement("span");
  id.className = "nct";
  id.textContent = ` ${node.id()} `;
  detail.replaceChildren(link, id);
  if (!unfolded.has(node.id())) {
    const more = document.createElement("button");
    more.type = "button";
    more.className = "small";
    more.textContent = "Unfold its neighbours";
    more.addEventListener("click", async () => {
      const count = await unfold(node.id());
      more.replaceWith(document.createTextNode(count ? `${count} more trials` : "All are here already"));
    });
    detail.append(more);
  }
}

if (box && box.dataset.library) {
  const [{ default: cytoscape }, response] = await Promise.all([
    import(box.dataset.library),
    fetch(box.dataset.graph),
  ]);
  if (response.ok) {
    const data = await response.json();
    box.replaceChildren();
    box.classList.add("moving");
    box.setAttribute("role", "img");
    box.setAttribute("aria-label", "Picture of the links in the table below");
    picture = cytoscape({ container: box, style: look(), wheelSensitivity: 0.3, maxZoom: 3, minZoom: 0.2 });
    add(data);
    // The closer to the middle, the more alike; the same trial always looks the same.
    const scores = new Map();
    for (const edge of data.edges) {
      if (edge.source === box.dataset.self) scores.set(edge.target, edge.score);
      if (edge.target === box.dataset.self) scores.set(edge.source, edge.score);
    }
    const others = picture.nodes().filter((node) => node.id() !== box.dataset.self);
    const ranked = others.sort((one, two) => (scores.get(two.id()) || 0) - (scores.get(one.id()) || 0));
    ranked.forEach((node, place) => {
      const angle = (2 * Math.PI * (place + 0.25)) / ranked.length;
      const away = 0.55 + 0.3 * (1 - (scores.get(node.id()) || 0)) + (place % 2) * 0.15;
      node.position({
        x: away * (box.clientWidth / 2 - 60) * Math.cos(angle),
        y: away * (box.clientHeight / 2 - 50) * Math.sin(angle),
      });
    });
    unfolded.add(box.dataset.self);
    fit();
    picture.on("tap", "node", (event) => tell(event.target));
    help.hidden = false;
    document.addEventListener("themechange", () => picture.style(look()));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => picture.style(look()));
    box.dataset.ready = "yes";
  }
}
