// Asks the endpoint of this server, and reads its answer whole or not at all.
const MAX_BYTES = 20_000_000;
const ACCEPT = "application/sparql-results+json, text/turtle;q=0.9, application/problem+json;q=0.5";

// Why there is no answer: "unreachable", "cut", "tooLong" or "stopped".
export class Missing extends Error {
  constructor(why) {
    super(why);
    this.why = why;
  }
}

export const maxMegabytes = MAX_BYTES / 1_000_000;

// Returns {problem} for a refusal, else {results} or {triples}, with {text, revision, hint}.
export async function ask(query, signal) {
  const response = await sent(query, signal);
  const text = await whole(response, signal);
  const told = { text, revision: response.headers.get("Coopkg-Revision"), hint: response.headers.get("Coopkg-Warning") };
  const type = response.headers.get("Content-Type") ?? "";
  if (!response.ok) return { ...told, status: response.status, problem: type.includes("json") ? JSON.parse(text) : { detail: text.trim() } };
  return type.includes("json") ? { ...told, results: JSON.parse(text) } : { ...told, triples: text };
}

async function sent(query, signal) {
  try {
    return await fetch("/sparql", { method: "POST", body: new URLSearchParams({ query }), headers: { Accept: ACCEPT }, signal });
  } catch {
    throw new Missing(signal?.aborted ? "stopped" : "unreachable");
  }
}

async function whole(response, signal) {
  const reader = response.body.getReader();
  const pieces = [];
  let size = 0;
  try {
    for (let piece; !(piece = await reader.read()).done; ) {
      pieces.push(piece.value);
      if ((size += piece.value.length) > MAX_BYTES) break;
    }
  } catch {
    throw new Missing(signal?.aborted ? "stopped" : "cut");
  }
  if (size > MAX_BYTES) {
    await reader.cancel();
    throw new Missing("tooLong");
  }
  return new Blob(pieces).text();
}
