/** The boot loader of an installed node: its script (overlays/…/install/grub.cfg) up to the menu, run by bash. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const SCRIPT = new URL('../../../overlays/common/usr/local/lib/coldstart/install/grub.cfg', import.meta.url);

/** What GRUB's commands do, with the environment block in `saved`. */
const GRUB = `set() { declare -g "$1"; }
serial() { false; }
load_env() { for name in "$@"; do [ -z "\${saved[$name]+x}" ] || declare -g "$name=\${saved[$name]}"; done; }
save_env() { for name in "$@"; do saved[$name]=\${!name}; done; }
prefix=/; declare -A saved
`;

/** The environment block. */
export type Environment = Readonly<Record<string, string | number>>;

interface Start {
  /** The slot that is started, and the one that follows if it cannot be loaded. */
  readonly slots: string;
  readonly isTry: boolean;
  readonly environment: Environment;
}

/** @param environment null when it is lost */
export async function start(environment: Environment | null): Promise<Start> {
  const menu = await readFile(SCRIPT, 'utf8');
  const choice = menu
    .slice(0, menu.indexOf('# The slots are on the disk'))
    .replaceAll('-s $prefix/grubenv', '-n "$has_env"');
  const values = Object.entries(environment ?? {}).map(([name, value]) => `saved[${name}]='${value}'\n`);
  const script = `${GRUB}has_env=${environment === null ? '' : 'yes'}\n${values.join('')}${choice}
echo "$default$fallback$try"; for name in "\${!saved[@]}"; do echo "$name=\${saved[$name]}"; done`;
  const { stdout } = await promisify(execFile)('bash', ['-euc', script]);
  const [numbers = '', ...lines] = stdout.trim().split('\n');
  const after = lines.map((line): [string, string] => [
    line.slice(0, line.indexOf('=')),
    line.slice(line.indexOf('=') + 1),
  ]);
  const slots = numbers.slice(0, 2).replaceAll('0', 'A').replaceAll('1', 'B');
  return { slots, isTry: numbers.endsWith('coldstart.try=yes'), environment: Object.fromEntries(after) };
}
