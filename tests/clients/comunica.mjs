// Ask with Comunica: `node comunica.mjs SOURCES`, a JSON list of addresses and of objects as Comunica takes them.
// The query is read from standard input. Written as JSON: the answer, and what was asked over HTTP for it.
import { readFileSync } from 'node:fs';
import { QueryEngine } from '@comunica/query-sparql';

const requests = [];
const context = {
  sources: JSON.parse(process.argv[2]),
  fetch: async (url, init = {}) => {
    const answer = await fetch(url, init);
    const sent = new URLSearchParams(init.body ? String(init.body) : new URL(String(url)).search);
    requests.push({ method: init.method ?? 'GET', query: sent.get('query'), status: answer.status });
    return answer;
  },
};
const written = (term) => [term.value, term.language ?? ''];

async function told(result) {
  if (result.resultType === 'boolean') return { boolean: await result.execute() };
  const found = [];
  for await (const one of await result.execute()) {
    found.push(result.resultType === 'quads'
      ? [one.subject, one.predicate, one.object].map(written)
      : Object.fromEntries([...one].map(([name, term]) => [name.value, written(term)])));
  }
  return { [result.resultType]: found };
}

let answer;
try {
  answer = await told(await new QueryEngine().query(readFileSync(0, 'utf8'), context));
} catch (error) {
  answer = { error: error.message };
}
console.log(JSON.stringify({ ...answer, requests }));
