/** What a node knows of the other nodes: the first guess of its image, and what the cluster said last. */
import { describe, expect, it } from 'vitest';
import { machine } from '../machine.ts';

const GUESS = { MASTER_IPS: '192.168.50.11 192.168.50.12' };
const heard = (guess: string, ...addresses: readonly string[]): string =>
  JSON.stringify({ guess, masters: addresses.map((address) => ({ name: address, address })), nodes: [] });

async function known(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const { output } = await (await machine({ env: GUESS, files })).bash('known_masters');
  return output.split('\n').filter((line) => line !== '');
}

describe('known_masters', () => {
  it.each([
    ['the first guess, on a node that has heard nothing', {}, ['192.168.50.11', '192.168.50.12']],
    ['what the cluster said last', { run: heard(GUESS.MASTER_IPS, '192.168.50.13') }, ['192.168.50.13']],
    ['what the cluster said before the restart', { state: heard(GUESS.MASTER_IPS, 'fd00::13') }, ['fd00::13']],
    [
      'the guess of a newer image as well',
      { state: heard('192.168.50.11', '192.168.50.13', '192.168.50.12') },
      ['192.168.50.13', '192.168.50.12', '192.168.50.11'],
    ],
    ['the first guess, where the file is damaged', { run: '{"masters": [' }, ['192.168.50.11', '192.168.50.12']],
    [
      'the first guess, where no master was named',
      { run: heard(GUESS.MASTER_IPS) },
      ['192.168.50.11', '192.168.50.12'],
    ],
  ])('are %s', async (_, { run, state }: { run?: string; state?: string }, expected) => {
    const files = {
      ...(run === undefined ? {} : { 'run/cluster/peers.json': run }),
      ...(state === undefined ? {} : { 'var/lib/cluster-state/peers.json': state }),
    };
    expect(await known(files)).toEqual(expected);
  });
});

describe('apply_hosts', () => {
  it('takes a file of an image as it is, with empty lines and comments: the cluster knows better where other nodes are', async () => {
    const files = {
      'etc/hosts':
        '# of the image\n\n127.0.0.1\tlocalhost\n\n192.168.50.11\tm1.lab m1 # first\n192.168.50.12\tm2.lab m2\n',
      'run/cluster/peers.json': JSON.stringify({
        masters: [],
        nodes: [
          { name: 'w1', hostname: 'w1', addresses: ['192.168.50.21'], pods: [] },
          { name: 'm1', hostname: 'm1.lab', addresses: ['192.168.51.11'], pods: [] },
        ],
      }),
    };
    const { status, output } = await (
      await machine({ env: { ...GUESS, NODE_NAME: 'w1' }, files })
    ).bash('apply_hosts && cat "$COLDSTART_ROOT/etc/hosts"');
    expect(status).toBe(0);
    expect(output).toContain('# of the image\n\n127.0.0.1\tlocalhost\n\n192.168.50.12\tm2.lab m2\n');
    expect(output).toMatch(/\n# The lines below [^\n]*\n192\.168\.51\.11\tm1\.lab m1$/);
    expect(output).not.toContain('192.168.50.11');
  });
});
