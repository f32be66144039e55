// The query editor, by CodeMirror. It lives in a shadow root, where CodeMirror keeps its rules in
// constructed style sheets; elsewhere it would write a style element, which the page forbids.

const KEYWORDS =
  "SELECT CONSTRUCT ASK DESCRIBE WHERE FILTER OPTIONAL UNION MINUS BIND VALUES GRAPH PREFIX DISTINCT LIMIT OFFSET " +
  "ORDER BY|GROUP BY|HAVING ASC DESC COUNT SUM AVG MIN MAX SAMPLE GROUP_CONCAT EXISTS NOT EXISTS|NOT IN|IN AS " +
  "STR LANG LANGMATCHES DATATYPE BOUND IRI BNODE REGEX CONTAINS STRSTARTS STRENDS STRLEN SUBSTR STRBEFORE STRAFTER " +
  "REPLACE LCASE UCASE CONCAT COALESCE IF YEAR MONTH DAY NOW ABS ROUND CEIL FLOOR isIRI isLITERAL isNUMERIC SEPARATOR";
const COMPOUND = ["ORDER BY", "GROUP BY", "NOT EXISTS", "NOT IN"];

function keywords() {
  const single = KEYWORDS.replaceAll("|", " ").split(" ");
  const words = new Set(single.filter((word) => !["BY", "ORDER", "GROUP"].includes(word)));
  return [...COMPOUND, ...words].map((label) => ({ label, type: "keyword" }));
}

// What a line such as `tk:ki` or `?tri` may go on with, of the vocabulary and of the query itself.
function optionsOf(terms) {
  const named = terms.terms.map(({ name, kind, info }) => ({
    label: name,
    type: kind === "function" ? "function" : kind === "class" ? "class" : "property",
    info: info || undefined,
    apply: kind === "function" ? `${name}(` : name,
  }));
  const prefixes = Object.entries(terms.prefixes).map(([prefix, base]) => ({ label: `${prefix}:`, type: "namespace", detail: base, boost: 1 }));
  const concepts = terms.concepts.map(([label, iri, scheme]) => ({ label, type: "constant", detail: scheme, apply: `<${iri}>`, boost: -20 }));
  const general = [...prefixes, ...keywords(), ...concepts, ...named.map((one) => ({ ...one, boost: -10 }))];
  return { named, general };
}

function completer(terms) {
  let options;
  return async (context) => {
    const variable = context.matchBefore(/[?$]\w*/);
    if (variable) {
      const found = new Set(context.state.doc.toString().match(/[?$]\w+/g));
      found.delete(variable.text);
      return { from: variable.from, options: [...found].map((label) => ({ label, type: "variable" })), validFor: /^[?$]\w*$/ };
    }
    const known = options ? null : await terms();
    const { named, general } = options || optionsOf(known);
    if (known?.terms.length) options = { named, general };
    const name = context.matchBefore(/[A-Za-z]\w*:\w*/);
    if (name) return { from: name.from, options: named, validFor: /^[A-Za-z]\w*:\w*$/ };
    const word = context.matchBefore(/[A-Za-z]\w*/);
    if (!word && !context.explicit) return null;
    if (word && word.to - word.from < 2 && !context.explicit) return null;
    return { from: word ? word.from : context.pos, options: general, validFor: /^\w*$/ };
  };
}

function look(cm) {
  const { EditorView, HighlightStyle, syntaxHighlighting, tags } = cm;
  const theme = EditorView.theme({
    "&": { color: "var(--ink)", backgroundColor: "var(--surface)", fontSize: ".92rem", maxHeight: "36rem" },
    "&.cm-focused": { outline: "none" },
    ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55", overflow: "auto" },
    ".cm-content": { minHeight: "18rem", padding: ".6rem 0", caretColor: "var(--ink)" },
    ".cm-gutters": { backgroundColor: "transparent", color: "var(--quiet)", border: "0" },
    ".cm-cursor": { borderLeftColor: "var(--ink)" },
    "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--mark)" },
    ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": { backgroundColor: "var(--accent-soft)", outline: "1px solid var(--accent)" },
    ".cm-tooltip": { backgroundColor: "var(--surface)", color: "var(--ink)", border: "1px solid var(--line-strong)", borderRadius: "6px", fontFamily: "var(--sans)" },
    ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", maxWidth: "min(34rem, 90vw)" },
    ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--accent-ink)" },
    ".cm-completionDetail": { fontStyle: "normal", opacity: ".75" },
    ".cm-tooltip.cm-completionInfo, .term-info": { padding: ".4rem .7rem", maxWidth: "24rem" },
    ".cm-diagnostic-error": { borderLeft: "4px solid var(--bad)" },
    ".cm-lintRange-error": { backgroundImage: "none", borderBottom: "2px wavy var(--bad)", textDecoration: "underline wavy var(--bad)", backgroundColor: "var(--bad-soft)" },
  });
  const colours = HighlightStyle.define([
    { tag: tags.keyword, color: "var(--accent)", fontWeight: "600" },
    { tag: [tags.variableName, tags.special(tags.variableName)], color: "var(--share-design)" },
    { tag: [tags.string, tags.special(tags.string)], color: "var(--open)" },
    { tag: [tags.atom, tags.number, tags.bool], color: "var(--read)" },
    { tag: tags.comment, color: "var(--quiet)", fontStyle: "italic" },
    { tag: tags.standard(tags.name), color: "var(--share-relation)" },
    { tag: tags.meta, color: "var(--quiet)" },
  ]);
  return [theme, syntaxHighlighting(colours)];
}

function explains(cm, terms) {
  return cm.hoverTooltip(async (view, pos) => {
    const known = new Map((await terms()).terms.filter((one) => one.info).map((one) => [one.name, one.info]));
    const line = view.state.doc.lineAt(pos);
    for (const found of line.text.matchAll(/\w+:\w+/g)) {
      const from = line.from + found.index;
      const to = from + found[0].length;
      if (pos < from || pos > to || !known.has(found[0])) continue;
      return {
        pos: from,
        end: to,
        create: () => {
          const dom = document.createElement("div");
          dom.className = "term-info";
          dom.textContent = known.get(found[0]);
          return { dom };
        },
      };
    }
    return null;
  });
}

export async function makeEditor({ field, library, terms: address, run }) {
  const cm = await import(library);
  let held;
  // Asked for when the reader first comes here: most come to read an answer.
  const terms = () => {
    held ??= fetch(address)
      .then((response) => (response.ok ? response.json() : Promise.reject(new Error(String(response.status)))))
      .catch(() => {
        held = undefined; // asked for anew with the next word
        return { prefixes: {}, terms: [], concepts: [] };
      });
    return held;
  };
  const host = document.createElement("div");
  host.className = "mount";
  const label = field.labels[0];
  const root = host.attachShadow({ mode: "open" });
  const { EditorView, EditorState } = cm;
  // Whoever is in the field already, by keyboard say, stays where they are.
  const isIn = document.activeElement === field;
  const keys = [
    { key: "Mod-Enter", run: () => (run(), true) },
    ...cm.closeBracketsKeymap,
    ...cm.completionKeymap,
    ...cm.defaultKeymap,
    ...cm.historyKeymap,
    { key: "Mod-]", run: cm.indentMore },
    { key: "Mod-[", run: cm.indentLess },
  ];
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: field.value,
      selection: isIn ? { anchor: field.selectionStart, head: field.selectionEnd } : undefined,
      extensions: [
        cm.lineNumbers(),
        cm.history(),
        cm.drawSelection(),
        cm.highlightSpecialChars(),
        cm.bracketMatching(),
        cm.closeBrackets(),
        cm.StreamLanguage.define(cm.sparql),
        cm.autocompletion({ override: [completer(terms)], maxRenderedOptions: 60, icons: false }),
        explains(cm, terms),
        look(cm),
        EditorView.lineWrapping,
        EditorView.domEventHandlers({ focus: () => void terms() }),
        EditorView.contentAttributes.of({ "aria-label": label.textContent.trim(), spellcheck: "false", autocapitalize: "off" }),
        cm.Prec.high(cm.keymap.of(keys)),
      ],
    }),
  });
  field.hidden = true;
  field.after(host);
  if (isIn) view.focus();
  label.addEventListener("click", () => view.focus());
  host.dataset.ready = "yes";
  return {
    text: () => view.state.doc.toString(),
    mark(line, column, message) {
      const doc = view.state.doc;
      const diagnostics = [];
      if (line > 0 && line <= doc.lines) {
        const at = doc.line(line);
        const from = Math.min(at.from + Math.max(column - 1, 0), at.to);
        const word = /^[^\s;.,(){}]+/.exec(doc.sliceString(from, at.to));
        const to = Math.max(from + (word ? word[0].length : 1), from);
        diagnostics.push({ from, to: Math.min(to, doc.length), severity: "error", message });
      }
      view.dispatch(cm.setDiagnostics(view.state, diagnostics));
    },
  };
}
