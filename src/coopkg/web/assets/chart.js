// A bar chart: the first column of numbers, by the first column of names. Drawn by hand, fifty bars at most.
import { drawn } from "./dom.js";
import { isNumber, shownText } from "./table.js";
import { number, words } from "./words.js";

const MOST_BARS = 50;
const [NARROWEST, WIDEST, HEIGHT, GAP, LETTER] = [280, 720, 26, 64, 7.6];

// Which columns a chart can show; undefined when there is nothing to chart.
export function chartable({ columns, rows }) {
  const measure = columns.find((name) => rows.length && rows.every((row) => !row[name] || isNumber(row[name])) && rows.some((row) => row[name]));
  const named = columns.filter((other) => other !== measure && rows.some((row) => row[other] && !isNumber(row[other])));
  const name = named.find((other) => rows.some((row) => row[other]?.type === "literal")) ?? named[0]; // a text reads better than an IRI
  return measure && name ? { measure, name } : undefined;
}

// `room` is how wide the chart may be, in pixels.
export function chart({ rows }, { measure, name }, room) {
  const width = Math.min(Math.max(room, NARROWEST), WIDEST);
  const shown = rows.filter((row) => row[measure]).slice(0, MOST_BARS);
  const most = Math.max(...shown.map((row) => Math.abs(Number(row[measure].value))), Number.MIN_VALUE);
  const title = words.charted(name, measure, shown.length, rows.length);
  const bars = shown.flatMap((row, place) => bar(shownText(row[name]), Number(row[measure].value), most, place * HEIGHT, width));
  return drawn("svg", { class: "chart", width, viewBox: `0 0 ${width} ${shown.length * HEIGHT}`, role: "img", "aria-label": title }, drawn("title", {}, title), ...bars);
}

function bar(name, value, most, y, room) {
  const names = room * 0.36;
  const longest = Math.floor(names / LETTER);
  const width = (Math.abs(value) / most) * (room - names - GAP);
  const told = name.replace(/^https?:.*[/#]/, "");
  const letters = [...told];
  const short = letters.length > longest ? `${letters.slice(0, longest - 1).join("")}…` : told;
  return [
    drawn("text", { x: names - 8, y: y + 18, "text-anchor": "end" }, short, drawn("title", {}, told)),
    drawn("rect", { x: names, y: y + 4, width: Math.max(width, 1), height: HEIGHT - 8 }),
    drawn("text", { x: names + width + 6, y: y + 18 }, number(value)),
  ];
}
