/** Property test of key files with NetworkManager as the judge: it reads the name and the list that were written. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { uuid5 } from '../../../src/render/plan/ids.ts';
import { ESCAPES } from '../../../src/render/engine/escape.ts';
import { UnrepresentableError } from '../../../src/render/engine/error.ts';
import type { TreeEntry } from '../../../src/render/tree/tree.ts';
import { networkManagerScript } from './networkmanager.ts';
import { nodeRoot } from '../containers/node-root.ts';
import { testRoot } from '../containers/root.ts';

const root = await testRoot();
const SPECIAL = fc.constantFrom(...`"'\\$\`!#;%&|<>(){}[]*?~=:, -@+ä€😀`, '\\s', '\\n', '\\;', ' ;');
const text = fc
  .array(fc.oneof(SPECIAL, fc.string({ unit: 'grapheme' })), { minLength: 1, maxLength: 8 })
  .map((parts) => parts.join(''));

function isRepresentable(candidate: string): boolean {
  try {
    return ESCAPES.keyfile(candidate) !== '';
  } catch (error) {
    if (error instanceof UnrepresentableError) return false;
    throw error;
  }
}

// Names of interfaces in a list are separated by commas where nmcli prints them, and `!&|` have a meaning of their own.
const TEXTS = fc.sample(text, { numRuns: 150, seed: Date.now() }).filter(isRepresentable);
const ITEMS = TEXTS.map((value) => value.replaceAll(/[,\s!&|\\"]/g, '_'));

function keyFile(value: string, index: number): TreeEntry {
  const content = `[connection]
id=${ESCAPES.keyfile(value)}
uuid=${uuid5(String(index))}
type=dummy
interface-name=dummy${String(index)}
autoconnect=false

[match]
driver=${ESCAPES.keyfile(['first', ITEMS[index] ?? '', 'last'])}
`;
  return {
    ...{ type: 'file', mode: 0o600, uid: 0, gid: 0, secret: false },
    path: `etc/NetworkManager/system-connections/${String(index)}.nmconnection`,
    origin: { kind: 'template', source: 'test', settings: [] },
    content: new TextEncoder().encode(content),
  };
}

test.skipIf(root === null)('NetworkManager reads key files as the texts they stand for', () => {
  const on = nodeRoot(root ?? '', TEXTS.map(keyFile));
  try {
    const script = networkManagerScript('networkmanager.sh');
    const uuids = TEXTS.map((_, index) => uuid5(String(index)));
    const wrapper = 'cat >/run/ask.sh && exec bash /run/ask.sh "$@"';
    const { status, stdout, stderr } = on.run('bash', ['-c', wrapper, 'ask', ...uuids], script);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const read = stdout
      .split(/^== /m)
      .slice(1, -1)
      .map((section) => [/^connection\.id:(.*)$/m.exec(section)?.[1], /^match\.driver:(.*)$/m.exec(section)?.[1]]);
    expect(read).toEqual(TEXTS.map((value, index) => [value, `first,${ITEMS[index] ?? ''},last`]));
  } finally {
    on.remove();
  }
});
