/** Finds the program's own files, for both the source and the compiled program. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder that contains `package.json`, `templates/` and `overlays/`. */
export const SYSTEM_FOLDER = fileURLToPath(new URL('../../', import.meta.url));

/** File with the commit that the program was compiled from; written by `scripts/compile.sh`. */
const COMMIT = new URL('../commit', import.meta.url);

/** E.g. `0.1.0 (abc1234)`; without the commit when the program runs from source. */
export function readVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return existsSync(COMMIT) ? `${version} (${readFileSync(COMMIT, 'utf8').trim()})` : version;
}
