// The rows of an answer as a table: links for what is ours, columns that can be sorted.
import { addressOf } from "./addresses.js";
import { element } from "./dom.js";
import { lang } from "./words.js";

export const MOST_ROWS = 1_000;
const NUMBERS = /#(integer|decimal|double|float|int|long|nonNegativeInteger|gYear)$/;

export function isNumber(term) {
  return term?.type === "literal" && NUMBERS.test(term.datatype ?? "") && Number.isFinite(Number(term.value));
}

export function shownText(term) {
  if (!term) return "";
  return typeof term.value === "string" ? term.value : JSON.stringify(term.value);
}

export function table({ columns, rows }) {
  let sorted = rows.slice(0, MOST_ROWS);
  const body = element("tbody");
  const fill = () => body.replaceChildren(...sorted.map((row) => element("tr", {}, ...columns.map((name) => cell(row[name])))));
  const heads = columns.map((name) => element("th", { scope: "col" }, element("button", { type: "button", onclick: () => sort(name) }, name)));
  function sort(name) {
    const head = heads[columns.indexOf(name)];
    const descends = head.getAttribute("aria-sort") === "ascending";
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", descends ? "descending" : "ascending");
    sorted = sorted.toSorted((a, b) => (descends ? -1 : 1) * compared(a[name], b[name]));
    fill();
  }
  fill();
  return element("table", {}, element("thead", {}, element("tr", {}, ...heads)), body);
}

function compared(one, other) {
  if (!one || !other) return Boolean(one) - Boolean(other);
  if (isNumber(one) && isNumber(other)) return Number(one.value) - Number(other.value);
  return shownText(one).localeCompare(shownText(other), lang, { numeric: true });
}

function cell(term) {
  const text = shownText(term);
  const address = term?.type === "uri" ? addressOf(text) : "";
  if (!address) return element("td", { lang: term?.["xml:lang"] }, text);
  const broken = text.split("/").flatMap((part, place) => (place ? ["/", element("wbr"), part] : [part]));
  return element("td", {}, element("a", { href: address, rel: "noreferrer" }, ...broken));
}
