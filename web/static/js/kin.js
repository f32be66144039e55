// The kin page: sliders reweigh at once. Each move asks for the page that the form's address
// names and puts its list in place; without scripts, Apply does the same.

const form = document.getElementById("weigh");
const results = document.getElementById("kin-results");
const PAUSE_MS = 120;
let pending = 0;
let touched = false;
let asked;

function address() {
  const parameters = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    const field = form.elements.namedItem(name);
    if (field && field.type === "range" && field.dataset.usual === value) continue;
    if (name === "k" && value === "20") continue;
    parameters.append(name, value);
  }
  const expected = new URLSearchParams(location.search).get("expected");
  if (expected && !parameters.has("expected")) parameters.append("expected", expected);
  const said = parameters.toString();
  return said ? `${form.action}?${said}` : form.action;
}

function show(slider) {
  const output = slider.nextElementSibling;
  if (output) output.textContent = `${Number(slider.value)}×`;
}

// What the reader opened and chose stays, if it is still there.
function replaceKeeping(before, after) {
  const name = (details) => details.querySelector("summary").textContent.trim();
  const opened = new Set([...before.querySelectorAll("details[open]")].map(name));
  const chosen = new Set([...before.querySelectorAll("input[name=nct_id]:checked")].map((box) => box.value));
  const focused = before.contains(document.activeElement) ? document.activeElement.textContent : null;
  before.replaceChildren(...after.childNodes);
  for (const details of before.querySelectorAll("details")) {
    if (opened.has(name(details))) details.open = true;
  }
  for (const box of before.querySelectorAll("input[name=nct_id][type=checkbox]")) box.checked = chosen.has(box.value);
  if (focused !== null) {
    const same = [...before.querySelectorAll("a, summary, button")].find((one) => one.textContent === focused);
    same?.focus({ preventScroll: true });
  }
}

// The other form of the page goes on from the weights that are set now.
function carryOver(page) {
  const [mine, theirs] = [document, page].map((one) => one.querySelector(".why-not"));
  if (!mine || !theirs) return;
  for (const field of mine.querySelectorAll("input[type=hidden]")) field.remove();
  mine.prepend(...theirs.querySelectorAll("input[type=hidden]"));
}

function complain() {
  const notice = document.createElement("p");
  notice.className = "notice error fetch-error";
  notice.setAttribute("role", "alert");
  notice.textContent = "The server did not answer, so the list is still the one before. Move a slider, or press Apply, to ask again.";
  results.prepend(notice);
}

async function reweigh() {
  const target = address();
  asked?.abort();
  const mine = new AbortController();
  asked = mine;
  results.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(target, { signal: mine.signal, headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const list = page.getElementById("kin-results");
    if (!response.ok || !list) {
      location.assign(target); // the page says what is wrong
      return;
    }
    replaceKeeping(results, list);
    const facets = page.getElementById("kin-facets");
    if (facets) replaceKeeping(document.getElementById("kin-facets"), facets);
    carryOver(page);
    history.replaceState(history.state, "", target);
    document.dispatchEvent(new CustomEvent("listchange"));
    const said = results.querySelector(".result-head [role=status]");
    if (said) document.dispatchEvent(new CustomEvent("said", { detail: said.textContent }));
  } catch (error) {
    if (error.name === "AbortError") return;
    results.querySelector(".fetch-error")?.remove();
    complain();
  } finally {
    if (asked === mine) results.removeAttribute("aria-busy");
  }
}

if (form && results) {
  form.addEventListener("input", (event) => {
    if (event.target.type !== "range") return;
    touched = true;
    show(event.target);
    clearTimeout(pending);
    pending = setTimeout(reweigh, PAUSE_MS);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(pending);
    reweigh();
  });
  // Sliders that the browser put back stand where the list says.
  addEventListener("pageshow", (event) => {
    if (!event.persisted && !touched) form.reset();
  });
}
