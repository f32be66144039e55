// A trial's neighbourhood as a picture that can be moved and unfolded. The page's table holds the
// same for those who do not see it.

const box = document.getElementById("graph");
const bar = document.getElementById("graph-bar");
const detail = document.getElementById("graph-detail");
const help = document.querySelector(".graph-help");
const counted = document.getElementById("graph-count");
const links = document.getElementById("graph-links");
const TITLE_MOST = 70;
const REASON_MOST = 200;
const swatches = [...document.querySelectorAll(".graph-page .legend [data-cat]")];
const self = box.dataset.self;
const colours = new Map();
const unfolded = new Set([self]);
let network;

function look() {
  for (const swatch of swatches) colours.set(Number(swatch.dataset.cat), getComputedStyle(swatch).fill);
  const style = getComputedStyle(box);
  const [ink, paper, line] = [style.color, style.backgroundColor, style.borderTopColor];
  return [
    {
      selector: "node",
      style: {
        "background-color": (node) => colours.get(node.data("group")) || line,
        label: (node) => `${node.data("label")}\n${node.data("note")}`,
        "text-wrap": "wrap",
        "text-max-width": box.clientWidth < 600 ? 92 : 180,
        color: ink,
        "font-family": style.fontFamily,
        "font-size": box.clientWidth < 600 ? 11 : 12.5,
        "min-zoomed-font-size": 5,
        "text-outline-color": paper,
        "text-outline-width": 2,
        "text-valign": "bottom",
        "text-margin-y": 4,
        width: 20,
        height: 20,
      },
    },
    { selector: "node.self", style: { width: 36, height: 36, "border-width": 4, "border-color": ink, "font-weight": 600 } },
    { selector: "node:selected", style: { "border-width": 4, "border-color": ink, width: 26, height: 26 } },
    { selector: "node.self:selected", style: { width: 42, height: 42 } },
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
    // Each of a programme's trials is joined to each other: kin must be seen through them.
    { selector: "edge.related", style: { "line-color": ink, "line-style": "dashed", width: 1, opacity: 0.16 } },
    { selector: "edge.related.own", style: { width: 1.4, opacity: 0.55 } },
  ];
}

async function fetched(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response.json();
}

function add(data) {
  const { picture } = network;
  const nodes = data.nodes.filter((node) => picture.getElementById(node.id).empty());
  const edges = [];
  for (const edge of data.edges) {
    const id = [edge.source, edge.target].sort().join("-");
    if (picture.getElementById(id).empty()) {
      const own = edge.source === self || edge.target === self;
      const classes = [own ? "own" : "", edge.kinds.length ? "related" : ""].filter(Boolean);
      edges.push({ data: { id, ...edge }, classes });
    }
  }
  const fresh = picture.add([...nodes.map((node) => ({ data: node, classes: node.id === self ? "self" : "" })), ...edges]);
  // The legend tells of the colours that are in the picture, and of no others.
  const groups = new Set(picture.nodes().map((node) => node.data("group")));
  for (const swatch of swatches) swatch.closest("li").hidden = !groups.has(Number(swatch.dataset.cat));
  return fresh;
}

const cut = (text, most) => (text.length <= most ? text : `${text.slice(0, most - 1).trimEnd()}…`);
const trials = (count, more = "") => `${count}${more} ${count === 1 ? "trial" : "trials"}`;
const addressOf = (id) => box.dataset.trial.replace("NCT0", id);

function made(name, properties, ...inside) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...inside);
  return element;
}

// The table holds what is unfolded too.
function list(edges) {
  const titleOf = (id) => cut(network.picture.getElementById(id).data("title"), TITLE_MOST);
  const trial = (id) =>
    made("td", {}, made("a", { className: "nct", href: addressOf(id) }, id), made("br"), made("bdi", {}, titleOf(id)));
  for (const { source, target, score, kinds, reason } of edges) {
    links.append(
      made(
        "tr",
        {},
        trial(source),
        trial(target),
        made("td", { className: "figure" }, score ? score.toFixed(2) : "–"),
        made("td", { className: "kind" }, kinds.join(", ")),
        made("td", {}, made("bdi", {}, cut(reason, REASON_MOST))),
      ),
    );
  }
  counted.textContent = `${trials(network.picture.nodes().length)} with those unfolded`;
}

async function unfold(node) {
  const data = await fetched(box.dataset.graph.replace(self, node.id()));
  unfolded.add(node.id());
  const added = add(data);
  list(added.edges().map((edge) => edge.data()));
  const fresh = added.nodes();
  const at = { ...node.position() };
  fresh.forEach((one, place) => {
    const turn = 2.4 * (place + 1);
    one.position({ x: at.x + 60 * Math.cos(turn), y: at.y + 60 * Math.sin(turn) });
  });
  if (fresh.nonempty()) {
    network.arrange(
      { name: "cose", nodeRepulsion: () => 60000, idealEdgeLength: (edge) => 90 + 140 * (1 - edge.data("score")), nodeOverlap: 20 },
      true,
    );
  }
  return fresh.length;
}

function tell(node) {
  const link = document.createElement("a");
  link.href = addressOf(node.id());
  link.textContent = node.data("title");
  const id = document.createElement("span");
  id.className = "nct";
  id.textContent = ` ${node.id()} `;
  detail.replaceChildren(link, id);
  if (unfolded.has(node.id())) return;
  const more = document.createElement("button");
  more.type = "button";
  more.className = "small";
  more.textContent = "Unfold its neighbours";
  let asked = false;
  more.addEventListener("click", async () => {
    if (asked) return;
    asked = true;
    more.textContent = "Unfolding…";
    try {
      const count = await unfold(node);
      const said = document.createElement("span");
      said.textContent = count ? trials(count, " more") : "All are here already";
      const focused = document.activeElement === more;
      more.replaceWith(said);
      if (focused && link.isConnected) link.focus();
    } catch {
      asked = false;
      more.textContent = "Its neighbours could not be fetched. Try again";
    }
  });
  detail.append(more);
}

// The closer to the middle, the more alike; the same trial always looks the same.
function place(picture, edges) {
  const scores = new Map();
  for (const edge of edges) {
    if (edge.source === self) scores.set(edge.target, edge.score);
    if (edge.target === self) scores.set(edge.source, edge.score);
  }
  const score = (node) => scores.get(node.id()) || 0;
  const others = picture.nodes().filter((node) => node.id() !== self);
  const ranked = others.sort((one, two) => score(two) - score(one) || (one.id() < two.id() ? -1 : 1));
  ranked.forEach((node, at) => {
    const angle = (2 * Math.PI * (at + 0.25)) / ranked.length;
    const away = 0.55 + 0.3 * (1 - score(node)) + (at % 2) * 0.15;
    node.position({
      x: away * (box.clientWidth / 2 - 60) * Math.cos(angle),
      y: away * (box.clientHeight / 2 - 50) * Math.sin(angle),
    });
  });
}

async function start() {
  const [{ makeNetwork }, data] = await Promise.all([import(box.dataset.network), fetched(box.dataset.graph)]);
  network = await makeNetwork({
    box,
    bar,
    look,
    library: box.dataset.library,
    moving: box.dataset.moving,
    label: "Picture of the links in the table below. Arrow keys go from trial to trial, plus and minus zoom, Enter opens the trial.",
    fixed: self,
    choose: tell,
    open: (node) => location.assign(addressOf(node.id())),
  });
  box.classList.add("moving");
  document.querySelector(".graph-page .legend").hidden = false;
  add(data);
  place(network.picture, data.edges);
  network.arrange(null, false);
  box.dataset.ready = "yes";
}

if (box.dataset.library) {
  try {
    await start();
  } catch {
    help.textContent = "The picture stands still: what moves it could not be fetched. The table below holds the same.";
  }
  help.hidden = false;
}
