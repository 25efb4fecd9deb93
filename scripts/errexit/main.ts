/**
 * main.ts SCRIPT...: finds failures that nobody would notice in the node's scripts; each is read together with the
 * library.
 */
import { findings } from './findings.ts';
import { parse } from './syntax.ts';

const scripts = process.argv.slice(2).map((path) => parse(path));
const library = scripts.filter(({ path }) => path.includes('/lib/'));
const programs = scripts.filter((script) => !library.includes(script));
const found = new Set(programs.flatMap((program) => findings([...library, program])));
for (const line of [...found].sort()) process.stdout.write(`${line}\n`);
process.exitCode = found.size === 0 ? 0 : 1;
