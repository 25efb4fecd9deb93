/**
 * A real kube-apiserver on the files of a master, over a real etcd: every credential that the store makes is shown to it,
 * and it says whom it sees. Needs the Kubernetes binaries in COLDSTART_ARTIFACTS and Debian's etcd.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../src/config/cluster.ts';
import { adminKubeconfig, nodeSecrets } from '../../src/pki/files.ts';
import { completeStore } from '../../src/pki/issue.ts';
import { needsOf } from '../../src/pki/needs.ts';
import { systemRandomness } from '../../src/pki/randomness.ts';
import { reveal } from '../../src/pki/secret.ts';
import type { Store } from '../../src/pki/store-model.ts';
import { lab, withNode } from '../pki/clusters.ts';
import { background, end, freePort, startEtcd, type Etcd } from '../pki/etcd.ts';
import { isInstalled, run, scratch, writeFiles } from '../pki/oracle.ts';

const ARTIFACTS = process.env['COLDSTART_ARTIFACTS'] ?? '/nowhere';
const binary = (name: string): string => join(ARTIFACTS, name);
const missing = [
  ...['etcd', 'etcdctl'].filter((command) => !isInstalled(command)),
  ...['kube-apiserver', 'kubectl', 'kubeadm'].filter((name) => !existsSync(binary(name))),
];

describe.skipIf(missing.length > 0)(
  'kube-apiserver with our certificates (needs etcd-server, etcd-client and COLDSTART_ARTIFACTS with kube-apiserver, kubectl, kubeadm)',
  () => {
    const folder = scratch();
    const root = (node: string): string => join(folder.path, node);
    let cluster: Cluster;
    let store: Store;
    let etcd: Etcd | undefined;
    let server: ReturnType<typeof background> | undefined;

    beforeAll(async () => {
      const master = withNode(lab, 'master-01', { ips: ['127.0.0.1'] });
      cluster = { ...master, controlPlane: { ...lab.controlPlane, port: await freePort() } };
      const by = { now: new Date(), random: systemRandomness };
      ({ store } = await completeStore(null, needsOf(cluster), by));
      for (const node of cluster.nodes) writeFiles(root(node.name), nodeSecrets(store, cluster, node));
      writeFileSync(join(folder.path, 'operator.conf'), adminKubeconfig(store, cluster), { mode: 0o600 });
      etcd = await startEtcd([{ name: 'master-01', root: root('master-01') }]);
      server = background(binary('kube-apiserver'), flags(cluster, root('master-01'), etcd.endpoints[0]!));
      await ready();
    });
    afterAll(async () => {
      if (server) await end(server.child);
      await etcd?.stop();
      folder.remove();
    });

    const config = (node: string, name: string): string => join(root(node), `etc/kubernetes/${name}.conf`);
    const operator = (): string => join(folder.path, 'operator.conf');
    const kubectl = (kubeconfig: string, args: readonly string[], input?: string): string =>
      run(binary('kubectl'), ['--kubeconfig', kubeconfig, ...args], input);
    const attempt = (kubeconfig: string, ...args: string[]): string => {
      try {
        return kubectl(kubeconfig, args);
      } catch (error) {
        return String((error as { stderr: string }).stderr);
      }
    };
    const whoami = (kubeconfig: string): string => {
      const { username, groups } = (
        JSON.parse(kubectl(kubeconfig, ['auth', 'whoami', '-o', 'json'])) as {
          status: { userInfo: { username: string; groups: string[] } };
        }
      ).status.userInfo;
      return [username, ...groups.toSorted()].join(' ');
    };

    async function ready(): Promise<void> {
      for (let tries = 0; attempt(operator(), 'get', '--raw', '/readyz') !== 'ok'; tries++) {
        if (tries === 240 || server!.child.exitCode !== null) throw new Error(`no API server:\n${server!.words()}`);
        await delay(500);
      }
    }

    it('is ready, to the operator and to nobody without a certificate', () => {
      expect(kubectl(operator(), ['get', '--raw', '/readyz'])).toBe('ok');
      const anonymous = ['-s', `https://127.0.0.1:${cluster.controlPlane.port}`, 'get', '--raw', '/api'];
      const ca = join(root('worker-01'), 'etc/kubernetes/pki/ca.crt');
      expect(
        attempt('/dev/null', '--certificate-authority', ca, '--username=x', '--password=y', ...anonymous),
      ).toContain('Unauthorized');
    });

    it('knows each by the name and the groups that RBAC speaks of', () => {
      const all = 'system:authenticated';
      const master = (name: string): string => whoami(config('master-01', name));
      expect(whoami(operator())).toBe(`kubernetes-admin kubeadm:cluster-admins ${all}`);
      expect(master('admin')).toBe(`kubernetes-admin:master-01 kubeadm:cluster-admins ${all}`);
      expect(master('super-admin')).toBe(`kubernetes-super-admin ${all} system:masters`);
      expect(master('controller-manager')).toBe(`system:kube-controller-manager ${all}`);
      expect(master('scheduler')).toBe(`system:kube-scheduler ${all}`);
      expect(master('kubelet')).toBe(`system:node:master-01 ${all} system:nodes`);
      expect(whoami(config('worker-01', 'kube-proxy'))).toBe(`system:kube-proxy ${all}`);
    });

    it('lets administrators do everything once the one whom RBAC cannot stop has bound them', () => {
      expect(attempt(operator(), 'get', 'nodes')).toContain('nodes is forbidden: User "kubernetes-admin"');
      const args = ['create', 'clusterrolebinding', 'kubeadm:cluster-admins'];
      kubectl(config('master-01', 'super-admin'), [
        ...args,
        '--clusterrole=cluster-admin',
        '--group=kubeadm:cluster-admins',
      ]);
      expect(kubectl(operator(), ['get', 'nodes', '-o', 'name'])).toBe('');
      expect(kubectl(config('master-01', 'admin'), ['auth', 'can-i', '*', '*'])).toBe('yes\n');
    });

    it('lets a node in by its bootstrap token, once that is made known, as nothing but a joining node', () => {
      const token = reveal(store.tokens['worker-01']!);
      const bootstrap = config('worker-01', 'bootstrap-kubelet');
      expect(attempt(bootstrap, 'auth', 'whoami')).toContain('Unauthorized');
      const [id, value] = token.split('.') as [string, string];
      const object = {
        apiVersion: 'v1',
        kind: 'Secret',
        type: 'bootstrap.kubernetes.io/token',
        metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' },
        stringData: { 'token-id': id, 'token-secret': value, 'usage-bootstrap-authentication': 'true' },
      };
      kubectl(config('master-01', 'admin'), ['apply', '-f', '-'], JSON.stringify(object));
      expect(whoami(bootstrap)).toBe(`system:bootstrap:${id} system:authenticated system:bootstrappers`);
      expect(attempt(bootstrap, 'get', 'secrets', '-A')).toContain('is forbidden');
    });

    it('keeps secrets encrypted in etcd, under the key of the store', () => {
      kubectl(operator(), ['create', 'secret', 'generic', 'proof', '--from-literal=word=in-the-clear']);
      const raw = etcd!.ctl('get', '/registry/secrets/default/proof', '--print-value-only');
      expect(raw).toMatch(/^k8s:enc:secretbox:v1:key-[0-9a-f]{8}:/);
      expect(raw).not.toContain('in-the-clear');
      const json = kubectl(operator(), ['get', 'secret', 'proof', '-o', 'json']);
      expect((JSON.parse(json) as { data: { word: string } }).data.word).toBe('aW4tdGhlLWNsZWFy');
    });

    it('signs tokens of service accounts that it believes', () => {
      kubectl(operator(), ['create', 'serviceaccount', 'proof']); // no controller manager runs that would make `default`
      const token = kubectl(operator(), ['create', 'token', 'proof']).trim();
      expect(JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString())).toMatchObject({ alg: 'ES256' });
      const bare = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } };
      const review = kubectl(operator(), ['create', '-o', 'json', '-f', '-'], JSON.stringify(bare));
      const { status } = JSON.parse(review) as { status: { authenticated: boolean; user: { username: string } } };
      expect([status.authenticated, status.user.username]).toEqual([true, 'system:serviceaccount:default:proof']);
    });

    it("is laid out as kubeadm's own tools expect, authorities without keys being external to them", () => {
      const kubernetes = join(root('master-01'), 'etc/kubernetes');
      const kubeadm = {
        apiVersion: 'kubeadm.k8s.io/v1beta4',
        kind: 'ClusterConfiguration',
        certificatesDir: join(kubernetes, 'pki'),
        kubernetesVersion: `v${cluster.kubernetes.version}`,
      };
      const file = join(folder.path, 'kubeadm.yaml');
      writeFileSync(file, JSON.stringify(kubeadm));
      const said = run(binary('kubeadm'), ['certs', 'check-expiration', '--config', file]);
      // kubeadm looks for kubeconfigs in /etc/kubernetes alone, so it cannot find those of a test.
      const rows = said.split('\n').filter((line) => line !== '' && !/^(!MISSING! \S+\.conf|CERTIFICATE)/.test(line));
      const words = rows.map((line) =>
        line
          .trim()
          .replace(/ {2,}(\w{3} \d\d, \d{4}.*?) {2,}\d+y {2,}/, ' ')
          .replace(/ +/g, ' '),
      );
      expect(words).toEqual([
        'apiserver ca no',
        'apiserver-etcd-client etcd-ca yes',
        'apiserver-kubelet-client ca no',
        'etcd-healthcheck-client etcd-ca yes',
        'etcd-peer etcd-ca yes',
        'etcd-server etcd-ca yes',
        'front-proxy-client front-proxy-ca yes',
        'ca no',
        'etcd-ca yes',
        'front-proxy-ca yes',
      ]);
    });
  },
);

/** As a master will be started, as far as keys and certificates go. */
function flags({ controlPlane, networking }: Cluster, root: string, endpoint: string): Record<string, string> {
  const kubernetes = join(root, 'etc/kubernetes');
  const pki = (name: string): string => join(kubernetes, 'pki', name);
  return {
    ...{ 'bind-address': '127.0.0.1', 'secure-port': String(controlPlane.port) },
    ...{ 'advertise-address': '192.0.2.1', 'endpoint-reconciler-type': 'none' },
    ...{ 'etcd-servers': endpoint, 'etcd-cafile': pki('etcd/ca.crt') },
    ...{ 'etcd-certfile': pki('apiserver-etcd-client.crt'), 'etcd-keyfile': pki('apiserver-etcd-client.key') },
    ...{ 'client-ca-file': pki('ca.crt'), 'tls-cert-file': pki('apiserver.crt') },
    ...{ 'tls-private-key-file': pki('apiserver.key'), 'kubelet-certificate-authority': pki('ca.crt') },
    'kubelet-client-certificate': pki('apiserver-kubelet-client.crt'),
    'kubelet-client-key': pki('apiserver-kubelet-client.key'),
    ...{
      'requestheader-client-ca-file': pki('front-proxy-ca.crt'),
      'requestheader-allowed-names': 'front-proxy-client',
    },
    ...{
      'proxy-client-cert-file': pki('front-proxy-client.crt'),
      'proxy-client-key-file': pki('front-proxy-client.key'),
    },
    ...{ 'service-account-key-file': pki('sa.pub'), 'service-account-signing-key-file': pki('sa.key') },
    'service-account-issuer': `https://kubernetes.default.svc.${networking.clusterDomain}`,
    'service-cluster-ip-range': networking.serviceCidrs.join(','),
    'encryption-provider-config': join(kubernetes, 'encryption-config.yaml'),
    ...{ 'authorization-mode': 'Node,RBAC', 'enable-bootstrap-token-auth': 'true', 'anonymous-auth': 'false' },
  };
}
