/**
 * cluster-peers.sh with an API server that says wrong things, little, or nothing. Time is played: each pause of the script
 * moves its clock (bash's SECONDS).
 */
import { describe, expect, it } from 'vitest';
import { machine, type Machine, type Setup } from '../machine.ts';

const MASTER = { name: 'master-01', address: '192.168.50.11' };
const peers = (...names: readonly string[]): string =>
  JSON.stringify({ masters: [MASTER], nodes: names.map((name, at) => ({ name, hostname: `${name}.lab.example`, addresses: [`192.168.50.2${String(at)}`] })) }); // prettier-ignore
const event = (type: string, data: unknown): string => JSON.stringify({ type, object: { data } });
const told = (...names: readonly string[]): string => event('MODIFIED', { 'peers.json': peers(...names) });

/** Watches get the file `watch`, other requests the file `object`; without it there is no answer. */
const curl = `printf '%s\\n' "\${!#}" >>"$COLDSTART_ROOT/asked"
case "\${!#}" in
  *watch=true*) cat "$COLDSTART_ROOT/watch" 2>/dev/null || exit 7 ;;
  *) cat "$COLDSTART_ROOT/object" 2>/dev/null || printf '\\n404 ' ;;
esac`;
const MEMBER = { 'etc/kubernetes/kubelet.conf': '', 'etc/hosts': '127.0.0.1\tlocalhost\n\n::1\tlocalhost # both\n' };

const node = ({ files, ...of }: Setup = {}): Promise<Machine> =>
  machine({ env: { MASTER_IPS: '192.168.50.11', API_PORT: '6443' }, files: { ...MEMBER, ...files }, commands: { curl, systemctl: 'exit 3' }, ...of }); // prettier-ignore

/** Lets the service run for so many seconds of its clock; what it says, and how long its pauses were. */
async function follow(on: Machine, seconds: number): Promise<{ output: string; pauses: number[] }> {
  const pause = `sleep() { printf '%s\\n' "$1" >>"$COLDSTART_ROOT/slept"; SECONDS=$((SECONDS + $1)); ((SECONDS < ${String(seconds)})) || exit 0; }`;
  const { output } = await on.bash(`${pause}; export -f sleep; exec cluster-peers.sh`);
  return { output, pauses: await lines(on, 'slept').then((all) => all.map(Number)) };
}
const lines = async (on: Machine, path: string): Promise<string[]> =>
  (await on.read(path).catch(() => '')).split('\n').filter((line) => line !== '');
const known = async (on: Machine): Promise<string[]> => {
  const { nodes } = JSON.parse(await on.read('run/cluster/peers.json').catch(() => '{"nodes":[]}')) as { nodes: { name: string }[] }; // prettier-ignore
  return nodes.map(({ name }) => name);
};
const ledgerOf = async (on: Machine): Promise<string[]> =>
  (await on.steps()).filter((step) => step.startsWith('peers '));

describe('cluster-peers.sh --once', () => {
  it('takes what the API has, and keeps it on the state disk', async () => {
    const on = await node({ files: { object: `{"data": {"peers.json": ${JSON.stringify(peers('a', 'b'))}}}\n200 ` } });
    expect(await on.run('cluster-peers.sh', '--once')).toEqual({ status: 0, output: '' });
    expect(await known(on)).toEqual(['a', 'b']);
    expect(await on.read('var/lib/cluster-state/peers.json')).toBe(await on.read('run/cluster/peers.json'));
    expect((await on.read('etc/hosts')).split('\n')).toEqual([
      ...['127.0.0.1\tlocalhost', '', '::1\tlocalhost # both'],
      '# The lines below are from the cluster: cluster-peers.service.',
      ...['192.168.50.20\ta.lab.example a', '192.168.50.21\tb.lab.example b', ''],
    ]);
  });

  it.each([
    ['nothing', '\n404 '],
    ['no answer', '\n000 could not connect'],
    ['an object twice', `{"data": {"peers.json": ${JSON.stringify(peers('a') + peers('b'))}}}\n200 `],
    ['an empty object', '{}\n200 '],
    ['no master', `{"data": {"peers.json": ${JSON.stringify('{"masters": [], "nodes": []}')}}}\n200 `],
  ])('loses nothing when the API has %s', async (_, object) => {
    const on = await node({ files: { object, 'var/lib/cluster-state/peers.json': peers('last-known') } });
    const before = await on.read('var/lib/cluster-state/peers.json');
    await on.run('cluster-peers.sh', '--once');
    expect(await on.read('var/lib/cluster-state/peers.json')).toBe(before);
    expect((await on.bash('known_peers')).output).toBe(before);
  });

  it('refuses other words', async () => {
    expect((await (await node()).run('cluster-peers.sh', '--twice')).status).toBe(64);
  });
});

describe('an address', () => {
  const taken = async (addresses: readonly string[]): Promise<string> => {
    const all = JSON.stringify({ masters: [MASTER], nodes: [{ name: 'a', addresses }] });
    const on = await node({ files: { 'run/cluster/peers.json': all } });
    return (await on.bash(`with_peers 'valid_peers | .nodes[].addresses[]'`)).output;
  };
  it('that nft would not take is none, or none of the others would be known', async () => {
    const four = ['a.b', '1.2.3', '1.2.3.4.5', '1.2.3.4.', '1.2.3.256', '01.2.3.4', '1.2.3.4\n'];
    const six = ['1:2', ':', ':::', 'fd00::1::2', '1:2:3:4:5:6:7:8:9', 'fd00::12345', '1::2:3:4:5:6:7:8', ''];
    expect(await taken([...four, ...six])).toBe('');
  });
  it('in any right form is one', async () => {
    const four = ['0.0.0.0', '10.0.0.255', '192.168.50.21'];
    const six = ['::', '::1', 'fd00::', 'fd00::1:0:2', '1:2:3:4:5:6:7:8', 'fe80::d43a:b7ff:fee2:86e9'];
    expect((await taken([...four, ...six])).split('\n')).toEqual([...four, ...six]);
  });
});

describe('cluster-peers.sh', () => {
  it('takes each change, and passes over what is none', async () => {
    const wrong = [
      'garbage',
      '7',
      '[]',
      '{}',
      '{"type": "MODIFIED"}',
      '{"type": "MODIFIED", "object": {}}',
      '',
      '{"type": "ERR',
    ];
    const other = [
      event('DELETED', { 'peers.json': peers('deleted') }),
      event('ERROR', { 'peers.json': peers('error') }),
      ...['', '{}', '7', '{"masters": 7}', '{"masters": [], "nodes": []}', '{"masters": [{"name": "a b", "address": "x"}]}', '\u0000'].map((text) => event('MODIFIED', { 'peers.json': text })), // prettier-ignore
    ];
    const on = await node({ files: { watch: [told('a'), ...wrong, ...other].join('\n') } });
    await follow(on, 1);
    expect(await known(on)).toEqual(['a']);
    await on.write('watch', [...wrong, ...other, told('b', 'c'), ...wrong].join('\n'));
    await follow(on, 1);
    expect(await known(on)).toEqual(['b', 'c']);
  });

  it('opens a watch that ends soon, but had news, again within seconds, however often', async () => {
    const on = await node({ files: { watch: `${told('a')}\n` } });
    const { pauses } = await follow(on, 60);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(4);
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(2);
    expect(await ledgerOf(on)).toEqual([]);
  });

  it('asks a silent API seldom, says so once after a quarter of an hour, and keeps what it knows', async () => {
    const on = await node({ files: { 'var/lib/cluster-state/peers.json': peers('last-known') } });
    const { pauses } = await follow(on, 7200);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(120);
    expect(pauses.length).toBeLessThan((2 * 7200) / 60);
    expect((await lines(on, 'asked')).length).toBe(pauses.length);
    expect(await ledgerOf(on)).toEqual(['peers waiting peers-not-heard']);
    expect(await on.read('etc/hosts')).toContain('last-known');
    await on.write('watch', `${told('a')}\n`);
    await follow(on, 1);
    expect(await ledgerOf(on)).toEqual(['peers waiting peers-not-heard', 'peers done']);
    expect(await known(on)).toEqual(['a']);
  });

  it('asks nobody before the node is a member, looks often whether it is, and misses nothing', async () => {
    const on = await node({ files: { 'etc/kubernetes/kubelet.conf': '' }, env: { NODE_ROLES: 'worker', BOOT_ROLE: 'worker', MASTER_IPS: '192.168.50.11', API_PORT: '6443' } }); // prettier-ignore
    const { pauses } = await follow(on, 3600);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(4);
    expect(await lines(on, 'asked')).toEqual([]);
    expect(await ledgerOf(on)).toEqual([]);
  });
});
