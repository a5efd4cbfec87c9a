// The rows of an answer on a map: where they name a territory, or hold an outline or a point as text (WKT).
// A commune is placed in its département, whose outline is known; the outlines are asked of the same endpoint.
import { BASE, addressOf } from "./addresses.js";
import { ask } from "./asking.js";
import { drawn } from "./dom.js";
import { shownText } from "./table.js";
import { words } from "./words.js";

const MOST_PLACES = 200;
const TERRITORY = new RegExp(`^${BASE}id/territory/(region|departement|commune)/([0-9AB]{2,5})$`);
const WKT = "http://www.opengis.net/ont/geosparql#wktLiteral";
const [WIDTH, MARGIN] = [640, 20];

// Which column says where; undefined when none does.
export function mappable({ columns, rows }) {
  return columns.find((name) => rows.some((row) => geometryOf(row[name])));
}

// Returns the drawing, and what is to be said of it.
export async function map({ columns, rows }, where, signal) {
  const name = columns.find((other) => rows.some((row) => row[other]?.type === "literal" && row[other].datatype !== WKT)) ?? where;
  const places = new Map();
  for (const row of rows) {
    const key = geometryOf(row[where]);
    if (!key || (!places.has(key) && places.size >= MOST_PLACES)) continue;
    const place = places.get(key) ?? places.set(key, { names: [], iri: row[where].type === "uri" ? row[where].value : "" }).get(key);
    place.names.push(shownText(row[name]));
  }
  const outlines = await outlinesOf([...places.keys()], signal);
  const found = [...places].filter(([key]) => outlines.has(key)).map(([key, place]) => ({ ...place, rings: outlines.get(key) }));
  const shown = found.reduce((sum, place) => sum + place.names.length, 0);
  const note = words.mapped(shown, rows.length - shown);
  return { drawing: found.length ? drawing(found, note) : undefined, note };
}

function geometryOf(term) {
  if (term?.datatype === WKT) return term.value;
  const [, level, code] = term?.type === "uri" ? (TERRITORY.exec(term.value) ?? []) : [];
  if (!level) return undefined;
  const own = level === "commune" ? `departement/${code.slice(0, code.startsWith("97") ? 3 : 2)}` : `${level}/${code}`;
  return `${BASE}id/geometry/${own}`;
}

async function outlinesOf(keys, signal) {
  const told = new Map(keys.filter((key) => !key.startsWith(BASE)).map((key) => [key, rings(key)]));
  const asked = keys.filter((key) => key.startsWith(BASE)).map((iri) => `<${iri}>`);
  if (asked.length) {
    const { results } = await ask(`SELECT ?geometry ?wkt { VALUES ?geometry { ${asked.join(" ")} } ?geometry geo:asWKT ?wkt }`, signal);
    for (const row of results?.results.bindings ?? []) told.set(row.geometry.value, rings(row.wkt.value));
  }
  return new Map([...told].filter(([, found]) => found.length));
}

// The rings of an outline, each a list of [longitude, latitude]; a point is a ring of one.
function rings(wkt) {
  const texts = wkt.match(/[-\d.][-\d. ,eE]*/g) ?? [];
  const read = texts.map((text) => text.split(",").map((pair) => pair.trim().split(/\s+/).map(Number)));
  return read.filter((ring) => ring.every(([x, y]) => Math.abs(x) <= 180 && Math.abs(y) <= 90));
}

function drawing(places, label) {
  const { project, height } = projection(places.flatMap((place) => place.rings.flat()));
  const lands = places.map(({ rings: found }) =>
    drawn("path", { class: "land", d: found.filter((ring) => ring.length > 2).map((ring) => `M${ring.map((point) => project(point).map((at) => at.toFixed(1))).join("L")}Z`).join("") }),
  );
  const dots = places.map((place) => dot(place, project));
  return drawn("svg", { class: "points", viewBox: `0 0 ${WIDTH} ${height}`, role: "group", "aria-label": label }, ...lands, ...dots);
}

function dot({ names, iri, rings: found }, project) {
  const largest = found.reduce((one, other) => (other.length > one.length ? other : one));
  const [x, y] = project(middle(largest));
  const told = `${[...new Set(names)].slice(0, 5).join(" ; ")}${names.length > 1 ? ` (${names.length})` : ""}`;
  const circle = drawn("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: Math.min(20, 5 + 2 * Math.sqrt(names.length)) }, drawn("title", {}, told));
  const address = iri ? addressOf(iri) : "";
  return address ? drawn("a", { href: address, "aria-label": told }, circle) : circle;
}

function middle(points) {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  return [(least(xs) + largestOf(xs)) / 2, (least(ys) + largestOf(ys)) / 2];
}

function projection(points) {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [west, north] = [least(xs), largestOf(ys)];
  const narrowing = Math.cos((((north + least(ys)) / 2) * Math.PI) / 180);
  const across = Math.max((largestOf(xs) - west) * narrowing, north - least(ys), 0.1);
  const scale = (WIDTH - 2 * MARGIN) / across;
  const height = Math.ceil((north - least(ys)) * scale + 2 * MARGIN);
  return { height, project: ([x, y]) => [MARGIN + (x - west) * narrowing * scale, MARGIN + (north - y) * scale] };
}

// Math.min(...many) fails on many.
function least(values) {
  return values.reduce((one, other) => Math.min(one, other), Infinity);
}

function largestOf(values) {
  return values.reduce((one, other) => Math.max(one, other), -Infinity);
}
