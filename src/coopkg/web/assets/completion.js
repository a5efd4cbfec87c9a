// What may follow while a query is typed: our terms by their own name or by that of the reader's language, concepts by
// their IRI, words of SPARQL, variables of the query, and prefixes, which are declared when they are not already.
import { autocompletion } from "@codemirror/autocomplete";
import { syntaxTree } from "@codemirror/language";
import { element } from "./dom.js";
import { lang, words } from "./words.js";

const MOST = 60;
const KEYWORDS =
  "SELECT DISTINCT WHERE FILTER OPTIONAL UNION MINUS BIND VALUES GRAPH SERVICE EXISTS CONSTRUCT DESCRIBE ASK PREFIX LIMIT OFFSET COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT COALESCE CONTAINS STRSTARTS LCASE REGEX BOUND LANG STR YEAR"
    .split(" ")
    .concat(["GROUP BY", "ORDER BY", "HAVING", "NOT EXISTS"]);
// Often needed beside ours, and not predeclared.
export const ELSEWHERE = {
  dcat: "http://www.w3.org/ns/dcat#",
  vann: "http://purl.org/vocab/vann/",
  void: "http://rdfs.org/ns/void#",
  wd: "http://www.wikidata.org/entity/",
  wdt: "http://www.wikidata.org/prop/direct/",
};

let asked;

function vocabulary() {
  asked ??= fetch(`/query/vocabulary.json?lang=${lang}`)
    .then((response) => (response.ok ? response.json() : Promise.reject(response.status)))
    .then(optionsOf)
    .catch(() => {
      asked = undefined; // tried again at the next key
      return [];
    });
  return asked;
}

export function completion() {
  return autocompletion({ override: [offered], icons: false, maxRenderedOptions: MOST, tooltipClass: () => "offers" });
}

async function offered(context) {
  const inside = syntaxTree(context.state).resolveInner(context.pos, -1).name;
  if (inside === "Comment" || inside === "String") return null;
  const typed = context.matchBefore(/[<?$]?[\p{L}\d_:./#-]*/u);
  if (!typed || (typed.from === typed.to && !context.explicit)) return null;
  if (/^[?$]/.test(typed.text)) return variables(context, typed);
  const found = ranked(await vocabulary(), typed.text);
  return { from: typed.from, options: found, filter: false };
}

function variables(context, typed) {
  const names = new Set(context.state.doc.toString().match(/[?$][\p{L}\d_]+/gu));
  names.delete(typed.text);
  return { from: typed.from, options: [...names].map((label) => ({ label, detail: words.variable })) };
}

function ranked(options, typed) {
  const wanted = folded(typed);
  const rank = ({ keys }) => {
    const places = keys.map((key) => key.indexOf(wanted)).filter((place) => place >= 0);
    return places.length ? Math.min(...places) : -1;
  };
  const fitting = options.map((option) => [rank(option), option]).filter(([place]) => place >= 0);
  return fitting.sort((a, b) => a[0] - b[0] || a[1].order - b[1].order).slice(0, MOST).map(([, option]) => option);
}

function optionsOf({ prefixes, terms, concepts }) {
  const all = [
    ...terms.map((term) => option(term.term, words[term.kind], term)),
    ...KEYWORDS.map((word) => ({ label: word, detail: words.word, keys: [folded(word)] })),
    ...Object.entries(prefixes).map(([prefix, namespace]) => ({ label: `${prefix}:`, detail: words.prefix, info: namespace, keys: [folded(`${prefix}:`)] })),
    ...Object.entries(ELSEWHERE).map(([prefix, namespace]) => ({ label: `${prefix}:`, detail: words.prefix, info: namespace, apply: declaring, keys: [folded(`${prefix}:`)] })),
    ...concepts.map((concept) => option(concept.term, concept.scheme, concept)),
  ];
  return all.map((one, order) => ({ ...one, order }));
}

function option(term, detail, { name, about }) {
  const local = term.replace(/^<.*[/#]|>$/g, "").replace(/^.*:/, "");
  return {
    label: term,
    displayLabel: term.startsWith("<") ? name : term,
    detail: term.startsWith("<") ? detail : `${name} (${detail})`,
    info: about ? () => element("p", {}, about) : undefined,
    keys: [local, term, name].map(folded),
  };
}

function declaring(view, { label }, from, to) {
  const prefix = label.slice(0, -1);
  const changes = [{ from, to, insert: label }];
  if (!declares(view.state.doc.toString(), prefix)) changes.unshift({ from: 0, insert: declaration(prefix) });
  const after = view.state.changes(changes);
  view.dispatch({ changes: after, selection: { anchor: after.mapPos(to, 1) } });
}

export function declares(text, prefix) {
  return new RegExp(`\\bPREFIX\\s+${prefix.replace(/[.-]/g, "\\$&")}:`, "i").test(text);
}

export function declaration(prefix) {
  return `PREFIX ${prefix}: <${ELSEWHERE[prefix] ?? ""}>\n`;
}

function folded(text) {
  return text.toLowerCase().replaceAll("œ", "oe").normalize("NFD").replace(/\p{M}/gu, "");
}
