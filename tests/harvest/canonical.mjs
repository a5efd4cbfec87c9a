// The hash of a data set by RDFC-1.0, as rdf-canonize computes it: N-Quads on standard input, JSON on standard output.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { NQuads, canonize } from 'rdf-canonize';

const quads = NQuads.parse(readFileSync(0, 'utf8'));
const canonical = await canonize(quads, { algorithm: 'RDFC-1.0' });
console.log(JSON.stringify({ quads: quads.length, sha256: createHash('sha256').update(canonical).digest('hex') }));
