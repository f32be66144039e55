// The kin page: sliders reweigh at once. Each move asks for the page that the form's address
// names and puts its list in place; without scripts, Apply does the same.

const form = document.getElementById("weigh");
const results = document.getElementById("kin-results");
let pending = 0;
let asked;

function address() {
  const parameters = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    const field = form.elements.namedItem(name);
    if (field && field.type === "range" && field.dataset.usual === value) continue;
    if (name === "k" && value === "20") continue;
    parameters.append(name, value);
  }
  const said = parameters.toString();
  return said ? `${form.action}?${said}` : form.action;
}

function show(slider) {
  const output = slider.nextElementSibling;
  if (output) output.textContent = `${Number(slider.value)}×`;
}

async function reweigh() {
  const target = address();
  asked?.abort();
  asked = new AbortController();
  results.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(target, { signal: asked.signal, headers: { Accept: "text/html" } });
    if (!response.ok) throw new Error(String(response.status));
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const opened = new Set(
      [...results.querySelectorAll(".kin details[open]")].map(
        (one) => one.closest(".kin").querySelector(".nct").textContent,
      ),
    );
    results.replaceChildren(...page.getElementById("kin-results").childNodes);
    for (const card of results.querySelectorAll(".kin")) {
      if (opened.has(card.querySelector(".nct").textContent)) {
        card.querySelector("details").open = true;
      }
    }
    const facets = page.getElementById("kin-facets");
    if (facets) document.getElementById("kin-facets").replaceChildren(...facets.childNodes);
    history.replaceState(null, "", target);
    results.removeAttribute("aria-busy");
  } catch (error) {
    if (error.name === "AbortError") return;
    location.assign(target);
  }
}

if (form && results) {
  form.addEventListener("input", (event) => {
    if (event.target.type !== "range") return;
    show(event.target);
    clearTimeout(pending);
    pending = setTimeout(reweigh, 120);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(pending);
    reweigh();
  });
}
