// An answer as a graph, by cytoscape.js: the rows of the table are its edges. The table holds the
// same for those who do not see it.

const EDGES_MOST = 300;

function nodeOf(cell, nodes) {
  const link = cell.querySelector("a");
  const text = cell.textContent.trim();
  const named = link?.pathname.startsWith("/concept/") ? text.replace(/^.*\//, "").replaceAll("_", " ") : text;
  const id = link ? link.href : `"${text}`;
  if (!nodes.has(id)) {
    const short = named.length > 32 ? `${named.slice(0, 31)}…` : named;
    nodes.set(id, { data: { id, label: short, title: text, href: link ? link.href : "", kind: kindOf(link, cell) } });
  }
  return id;
}

function kindOf(link, cell) {
  if (!("iri" in cell.dataset)) return "text";
  if (link?.classList.contains("nct")) return "trial";
  return link && link.pathname.startsWith("/concept/") ? "concept" : "thing";
}

function elementsOf(table) {
  const nodes = new Map();
  const edges = new Map();
  const [source, target, label] = [table.dataset.source, table.dataset.target, table.dataset.label];
  for (const row of table.tBodies[0].rows) {
    if (edges.size >= EDGES_MOST) break;
    const [from, to] = [row.cells[source], row.cells[target]];
    if (!from.textContent.trim() || !to.textContent.trim()) continue;
    const ends = [nodeOf(from, nodes), nodeOf(to, nodes)];
    const said = label === undefined ? "" : row.cells[label].textContent.trim();
    const id = [...ends, said].join(" ");
    if (ends[0] !== ends[1] && !edges.has(id)) {
      edges.set(id, { data: { id, source: ends[0], target: ends[1], label: said } });
    }
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()], cut: edges.size >= EDGES_MOST };
}

function colour(name, box) {
  const probe = document.createElement("span");
  probe.className = name;
  box.append(probe);
  const found = getComputedStyle(probe).fill;
  probe.remove();
  return found;
}

function look(box) {
  const style = getComputedStyle(box);
  const fills = { trial: colour("cat-1", box), concept: colour("cat-2", box), thing: colour("cat-3", box), text: colour("cat-0", box) };
  return [
    {
      selector: "node",
      style: {
        "background-color": (node) => fills[node.data("kind")],
        label: "data(label)",
        color: style.color,
        "font-family": style.fontFamily,
        "font-size": 15,
        "text-wrap": "wrap",
        "text-max-width": 150,
        "text-outline-color": style.backgroundColor,
        "text-outline-width": 2,
        "text-valign": "bottom",
        "text-margin-y": 3,
        width: 22,
        height: 22,
      },
    },
    { selector: "node[kind = 'text']", style: { shape: "round-rectangle", width: 16, height: 16 } },
    { selector: "node:selected", style: { "border-width": 3, "border-color": style.color } },
    {
      selector: "edge",
      style: {
        width: 1.2,
        "line-color": style.borderTopColor,
        "target-arrow-color": style.borderTopColor,
        "target-arrow-shape": "triangle",
        "arrow-scale": 0.7,
        "curve-style": "bezier",
        label: "data(label)",
        "font-size": 11,
        "min-zoomed-font-size": 7,
        "font-family": style.fontFamily,
        color: style.color,
        "text-opacity": 0.75,
        "text-rotation": "autorotate",
        "text-outline-color": style.backgroundColor,
        "text-outline-width": 2,
      },
    },
  ];
}

export async function draw(view, table, library) {
  view.dataset.ready = "soon";
  const { default: cytoscape } = await import(library);
  const { nodes, edges, cut } = elementsOf(table);
  const box = document.createElement("div");
  box.className = "result-graph";
  box.setAttribute("role", "img");
  box.setAttribute("aria-label", `Graph of ${nodes.length} nodes and ${edges.length} edges; the table holds the same`);
  const detail = document.createElement("p");
  detail.setAttribute("role", "status");
  detail.textContent = `${nodes.length} nodes, ${edges.length} edges${cut ? ", the first of the answer" : ""}. Drag to move, scroll or pinch to zoom, click a node to read it.`;
  view.replaceChildren(box, detail);
  const picture = cytoscape({ container: box, elements: { nodes, edges }, style: look(box), wheelSensitivity: 0.3, maxZoom: 3, minZoom: 0.1 });
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  picture
    .layout({ name: nodes.length > 150 ? "concentric" : "cose", animate: still ? false : "end", randomize: false, nodeRepulsion: () => 60000, idealEdgeLength: () => 90, nodeOverlap: 24, padding: 24 })
    .run();
  picture.on("tap", "node", (event) => {
    const data = event.target.data();
    if (data.href) {
      const link = document.createElement("a");
      link.href = data.href;
      link.textContent = data.title;
      detail.replaceChildren(link);
    } else detail.textContent = data.title;
  });
  const recolour = () => picture.style(look(box));
  document.addEventListener("themechange", recolour);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
  view.dataset.ready = "yes";
}
