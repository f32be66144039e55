// Every page: the theme without a reload, Escape closes what a pointer opened, choices are counted,
// and what other scripts bring is said to those who listen.

const root = document.documentElement;
root.classList.add("js");

function isDark() {
  if (root.dataset.theme) return root.dataset.theme === "dark";
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

function nameTheme(button) {
  const next = isDark() ? "light" : "dark";
  button.value = next;
  button.setAttribute("aria-label", next === "dark" ? "Dark colours" : "Light colours");
}

const button = document.querySelector("form.theme button");
if (button) {
  nameTheme(button);
  button.form.addEventListener("submit", (event) => {
    event.preventDefault();
    const next = isDark() ? "light" : "dark";
    root.dataset.theme = next;
    document.cookie = `theme=${next}; path=/; max-age=31536000; samesite=lax`;
    nameTheme(button);
    document.dispatchEvent(new CustomEvent("themechange"));
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => nameTheme(button));
}

// Evidence that shows on hover goes away with Escape (WCAG 2.2, 1.4.13).
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") root.classList.add("no-peek");
});
document.addEventListener("pointermove", () => root.classList.remove("no-peek"), { passive: true });

// Links within the page mark where the reader is.
const places = new Map();
for (const link of document.querySelectorAll(".toc a[href^='#']")) {
  const section = document.getElementById(link.hash.slice(1));
  if (section) places.set(section, link);
}
if (places.size) {
  const seen = new Set();
  const mark = () => {
    const visible = [...places.keys()].filter((section) => seen.has(section));
    // What stands beside the record is in view all along.
    const first = visible.find((section) => !section.closest("aside")) || visible[0];
    for (const [section, link] of places) {
      if (section === first) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    const at = first && places.get(first);
    const list = at && at.closest("ul");
    if (list && list.scrollWidth > list.clientWidth) {
      list.scrollLeft = at.offsetLeft - list.clientWidth / 2 + at.offsetWidth / 2;
    }
  };
  const watch = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (entry.isIntersecting) seen.add(entry.target);
        else seen.delete(entry.target);
      }
      mark();
    },
    { rootMargin: "-64px 0px -60% 0px" },
  );
  for (const section of places.keys()) watch.observe(section);
}

// A form of choices tells how many are chosen, and offers its buttons then. Asked of the page, not
// of each form: a list may be another one by now.
function countChosen(form) {
  const chosen = form.querySelectorAll("input[type=checkbox]:checked").length;
  form.classList.toggle("has-chosen", chosen > 0);
  const count = form.querySelector(".chosen-count");
  if (count) count.textContent = chosen === 0 ? "" : `${chosen} chosen`;
}
const countAll = () => document.querySelectorAll("form.choosing").forEach(countChosen);
document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form.choosing");
  if (form) countChosen(form);
});
document.addEventListener("listchange", countAll);
addEventListener("pageshow", countAll); // the browser may have kept the choices
countAll();

// A status that is put in with its text is not read out; this one is there from the start.
const said = document.createElement("p");
said.className = "hidden";
said.setAttribute("role", "status");
document.getElementById("main").append(said);
document.addEventListener("said", (event) => {
  said.textContent = event.detail;
});
