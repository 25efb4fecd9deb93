/**
 * The errata of the seed that concern a node before it joins anything (1, 2, 3, 10, 11, 13): the seed's own lines fail in
 * each situation, what stands in their place does not. The other tests of this folder go deeper.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { readSources } from '../../src/builder/sources.ts';
import type { Cluster, Node } from '../../src/config/cluster.ts';
import { renderNode } from '../../src/render/plan.ts';
import type { Sources } from '../../src/render/sources.ts';
import { cluster, node } from '../render/cluster.ts';
import { machine, REPOSITORY, type Setup } from './machine.ts';

/** Lines of the seed, as they stand in BOOTSTRAP.md, with the answers of `yq` and `ip` put in. */
async function seed(lines: string, setup: Setup = {}): Promise<string> {
  const made = await machine(setup);
  return (await made.bash(`cd "$COLDSTART_ROOT"\nset +e\n${lines}`)).output;
}

let sources: Sources;
beforeAll(async () => {
  sources = await readSources(REPOSITORY, REPOSITORY);
});

function rendered(of: Cluster, subject: Node, path: string): string {
  const entry = renderNode(of, subject, sources).find((found) => found.path === path);
  return entry?.type === 'file' ? new TextDecoder().decode(entry.content) : '';
}

const master = (name: string, index: number, bootRole: Node['bootRole']): Node =>
  node(name, index, { roles: ['master'], bootRole });

describe('erratum 1: a state is read back as it was written', () => {
  it('seed', async () => {
    expect(
      await seed(`echo "bootstrap-state: bootstrapped" > bootstrap-state
STATE=$(cat bootstrap-state)
[[ "$STATE" == "bootstrapped" ]] && echo skipping || echo bootstrapping again`),
    ).toBe('bootstrapping again');
  });

  it('here', async () => {
    const made = await machine();
    await made.bash('write_state bootstrap-state bootstrapped');
    expect((await made.run('bootstrap-first-master.sh')).output).toBe(
      'coldstart: bootstrap done: this node is bootstrapped already',
    );
  });
});

describe('erratum 2: everybody means the same first master', () => {
  const nodes = [master('master-02', 2, 'master-additional'), master('master-01', 1, 'master-first')];

  it('seed', async () => {
    const answer = String.raw`masters() { printf 'master-02\nmaster-01\n'; }`;
    expect(await seed(`${answer}\nmasters | sort | head -1\nmasters | head -1`)).toBe('master-01\nmaster-02');
  });

  it('here', async () => {
    const of = cluster({ nodes });
    const answers = nodes.map(async (subject) => {
      const made = await machine();
      await made.write('etc/cluster-config/node.env', rendered(of, subject, 'etc/cluster-config/node.env'));
      const { output } = await made.bash('printf "%s " "$NODE_NAME" "$FIRST_MASTER"; am-i-first-master.sh');
      return output;
    });
    expect(await Promise.all(answers)).toEqual([
      'master-02 master-01 master-additional',
      'master-01 master-01 master-first',
    ]);
  });
});

describe('erratum 3: a role is a whole word', () => {
  it('seed', async () => {
    expect(await seed('ROLES=webmaster\n[[ "$ROLES" =~ "master" ]] && echo master || echo worker')).toBe('master');
  });

  it('here', async () => {
    const made = await machine({ env: { NODE_ROLES: 'webmaster' } });
    expect((await made.bash('has_role master && echo master || echo worker')).output).toBe('worker');
  });
});

describe('erratum 10: the node is found by any of its cards, and only by them', () => {
  const nics = { eth0: { mac: '00:11:22:33:44:55' }, eth1: { mac: '52:54:00:12:34:01' } };
  const files = { 'nodes/master-01.yaml': '52:54:00:12:34:01\n', 'nodes/worker-01.yaml': '52:54:00:12:34:02\n' };
  const detection = `for node_file in nodes/*.yaml; do
  MAC_ADDRS=$(cat "$node_file")
  if echo "$MAC_ADDRS" | grep -qi "$MY_MAC"; then echo "$node_file"; break; fi
done`;

  it('seed, a second card', async () => {
    const ip = "printf '  link/ether 00:11:22:33:44:55 brd\\n  link/ether 52:54:00:12:34:01 brd\\n'";
    const first = "MY_MAC=$(ip link show | awk '/ether/ {print $2}' | head -1)";
    expect(await seed(`${first}\n${detection}`, { nics, files, commands: { ip } })).toBe('');
  });

  it('seed, no card', async () => {
    expect(await seed(`MY_MAC=\n${detection}`, { files })).toBe('nodes/master-01.yaml');
  });

  it('here', async () => {
    expect((await (await machine({ nics })).run('cluster-detect.sh')).status).toBe(0);
    const without = await machine({ nics: {} });
    await without.run('cluster-detect.sh');
    expect((await without.steps()).at(-1)).toBe('detect failed no-nic');
  });
});

describe('erratum 11: the interface is the one with the MAC', () => {
  it('seed', async () => {
    const commands = { ip: ':' };
    const lines = `IFACE=$(ip route | grep default | awk '{print $5}' | head -1)\necho "interface=$IFACE"`;
    expect(await seed(lines, { commands })).toBe('interface=');
  });

  it('here', async () => {
    const made = await machine({ nics: { enp3s0: { mac: '52:54:00:12:34:01' } } });
    await made.command('ip', `echo '[{"ifname":"enp3s0","operstate":"UP","addr_info":[{"local":"192.168.50.11"}]}]'`);
    expect((await made.run('configure-network.sh')).status).toBe(0);
  });
});

describe('erratum 13: every node is in /etc/hosts once', () => {
  it('seed', async () => {
    const append = 'grep -q "$NODE_HOSTNAME" hosts || echo "$NODE_IP $NODE_HOSTNAME" >> hosts';
    const lines = `echo "10.0.0.10 node-10" > hosts\nNODE_IP=10.0.0.1 NODE_HOSTNAME=node-1\n${append}\ncat hosts`;
    expect(await seed(lines)).toBe('10.0.0.10 node-10');
  });

  it('here', () => {
    const nodes = [master('node-1', 1, 'master-first'), node('node-10', 10), node('node-2', 2)];
    const hosts = rendered(cluster({ nodes }), nodes[1] ?? node('x', 1), 'etc/hosts').split('\n');
    const named = nodes.map(({ name }) => hosts.filter((line) => line.split(/\s+/).slice(1).includes(name)));
    expect(named.map((lines) => lines.length)).toEqual([1, 1, 1]);
  });
});
