// Where an IRI leads a reader: the page of ours, else its own address; nowhere when it is no web address.
import { lang } from "./words.js";

export const BASE = "https://w3id.org/coopkg/";

export function addressOf(iri) {
  if (iri.startsWith(`${BASE}id/`)) return ofOurs(`doc/${iri.slice(BASE.length + 3)}`);
  if (iri.startsWith(BASE)) return ofOurs(iri.slice(BASE.length));
  return /^https?:\/\//.test(iri) ? iri : "";
}

function ofOurs(path) {
  const [before, fragment] = path.split("#");
  return `/${encodeURI(before).replaceAll("?", "%3F")}?lang=${lang}${fragment === undefined ? "" : `#${fragment}`}`;
}
