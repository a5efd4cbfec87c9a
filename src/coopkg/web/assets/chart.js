// A bar chart: the first column of numbers, by the first column of names. Drawn by hand, fifty bars at most.
import { drawn } from "./dom.js";
import { isNumber, shownText } from "./table.js";
import { number, words } from "./words.js";

const MOST_BARS = 50;
const [WIDTH, HEIGHT, NAMES, GAP] = [720, 26, 260, 90];
const LONGEST = 34;

// Which columns a chart can show; undefined when there is nothing to chart.
export function chartable({ columns, rows }) {
  const measure = columns.find((name) => rows.length && rows.every((row) => !row[name] || isNumber(row[name])) && rows.some((row) => row[name]));
  const name = columns.find((other) => other !== measure && rows.some((row) => row[other] && !isNumber(row[other])));
  return measure && name ? { measure, name } : undefined;
}

export function chart({ rows }, { measure, name }) {
  const shown = rows.filter((row) => row[measure]).slice(0, MOST_BARS);
  const most = Math.max(...shown.map((row) => Math.abs(Number(row[measure].value))), Number.MIN_VALUE);
  const title = words.charted(name, measure, shown.length, rows.length);
  const bars = shown.flatMap((row, place) => bar(shownText(row[name]), Number(row[measure].value), most, place * HEIGHT));
  return drawn("svg", { class: "chart", viewBox: `0 0 ${WIDTH} ${shown.length * HEIGHT}`, role: "img", "aria-label": title }, drawn("title", {}, title), ...bars);
}

function bar(name, value, most, y) {
  const width = (Math.abs(value) / most) * (WIDTH - NAMES - GAP);
  const told = name.replace(/^https?:.*[/#]/, "");
  const letters = [...told];
  const short = letters.length > LONGEST ? `${letters.slice(0, LONGEST - 1).join("")}…` : told;
  return [
    drawn("text", { x: NAMES - 8, y: y + 18, "text-anchor": "end" }, short, drawn("title", {}, told)),
    drawn("rect", { x: NAMES, y: y + 4, width: Math.max(width, 1), height: HEIGHT - 8 }),
    drawn("text", { x: NAMES + width + 6, y: y + 18 }, number(value)),
  ];
}
