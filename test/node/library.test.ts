/** Each variable of the scripts' library is set at the top of one file only: all scripts source all files. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const LIBRARY = join(import.meta.dirname, '../../overlays/common/usr/local/lib/coldstart');

it('sets no variable in two files', () => {
  const places = new Map<string, string[]>();
  const main = readFileSync(join(LIBRARY, 'coldstart.sh'), 'utf8');
  const sourced = [...main.matchAll(/^source "\$LIB_DIR\/(.*)"$/gm)].map(([, path = '']) => path);
  for (const path of readdirSync(LIBRARY, { recursive: true, encoding: 'utf8' }).filter((one) =>
    sourced.includes(one),
  )) {
    const tops = readFileSync(join(LIBRARY, path), 'utf8').match(/^(readonly )?[A-Z_]+=.*$/gm) ?? [];
    const names = new Set(
      tops.flatMap((line) => [...line.matchAll(/(?:^|readonly | )([A-Z][A-Z_]*)=/g)].map(([, name = '']) => name)),
    );
    for (const name of names) places.set(name, [...(places.get(name) ?? []), path]);
  }
  expect([...places].filter(([, files]) => files.length > 1)).toEqual([]);
});
