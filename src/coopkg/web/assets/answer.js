// Shows an answer, or why there is none, in place of the one before.
import { Missing, maxMegabytes } from "./asking.js";
import { chart, chartable } from "./chart.js";
import { ELSEWHERE } from "./completion.js";
import { element } from "./dom.js";
import { map, mappable } from "./map.js";
import { MOST_ROWS, table } from "./table.js";
import { words } from "./words.js";

const RAW_MOST = 200_000;

// Returns the section that shows an answer; `repairs` are what its buttons do to the query.
export function shownAnswer(told, repairs) {
  if (told.problem) return refusal(told, repairs);
  const hint = told.hint ? [element("p", { class: "hint", lang: "en" }, told.hint), ...replacing(told.hint, repairs)] : [];
  if (told.triples !== undefined) return section(words.triples, ...hint, ...raw(told.triples));
  const found = rowsOf(told.results);
  const cut = found.rows.length > MOST_ROWS ? [element("p", {}, words.first(MOST_ROWS))] : [];
  if (!found.rows.length) return section(words.rows(0), ...hint, element("p", { class: "empty" }, words.empty));
  return section(words.rows(found.rows.length), ...hint, ...cut, ...views(found, told.text));
}

export function shownFailure(error) {
  const why = error instanceof Missing ? error.why : "unreachable";
  const told = why === "tooLong" ? words.tooLong(maxMegabytes) : words[why];
  return section(words.refused, element("p", { class: why === "stopped" ? "hint" : "fault", role: "alert" }, told));
}

function rowsOf(results) {
  if ("boolean" in results) return { columns: ["ASK"], rows: [{ ASK: { type: "literal", value: String(results.boolean) } }] };
  return { columns: results.head.vars, rows: results.results.bindings };
}

function section(title, ...children) {
  const heading = element("h2", { id: "answer-title" }, title);
  return element("section", { id: "answer", tabindex: "-1", "aria-labelledby": "answer-title" }, heading, ...children);
}

function refusal({ status, problem }, repairs) {
  const fault = element("p", { id: "fault", class: "fault", role: "alert", lang: "en" }, problem.detail ?? problem.title ?? String(status));
  return section(status === 400 ? words.unread : words.refused, fault, ...mending(problem, repairs));
}

// The buttons that lead to a fault and mend it.
export function mending({ detail = "", line, column }, repairs) {
  const buttons = [];
  const undeclared = /the prefix '([\w.-]+):' is not declared/.exec(detail)?.[1];
  if (line) buttons.push(button(words.toPlace(line, column), () => repairs.goTo(line, column)));
  if (undeclared) buttons.push(button(words.declare(undeclared), () => repairs.declare(undeclared, ELSEWHERE[undeclared])));
  return buttons.length ? [element("p", { class: "actions" }, ...buttons)] : [];
}

function replacing(hint, repairs) {
  const found = [...hint.matchAll(/(coop:[\w-]+) is not in the ontology, did you mean (coop:[\w-]+)\?/g)];
  const buttons = found.map(([, wrong, right]) => button(words.replace(right), () => repairs.replace(wrong, right)));
  return buttons.length ? [element("p", { class: "actions" }, ...buttons)] : [];
}

function button(text, onclick) {
  return element("button", { type: "button", onclick }, text);
}

function raw(text) {
  const cut = text.length > RAW_MOST ? [element("p", {}, words.beginning)] : [];
  return [...cut, element("pre", { class: "scroll", role: "group", "aria-labelledby": "answer-title", tabindex: "0" }, text.slice(0, RAW_MOST))];
}

function views(found, text) {
  const place = element("div");
  const boxed = (...inside) => element("div", { class: "scroll", role: "group", "aria-labelledby": "answer-title", tabindex: "0" }, ...inside);
  const ways = { table: () => [boxed(table(found))], raw: () => raw(text) };
  const columns = chartable(found);
  if (columns) ways.chart = () => [chart(found, columns, place.clientWidth)];
  const where = mappable(found);
  if (where) ways.map = () => mapped(found, where);
  const buttons = Object.keys(ways).map((way) => element("button", { type: "button", "aria-pressed": "false", onclick: () => show(way) }, words[way]));
  async function show(way) {
    buttons.forEach((one, at) => one.setAttribute("aria-pressed", String(Object.keys(ways)[at] === way)));
    place.replaceChildren(...(await ways[way]()));
  }
  show("table");
  return [element("div", { class: "views", role: "group", "aria-label": words.views }, ...buttons), place];
}

async function mapped(found, where) {
  try {
    const { drawing, note } = await map(found, where);
    return [...(drawing ? [drawing] : []), element("p", { class: "small" }, note)];
  } catch (error) {
    return [element("p", { class: "fault", role: "alert" }, words[error.why] ?? words.unreachable)];
  }
}
