// The SPARQL page: runs queries without leaving the page, and shows answers in tabs. The editor
// and the graph are loaded when the page is there; without scripts the plain form does it all.

const form = document.getElementById("sparql-form");
const field = document.getElementById("query");
const result = document.getElementById("result");
const running = document.getElementById("running");
const LONGEST_ADDRESS = 7000;
const COPIED_MS = 2000;
const page = () => location.pathname + location.search;
let shown = page();
let editor;
let asked;

function addressOf(source) {
  const parameters = new URLSearchParams(new FormData(source));
  return `${form.getAttribute("action")}?${parameters}`;
}

const say = (text) => document.dispatchEvent(new CustomEvent("said", { detail: text }));

function complain() {
  const notice = document.createElement("div");
  notice.className = "notice error";
  notice.setAttribute("role", "alert");
  const said = document.createElement("p");
  said.textContent = "The server did not answer. The query is still here: run it again when the connection is back.";
  notice.append(said);
  result.replaceChildren(notice);
}

// A choice in the chart's form brings another form: the focus goes to the same field of it.
function replaceResult(answer) {
  const held = result.contains(document.activeElement) ? document.activeElement.name : "";
  result.replaceChildren(...answer.childNodes);
  return () => {
    if (held) result.querySelector(`.chart-form [name="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
  };
}

async function run(source) {
  if (editor) field.value = editor.text();
  const target = addressOf(source);
  const body = new URLSearchParams(new FormData(source));
  const isLong = target.length > LONGEST_ADDRESS;
  asked?.abort();
  const mine = new AbortController();
  asked = mine;
  const began = performance.now();
  running.hidden = false;
  result.setAttribute("aria-busy", "true");
  const clock = setInterval(() => {
    const seconds = Math.round((performance.now() - began) / 1000);
    if (seconds) running.firstElementChild.textContent = `Running for ${seconds} s…`;
  }, 1000);
  try {
    const options = { signal: mine.signal, headers: { Accept: "text/html" } };
    const response = isLong ? await fetch(form.action, { ...options, method: "POST", body }) : await fetch(target, options);
    const found = new DOMParser().parseFromString(await response.text(), "text/html");
    const answer = found.getElementById("result");
    if (!answer) throw new Error(String(response.status));
    const refocus = replaceResult(answer);
    if (!isLong) history.pushState(null, "", target + (source === form ? "" : location.hash));
    shown = page();
    show();
    refocus();
    say(result.querySelector("[role=status]")?.textContent.trim() || "");
    if (source === form) result.scrollIntoView({ block: "nearest" });
  } catch (error) {
    if (error.name !== "AbortError") complain();
  } finally {
    clearInterval(clock);
    // A query that another one took the place of leaves the page to that one.
    if (asked === mine) {
      running.hidden = true;
      running.firstElementChild.textContent = "Running…";
      result.removeAttribute("aria-busy");
    }
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
  chooseByAddress();
}

function chooseByAddress() {
  const views = [...result.querySelectorAll(".view")];
  const wanted = location.hash.slice(1);
  if (views.length && document.getElementById(`tab-${views[0].id}`)) {
    choose(views.some((view) => view.id === wanted) ? wanted : views[0].id, false);
  }
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
  if (id === "view-graph") drawGraph(document.getElementById(id));
}

async function drawGraph(view) {
  if (view.dataset.ready) return;
  view.dataset.ready = "soon";
  try {
    const { draw } = await import(form.dataset.graph);
    const { network, cytoscape: library, moving } = form.dataset;
    await draw(view, result.querySelector("table.result"), { network, library, moving });
  } catch {
    view.dataset.ready = "";
    view.textContent = "The graph could not be drawn: what draws it could not be fetched. The table holds the same.";
  }
}

function markError() {
  const error = result.querySelector(".notice.error");
  const [line, column] = [Number(error?.dataset.line || 0), Number(error?.dataset.column || 0)];
  editor?.mark(line, column, error?.querySelector(".error-text")?.textContent || "");
}

function show() {
  makeTabs();
  markError();
  const share = result.querySelector("a.share");
  if (share && navigator.clipboard) {
    const words = share.textContent;
    share.addEventListener("click", async (event) => {
      event.preventDefault();
      try {
        await navigator.clipboard.writeText(share.href);
      } catch {
        location.assign(share.href);
        return;
      }
      share.textContent = "Link copied";
      say("Link copied");
      setTimeout(() => { share.textContent = words; }, COPIED_MS);
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
running.querySelector("button").addEventListener("click", () => {
  asked?.abort();
  say("Stopped waiting");
  form.querySelector("button").focus();
});
// Back and forth: another answer is asked for, another view of the same one is only shown.
addEventListener("popstate", () => {
  if (page() !== shown) location.reload();
  else chooseByAddress();
});
show();

if (form.dataset.editor) {
  try {
    const { makeEditor } = await import(form.dataset.editor);
    editor = await makeEditor({
      field,
      library: form.dataset.codemirror,
      terms: form.dataset.terms,
      run: () => run(form),
    });
    for (const hint of form.querySelectorAll(".keys")) hint.hidden = false;
    markError();
  } catch {
    field.hidden = false; // the plain field does it all
  }
}
