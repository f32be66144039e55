// Every page: the theme without a reload, and Escape closes what a pointer opened.

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

// A form of choices tells how many are chosen, and offers its buttons then.
for (const form of document.querySelectorAll("form.choosing")) {
  const count = form.querySelector(".chosen-count");
  const update = () => {
    const chosen = form.querySelectorAll("input[type=checkbox]:checked").length;
    form.classList.toggle("has-chosen", chosen > 0);
    if (count) count.textContent = chosen === 0 ? "" : `${chosen} chosen`;
  };
  form.addEventListener("change", update);
  update();
}
