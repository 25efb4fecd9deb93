/** Where the system's own files are, whether it runs from source or compiled. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder that holds `package.json`, `templates/` and `overlays/`. */
export const SYSTEM_FOLDER = fileURLToPath(new URL('../../', import.meta.url));

/** Beside the compiled program, made by `scripts/compile.sh`: the commit that it was compiled from. */
const COMMIT = new URL('../commit', import.meta.url);

/** E.g. `0.1.0 (abc1234)`; without the commit where it is not known, as when the program runs from source. */
export function readVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return existsSync(COMMIT) ? `${version} (${readFileSync(COMMIT, 'utf8').trim()})` : version;
}
