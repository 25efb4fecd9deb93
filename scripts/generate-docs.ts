/**
 * Writes the files that are generated from the sources: `schema.json`, `docs/cluster-yaml.md`, `docs/diagnostics.md` with a page
 * for each code, the manual pages in `man/`.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { jsonSchema } from '../src/config/schema/json-schema.ts';
import { diagnosticsPage } from './docs/diagnostics-index.ts';
import { diagnosticPages } from './docs/diagnostics-pages.ts';
import { manualPages } from './docs/manual.ts';
import { referencePage } from './docs/reference.ts';

const root = new URL('../', import.meta.url);

/** The generated files by path relative to the repository. A test compares them with the files in the repository. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['schema.json', `${JSON.stringify(jsonSchema(), null, 2)}\n`],
    ['docs/cluster-yaml.md', referencePage()],
    ['docs/diagnostics.md', diagnosticsPage()],
    ...diagnosticPages(),
    ...[...manualPages()].map(([name, text]): [string, string] => [`man/${name}`, text]),
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of generatedFiles()) {
    await mkdir(new URL('./', new URL(path, root)), { recursive: true });
    await writeFile(new URL(path, root), text);
    console.log(`wrote ${path}`);
  }
}
