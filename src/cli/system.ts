/** Where the system's own files are, whether it runs from source or compiled. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder that holds `package.json`, `templates/` and `overlays/`. */
export const SYSTEM_FOLDER = fileURLToPath(new URL('../../', import.meta.url));

export function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
