/** Public SSH keys: those that the user's folder offers, and those in a file. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UsageError } from '../usage.ts';

const LARGEST = 64 * 1024;
const HINT = 'name a file that ends in `.pub`';

/** Files like `~/.ssh/id_ed25519.pub`, sorted. @param home undefined if the user has none */
export async function keyFiles(home: string | undefined): Promise<readonly string[]> {
  const names = home === undefined ? [] : await readdir(join(home, '.ssh')).catch(() => []);
  return names
    .filter((name) => name.endsWith('.pub'))
    .sort()
    .map((name) => `~/.ssh/${name}`);
}

/** The keys in a file, or the text itself if it is a key. @throws UsageError */
export async function readKeys(text: string, home: string | undefined, cwd: string): Promise<readonly string[]> {
  if (/^(sk-)?(ssh|ecdsa)-\S+ \S/.test(text)) return [text];
  const path = resolve(cwd, home === undefined ? text : text.replace(/^~(?=\/)/, home));
  const stats = await stat(path).catch(() => undefined);
  if (!stats?.isFile()) throw new UsageError(`\`${text}\` is neither a file nor a public SSH key.`, HINT);
  const content = stats.size > LARGEST ? '' : await readFile(path, 'utf8');
  if (content.includes('PRIVATE KEY')) throw new UsageError(`\`${text}\` contains a private key.`, HINT);
  const lines = content.split('\n').map((line) => line.trim());
  const keys = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (keys.length === 0) throw new UsageError(`\`${text}\` contains no public SSH key.`, HINT);
  return keys;
}
