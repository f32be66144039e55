// An answer as a graph: the rows of the table are its edges. The table holds the same for those who
// do not see it.

const EDGES_MOST = 300;
let last;

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
        "font-size": 14,
        "min-zoomed-font-size": 5,
        "text-wrap": "wrap",
        "text-max-width": 130,
        "text-outline-color": style.backgroundColor,
        "text-outline-width": 2,
        "text-valign": "bottom",
        "text-margin-y": 3,
        width: 22,
        height: 22,
      },
    },
    { selector: "node[kind = 'text']", style: { shape: "round-rectangle", width: 16, height: 16 } },
    { selector: "node[kind = 'concept']", style: { shape: "diamond" } },
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
        "min-zoomed-font-size": 8,
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

// Draw the rows of `table` in `view`; the picture of the answer before is let go.
export async function draw(view, table, { network: address, library, moving }) {
  last?.abort();
  const mine = new AbortController();
  last = mine;
  const { nodes, edges, cut } = elementsOf(table);
  const box = document.createElement("div");
  box.className = "result-graph";
  const bar = document.createElement("div");
  bar.className = "picture-bar";
  const detail = document.createElement("p");
  detail.setAttribute("role", "status");
  detail.textContent = `${nodes.length} nodes, ${edges.length} edges${cut ? ", the first of the answer" : ""}. Drag to move, scroll or pinch to zoom, click a node to read it.`;
  bar.append(detail);
  view.replaceChildren(box, bar);
  const { makeNetwork } = await import(address);
  const made = await makeNetwork({
    box,
    bar,
    library,
    moving,
    look: () => look(box),
    label: `Graph of ${nodes.length} nodes and ${edges.length} edges; the table holds the same. Arrow keys go from node to node, plus and minus zoom, Enter opens a node’s page.`,
    choose(node) {
      const { href, title } = node.data();
      const said = document.createElement(href ? "a" : "span");
      if (href) said.href = href;
      said.textContent = title;
      detail.replaceChildren(said);
    },
    open(node) {
      if (node.data("href")) location.assign(node.data("href"));
    },
    signal: mine.signal,
  });
  if (mine.signal.aborted) {
    made.picture.destroy();
    return;
  }
  mine.signal.addEventListener("abort", () => made.picture.destroy());
  made.picture.add({ nodes, edges });
  // A start that is always the same, on a spiral: the layout would draw lots for equal places.
  made.picture.nodes().forEach((node, place) => {
    const [away, turn] = [40 * Math.sqrt(place), 2.4 * place];
    node.position({ x: away * Math.cos(turn), y: away * Math.sin(turn) });
  });
  const many = { name: "concentric", minNodeSpacing: 30 };
  const few = { name: "cose", nodeRepulsion: () => 60000, idealEdgeLength: () => 90, nodeOverlap: 24 };
  made.arrange(nodes.length > 150 ? many : few, false);
  view.dataset.ready = "yes";
}
