/**
 * A real kube-apiserver with the files of a master and a real etcd: the test presents every credential of the store and
 * compares the user that the server reports. Needs the Kubernetes binaries in COLDSTART_ARTIFACTS and Debian's etcd.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reveal } from '../../../src/pki/secret.ts';
import { lab } from '../../pki/clusters.ts';
import { run } from '../../pki/oracle.ts';
import { binary, missing, NEEDS, startApiServer, type ApiServer } from './api-server.ts';

describe.skipIf(missing.length > 0)(`kube-apiserver with our certificates (${NEEDS})`, () => {
  let api: ApiServer;
  beforeAll(async () => {
    api = await startApiServer(lab);
  });
  afterAll(async () => {
    await api.stop();
  });
  const config = (node: string, name: string): string => api.config(node, name);
  const operator = (): string => api.operator;
  const kubectl: ApiServer['kubectl'] = (...args) => api.kubectl(...args);
  const attempt: ApiServer['attempt'] = (...args) => api.attempt(...args);
  const whoami = (kubeconfig: string): string => api.whoami(kubeconfig);

  it('is ready, to the operator and to nobody without a certificate', () => {
    expect(kubectl(operator(), ['get', '--raw', '/readyz'])).toBe('ok');
    const anonymous = ['-s', `https://127.0.0.1:${api.cluster.controlPlane.port}`, 'get', '--raw', '/api'];
    const ca = join(api.root('worker-01'), 'etc/kubernetes/pki/ca.crt');
    expect(attempt('/dev/null', '--certificate-authority', ca, '--username=x', '--password=y', ...anonymous)).toContain(
      'Unauthorized',
    );
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
    const token = reveal(api.store.tokens['worker-01']!);
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
    const raw = api.etcd.ctl('get', '/registry/secrets/default/proof', '--print-value-only');
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
    const kubernetes = join(api.root('master-01'), 'etc/kubernetes');
    const kubeadm = {
      apiVersion: 'kubeadm.k8s.io/v1beta4',
      kind: 'ClusterConfiguration',
      certificatesDir: join(kubernetes, 'pki'),
      kubernetesVersion: `v${api.cluster.kubernetes.version}`,
    };
    const file = join(api.folder, 'kubeadm.yaml');
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
});
