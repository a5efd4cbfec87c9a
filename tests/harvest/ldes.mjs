// Replay a feed with ldes-client: `node ldes.mjs ADDRESS [STATE]`; with a folder for its state it begins where it ended.
// Written as JSON: the members, each with its statements, and the pages that were asked for.
import { intoConfig, replicateLDES } from 'ldes-client';

const [address, statePath] = process.argv.slice(2);
const pages = [];
const asked = async (url, init) => {
  const answer = await fetch(url, init);
  pages.push([answer.status, String(url instanceof Request ? url.url : url)]);
  return answer;
};
const client = replicateLDES(intoConfig({ url: address, statePath, polling: false, fetch: asked }), 'ascending');
const errors = [];
client.on('error', (error) => errors.push(String(error)));
const written = (term) => [term.termType, term.value, term.language || term.datatype?.value || ''];
const members = [];
try {
  for await (const member of client.stream()) {
    members.push({
      id: member.id.value,
      of: member.isVersionOf,
      time: member.timestamp,
      type: member.type?.value,
      statements: member.quads.map((one) => [one.subject, one.predicate, one.object].map(written)),
    });
  }
} catch (error) {
  errors.push(String(error));
}
console.log(JSON.stringify({ members, pages, errors }));
