// The SPARQL page: runs queries without leaving the page, and shows answers in tabs. The editor
// and the graph are loaded when the page is there; without scripts the plain form does it all.

const form = document.getElementById("sparql-form");
const field = document.getElementById("query");
const result = document.getElementById("result");
const running = document.getElementById("running");
const LONGEST_ADDRESS = 7000;
let editor;
let asked;

function addressOf(source) {
  const parameters = new URLSearchParams(new FormData(source));
  return `${form.getAttribute("action")}?${parameters}`;
}

async function run(source) {
  if (editor) field.value = editor.text();
  const target = addressOf(source);
  asked?.abort();
  asked = new AbortController();
  const began = performance.now();
  running.hidden = false;
  result.setAttribute("aria-busy", "true");
  const clock = setInterval(() => {
    const seconds = Math.round((performance.now() - began) / 1000);
    if (seconds) running.firstElementChild.textContent = `Running for ${seconds} s…`;
  }, 1000);
  try {
    const options = { signal: asked.signal, headers: { Accept: "text/html" } };
    const isLong = target.length > LONGEST_ADDRESS;
    const response = isLong
      ? await fetch(form.action, { ...options, method: "POST", body: new URLSearchParams(new FormData(source)) })
      : await fetch(target, options);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const answer = page.getElementById("result");
    if (!answer) throw new Error(String(response.status));
    result.replaceChildren(...answer.childNodes);
    if (!isLong) history.pushState(null, "", target + (source === form ? "" : location.hash));
    show();
    if (!source.closest("#result")) result.scrollIntoView({ block: "nearest" });
  } catch (error) {
    if (error.name !== "AbortError") {
      if (target.length > LONGEST_ADDRESS) form.method = "post";
      form.submit();
    }
  } finally {
    clearInterval(clock);
    running.hidden = true;
    running.firstElementChild.textContent = "Running…";
    result.removeAttribute("aria-busy");
  }
}

// Links to the ways of showing an answer become tabs (WAI-ARIA, tabs pattern).
function makeTabs() {
  const links = result.querySelector(".views");
  const table = result.querySelector("table.result");
  const drawable = table && table.dataset.source && form.dataset.graph;
  if (!links && !drawable) return;
  if (drawable) {
    const view = document.createElement("section");
    view.className = "view";
    view.id = "view-graph";
    view.dataset.view = "Graph";
    view.setAttribute("aria-label", "Graph");
    result.querySelector("#view-table").after(view);
  }
  const views = [...result.querySelectorAll(".view")];
  const tabs = document.createElement("div");
  tabs.className = "tabs";
  tabs.setAttribute("role", "tablist");
  tabs.setAttribute("aria-label", "Ways to show the answer");
  for (const view of views) {
    const tab = document.createElement("button");
    tab.type = "button";
    tab.id = `tab-${view.id}`;
    tab.textContent = view.dataset.view;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", view.id);
    tab.addEventListener("click", () => choose(view.id, true));
    tabs.append(tab);
    view.setAttribute("role", "tabpanel");
    view.setAttribute("aria-labelledby", tab.id);
    view.removeAttribute("aria-label");
  }
  tabs.addEventListener("keydown", (event) => {
    const all = [...tabs.children];
    const at = all.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const tab = all[(to + all.length) % all.length];
    tab.focus();
    tab.click();
  });
  if (links) links.replaceWith(tabs);
  else views[0].before(tabs);
  const wanted = location.hash.slice(1);
  choose(views.some((view) => view.id === wanted) ? wanted : views[0].id, false);
}

function choose(id, keep) {
  for (const view of result.querySelectorAll(".view")) {
    const chosen = view.id === id;
    view.hidden = !chosen;
    const tab = document.getElementById(`tab-${view.id}`);
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
  }
  if (keep) history.replaceState(null, "", `#${id}`);
  const share = result.querySelector("a.share");
  if (share) share.hash = id === "view-table" ? "" : id;
  const view = document.getElementById(id);
  if (id === "view-graph" && !view.dataset.ready) {
    import(form.dataset.graph).then((graph) => graph.draw(view, result.querySelector("table.result"), form.dataset.cytoscape));
  }
}

function markError() {
  const error = result.querySelector(".notice.error");
  editor?.mark(error ? Number(error.dataset.line) : 0, error ? Number(error.dataset.column) : 0, error?.querySelector(".error-text")?.textContent || "");
}

function show() {
  makeTabs();
  markError();
  const share = result.querySelector("a.share");
  if (share && navigator.clipboard) {
    share.addEventListener("click", async (event) => {
      event.preventDefault();
      await navigator.clipboard.writeText(share.href).catch(() => location.assign(share.href));
      share.textContent = "Link copied";
      setTimeout(() => { share.textContent = "Link to this answer"; }, 2000);
    });
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  run(form);
});
result.addEventListener("submit", (event) => {
  event.preventDefault();
  run(event.target);
});
result.addEventListener("change", (event) => {
  if (event.target.form?.classList.contains("chart-form")) run(event.target.form);
});
running.querySelector("button").addEventListener("click", () => asked?.abort());
addEventListener("popstate", (event) => {
  if (!location.hash || event.state !== null) location.reload();
});
show();

if (form.dataset.editor) {
  const { makeEditor } = await import(form.dataset.editor);
  editor = await makeEditor({
    field,
    library: form.dataset.codemirror,
    terms: form.dataset.terms,
    run: () => run(form),
  });
  for (const hint of form.querySelectorAll(".keys")) hint.hidden = false;
  markError();
}
