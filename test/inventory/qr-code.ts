/** Reads QR codes with zbarimg(1), as a telephone would: from a picture. */
import { run } from '../../src/builder/system/run.ts';

/** Blocks of qrencode(1): whether the upper and the lower half of the character are light. */
const HALVES: Readonly<Record<string, readonly [number, number]>> = {
  '█': [1, 1],
  '▀': [1, 0],
  '▄': [0, 1],
  ' ': [0, 0],
};
/** Pixels of a module. */
const SCALE = 6;

/** The last QR code on a console, as a picture (PGM). @throws Error without a code */
export function pictureOf(console: string): string {
  const codes = console.match(/(?:^[█▀▄ ]{20,}\n)+/gm) ?? [];
  const lines = (codes.at(-1) ?? '').split('\n').filter((line) => line !== '');
  if (lines.length === 0) throw new Error(`no QR code; the console ends:\n${console.slice(-3000)}`);
  const rows = lines.flatMap((line) => [0, 1].map((half) => Array.from(line, (block) => HALVES[block]?.[half] ?? 0)));
  const wide = rows.flatMap((row) => Array<string>(SCALE).fill(row.flatMap((bit) => Array<number>(SCALE).fill(bit * 255)).join(' '))); // prettier-ignore
  return `P2\n${(rows[0]?.length ?? 0) * SCALE} ${wide.length}\n255\n${wide.join('\n')}\n`;
}

/** @param picture a file @returns the text of the only code on it */
export function decode(picture: string): Promise<string> {
  return run({ command: 'zbarimg', args: ['--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', picture], reason: 'read a QR code' }); // prettier-ignore
}
