/** cluster-health.sh: each thing that a role needs, and each way in which it fails. */
import { describe, expect, it } from 'vitest';
import { installed, type Installed } from './installed.ts';

const CREDENTIALS = 'users:\n- user:\n    client-certificate-data: eA==\n    client-key-data: eA==\n';

/** A master that is well; `fake/ready`, `fake/lease` and the members of etcd can be changed. */
const master = (): Promise<Installed> =>
  installed({
    env: { BOOT_ROLE: 'master-first', NODE_ROLES: 'master', API_PORT: '6443' },
    files: {
      ...{ 'etc/kubernetes/pki/ca.crt': 'x', 'etc/kubernetes/kubelet.conf': CREDENTIALS, 'fake/since': '0' },
      ...{ 'fake/ready': 'True', 'fake/members': 'a1, started, master-01, https://192.168.50.11:2380, x, false\n' },
    },
    commands: {
      systemctl: `case "$*" in *ActiveEnter*) cat "$COLDSTART_ROOT/fake/since" ;; is-active*) [[ ! -e $COLDSTART_ROOT/fake/down-\${!#} ]] ;; esac`,
      journalctl: 'echo it could not read its settings',
      etcdctl: `case "$*" in *'member list') cat "$COLDSTART_ROOT/fake/members" ;; *health) [[ ! -e $COLDSTART_ROOT/fake/no-leader ]] ;; esac`,
      curl: `cd "$COLDSTART_ROOT/fake"
case \${!#} in
  https://192.168.50.11:6443/readyz) [[ ! -e api-down ]] ;;
  */leases/*) printf '{"spec": {"renewTime": "%s"}}\\n200 ' "$(cat lease 2>/dev/null || date -u +%FT%T.000000Z)" ;;
  */nodes/*) printf '{"status": {"conditions": [{"type": "Ready", "status": "%s", "message": "no runtime"}]}}\\n200 ' "$(<ready)" ;;
esac`,
    },
  });

const SERVICES = 'containerd kubelet kube-proxy haproxy etcd kube-apiserver kube-controller-manager kube-scheduler'
  .split(' ')
  .map((name) => `service-${name}`);

/** What is not healthy, and why. */
async function faults(node: Installed): Promise<Record<string, string>> {
  const { status, output } = await node.run('cluster-health.sh', '--json');
  const { healthy, checks } = JSON.parse(output) as {
    healthy: boolean;
    checks: { name: string; healthy: boolean; reason: string }[];
  };
  expect(healthy).toBe(status === 0);
  return Object.fromEntries(checks.filter((check) => !check.healthy).map(({ name, reason }) => [name, reason]));
}

describe('a master', () => {
  it('is healthy', async () => {
    const node = await master();
    expect(await faults(node)).toEqual({});
    const { checks } = JSON.parse((await node.run('cluster-health.sh', '--json')).output) as {
      checks: { name: string }[];
    };
    expect(checks.map(({ name }) => name)).toEqual([
      ...['step-bootstrap', 'identity', 'addresses', 'gateway', 'clock', ...SERVICES, 'etcd', 'api', 'kubelet'],
    ]);
  });

  it('says what does not work', async () => {
    const node = await master();
    const after = async (...changes: readonly [path: string, content: string][]) => {
      for (const [path, content] of changes) await node.write(path, content);
      return faults(node);
    };
    await node.write('fake/down-kubelet', '');
    expect(await faults(node)).toEqual({ 'service-kubelet': 'it does not stay up: it could not read its settings' });
    await node.write('fake/down-kubelet', '');
    expect(await after(['fake/ready', 'False'], ['fake/no-leader', ''], ['fake/api-down', ''])).toMatchObject({
      ...{ kubelet: 'the node is not Ready: no runtime', etcd: 'etcd has no leader, or does not take writes in time' },
      api: 'the API server of this node is not ready',
    });
    await after(['fake/ready', 'True'], ['fake/lease', '2020-01-01T00:00:00.000000Z']);
    const members = 'a1, started, master-01, https://192.168.50.11:2380, x, true\n';
    expect(await after(['fake/members', members])).toMatchObject({
      kubelet: 'the kubelet has not reported since 2020-01-01T00:00:00.000000Z',
      etcd: 'this node is not yet a voting member of etcd',
    });
    await node.bash(
      `ledger artifacts failed artifact-unreachable 'no answer' t; ledger update failed update-returned m t`,
    );
    expect(await faults(node)).toMatchObject({ 'step-artifacts': 'failed: artifact-unreachable no answer' });
  });

  it('is not healthy while a service ends again and again, and as long as nothing has run', async () => {
    const node = await master();
    await node.write('fake/since', '390000000'); // ten seconds ago
    expect(Object.keys(await faults(node))).toEqual(SERVICES);
    await node.restart();
    await node.write('fake/since', '0');
    expect(await faults(node)).toEqual({ 'step-detect': 'missing: no step has run in this start' });
  });
});

describe('a node with a gateway', () => {
  const route = (command: string) => `case "$*" in
  *-4*route*) echo '[{"dst": "default", "gateway": "192.168.50.1", "dev": "eth0"}]' ;;
  *-6*route*) echo '[]' ;;
  *neighbour*) ${command} ;;
  *) echo '[{"ifname":"eth0","operstate":"UP","addr_info":[{"local":"192.168.50.11"}]}]' ;;
esac`;
  it('needs an answer of it, to a ping or to ARP', async () => {
    const node = await installed({
      commands: { ping: 'exit 1', ip: route(`echo '[{"lladdr": "52:54:00:00:00:01", "state": ["REACHABLE"]}]'`) },
    });
    expect(await faults(node)).toEqual({});
    await node.command('ip', route(`echo '[{"state": ["FAILED"]}]'`));
    expect(await faults(node)).toEqual({ gateway: 'the gateway 192.168.50.1 on eth0 does not answer' });
    await node.command('ping', 'exit 0');
    expect(await faults(node)).toEqual({});
  });
});
