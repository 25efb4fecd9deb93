/**
 * What masters publish of the nodes, and what a node makes of it, with a real etcd, API server and controller manager: a
 * node comes, gets its share, moves, and is removed. Only ip, nft and the node's kubelet are stand-ins.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OVERLAY, REPOSITORY } from '../../node/machine.ts';
import { lab } from '../../pki/clusters.ts';
import { type ApiServer, ARTIFACTS, binary, startApiServer } from './api-server.ts';
import { background, end, ETCDCTL, missingEtcd } from './etcd.ts';

const missing = [
  ...missingEtcd,
  ...['kube-apiserver', 'kube-controller-manager', 'kubectl'].filter((name) => !existsSync(binary(name))),
];
const SECONDS = 60;

interface Peers {
  readonly masters: readonly { readonly name: string; readonly address: string }[];
  readonly nodes: readonly { readonly name: string; readonly addresses: string[]; readonly pods: string[] }[];
}

describe.skipIf(missing.length > 0)('peers before a real API server', () => {
  let api: ApiServer;
  let controller: ChildProcess;
  let running: readonly ChildProcess[] = [];

  const path = (name: string): string => join(api.root('master-01'), name);
  const write = (name: string, text: string, mode = 0o644): void => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), text, { mode });
  };
  const env = (): Record<string, string> => ({
    ...{ COLDSTART_ROOT: api.root('master-01'), HOME: api.folder },
    PATH: `${path('commands')}:${ARTIFACTS}:/usr/sbin:/usr/bin:/sbin:/bin`,
  });
  const script = (name: string): string => join(OVERLAY, 'usr/local/bin', name);
  const run = (name: string, ...args: string[]) => execa(script(name), args, { all: true, reject: false, extendEnv: false, env: env() }); // prettier-ignore
  const heard = (): Peers => {
    const file = path('run/cluster/peers.json');
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Peers) : { masters: [], nodes: [] };
  };
  const routes = (): string => (existsSync(path('ip-asked')) ? readFileSync(path('ip-asked'), 'utf8') : '');
  const until = async (suits: () => boolean): Promise<void> => {
    for (const limit = Date.now() + SECONDS * 1000; !suits() && Date.now() < limit;) await delay(200);
  };
  const addressed = (name: string, address: string): void => {
    const patch = JSON.stringify({ status: { addresses: [{ type: 'InternalIP', address }] } });
    api.kubectl(api.operator, ['patch', 'node', name, '--subresource', 'status', '--type', 'merge', '--patch', patch]);
  };

  beforeAll(async () => {
    api = await startApiServer(lab);
    const addons = join(REPOSITORY, 'overlays/role-master/etc/kubernetes/addons');
    api.kubectl(api.config('master-01', 'super-admin'), ['apply', '-f', join(addons, '00-admins.yaml')]);
    api.kubectl(api.operator, ['apply', '-f', join(addons, '10-nodes.yaml')]);
    const settings = {
      ...{ CLUSTER_NAME: 'lab', NODE_NAME: 'master-01', NODE_HOSTNAME: 'master-01', NODE_IP: '192.168.50.11' },
      ...{ NODE_IPS: '192.168.50.11', NODE_MACS: 'none', NODE_ROLES: 'master', BOOT_ROLE: 'master-first' },
      ...{ MASTER_IPS: '192.168.50.11', TOKEN_TTL: '3600', TOKEN_DISTRIBUTION: 'http', POD_CIDRS: '10.244.0.0/16' },
      API_PORT: String(api.cluster.controlPlane.port),
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name}='${value}'\n`);
    write('etc/cluster-config/node.env', lines.join(''));
    write('etc/hosts', '127.0.0.1\tlocalhost\n');
    write('etc/kubernetes/pod-network.conflist', '{"plugins": [{"ipam": {}}]}');
    write('etc/kubernetes/own-labels', 'node-role.kubernetes.io/control-plane=\nlab.example/rack=1\n');
    write('proc/sys/kernel/random/boot_id', 'made-up\n');
    const ip = 'case "$*" in *show*) echo "[]" ;; *) cat >"$COLDSTART_ROOT/ip-asked" ;; esac';
    const etcdctl = `args=(); while (($#)); do case $1 in --endpoints) shift ;; *) args+=("$1") ;; esac; shift; done
exec ${ETCDCTL} --endpoints ${api.etcd.endpoints[0] ?? ''} "\${args[@]}"`;
    for (const [name, body] of Object.entries({
      ip,
      etcdctl,
      nft: 'cat >/dev/null',
      curl: 'exec /usr/bin/curl "$@"',
    })) {
      write(`commands/${name}`, `#!/bin/bash\n${body}\n`, 0o755);
    }
    controller = background(binary('kube-controller-manager'), {
      ...{ kubeconfig: api.config('master-01', 'controller-manager'), controllers: 'node-ipam-controller' },
      ...{ 'allocate-node-cidrs': 'true', 'cluster-cidr': '10.244.0.0/16', 'node-cidr-mask-size': '24' },
      ...{ 'leader-elect': 'false', 'secure-port': '0', 'use-service-account-credentials': 'true' },
    }).child;
    running = [['cluster-nodes.sh', '--watch'], ['cluster-peers.sh']].map(([name = '', ...args]) =>
      spawn(script(name), args, { env: env(), detached: true, stdio: 'ignore' }),
    );
  }, 120_000);
  afterAll(async () => {
    for (const { pid } of running) if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    await end(controller);
    await api.stop();
  });

  it('tell of a node with its share as soon as it is there', async () => {
    for (const name of ['master-01', 'worker-07']) {
      api.kubectl(api.operator, ['create', '--filename', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name } })); // prettier-ignore
    }
    addressed('worker-07', '192.168.50.27');
    const worker = (): Peers['nodes'][number] | undefined => heard().nodes.find(({ name }) => name === 'worker-07');
    await until(() => worker()?.addresses.length === 1 && worker()?.pods.length === 1 && routes().includes('.27'));
    expect(heard().masters).toEqual([{ name: 'master-01', address: '127.0.0.1' }]);
    expect(worker()?.addresses).toEqual(['192.168.50.27']);
    const [share = ''] = worker()?.pods ?? [];
    expect(share).toMatch(/^10\.244\.\d+\.0\/24$/);
    expect(routes()).toContain(`route replace ${share} via 192.168.50.27 proto 202`);
    // Names come after routes.
    await until(() => readFileSync(path('etc/hosts'), 'utf8').includes('worker-07'));
    expect(readFileSync(path('etc/hosts'), 'utf8')).toContain('192.168.50.27\tworker-07');
    await until(() => existsSync(path('etc/cni/net.d/10-coldstart.conflist')));
    const own = heard().nodes.find(({ name }) => name === 'master-01')?.pods[0] ?? 'none';
    expect(readFileSync(path('etc/cni/net.d/10-coldstart.conflist'), 'utf8')).toContain(own);
    expect(readFileSync(path('var/lib/cluster-state/peers.json'), 'utf8')).toContain('worker-07');
  });

  it('tell of its new address', async () => {
    addressed('worker-07', '192.168.50.37');
    await until(() => routes().includes('192.168.50.37'));
    expect(routes()).toContain('via 192.168.50.37 proto 202');
  });

  it('set the labels: a master its own, and worker for the others', async () => {
    expect((await run('cluster-nodes.sh')).all).toBe('');
    const labels = (name: string): string => api.kubectl(api.operator, ['get', 'node', name, '--output', 'jsonpath={.metadata.labels}']); // prettier-ignore
    expect(JSON.parse(labels('worker-07'))).toMatchObject({ 'node-role.kubernetes.io/worker': '' });
    expect(JSON.parse(labels('master-01'))).toEqual({
      'node-role.kubernetes.io/control-plane': '',
      'lab.example/rack': '1',
    });
  });

  it('remove a node on request, and refuse it', async () => {
    expect(await run('cluster-nodes.sh', '--remove', 'worker-07')).toMatchObject({ exitCode: 0 });
    await until(() => !heard().nodes.some(({ name }) => name === 'worker-07'));
    expect(heard().nodes.map(({ name }) => name)).toEqual(['master-01']);
    const hosts = (): string => readFileSync(path('etc/hosts'), 'utf8');
    await until(() => !hosts().includes('worker-07'));
    expect(hosts()).toBe('127.0.0.1\tlocalhost\n');
    const refused = api.kubectl(api.operator, [
      'get',
      'configmap',
      '-n',
      'kube-system',
      'coldstart-refused',
      '-o',
      'name',
    ]);
    expect(refused.trim()).toBe('configmap/coldstart-refused');
    expect((await run('cluster-nodes.sh', '--remove', 'worker-08')).all).toContain('the cluster has no node worker-08');
  });
});
