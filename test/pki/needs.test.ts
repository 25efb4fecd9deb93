/** The entries that each cluster needs, compared as a whole. */
import { describe, expect, it } from 'vitest';
import { needsOf, type CertificateNeed } from '../../src/pki/issue/needs.ts';
import { external, large, lab, single, withNode } from './clusters.ts';

const line = ({ id, authority, subject, usages, dnsNames, addresses, lifetime }: CertificateNeed): string => {
  const who = [subject.commonName, ...(subject.organization === null ? [] : [`O=${subject.organization}`])].join(' ');
  const names = [...dnsNames, ...addresses].join(' ');
  return `${id}: ${authority} ${usages.join('+')} ${lifetime} <${who}>${names && ` ${names}`}`;
};
const of = (needs: ReturnType<typeof needsOf>, prefix: string): string[] =>
  needs.certificates.filter(({ id }) => id.startsWith(prefix)).map(line);

describe('needsOf', () => {
  it('names what the definition adds, in the certificates of API servers alone', () => {
    const of = {
      ...lab,
      controlPlane: { ...lab.controlPlane, certSans: ['lb.lab.example', '203.0.113.7', 'fd00::7'] },
    };
    const named = needsOf(of).certificates.filter(({ dnsNames }) => dnsNames.includes('lb.lab.example'));
    expect(named.map(({ id }) => id)).toEqual(['nodes/master-01/apiserver']);
    expect(named[0]?.addresses).toEqual(expect.arrayContaining(['203.0.113.7', 'fd00::7']));
  });

  it('asks for no certificate of a service proxy that is off', () => {
    const kubernetes = { ...lab.kubernetes, kubeProxy: { enabled: false, config: null } };
    const ids = needsOf({ ...lab, kubernetes }).certificates.map(({ id }) => id);
    expect(ids.filter((id) => id.includes('kube-proxy'))).toEqual([]);
  });

  it('lists everything of three machines', () => {
    const { certificates, ...rest } = needsOf(lab);
    expect(rest).toEqual({
      cluster: 'lab',
      ids: ['cluster'],
      authorities: [
        { id: 'kubernetes', subject: { commonName: 'kubernetes-ca', organization: 'lab' } },
        { id: 'etcd', subject: { commonName: 'etcd-ca', organization: 'lab' } },
        { id: 'front-proxy', subject: { commonName: 'front-proxy-ca', organization: 'lab' } },
      ],
      keyPairs: ['service-account', 'ssh/master-01', 'ssh/worker-01', 'ssh/worker-02'],
      keys: [{ id: 'encryption', form: 'plain', bytes: 32 }],
      tokens: ['worker-01', 'worker-02'],
    });
    const etcd = 'localhost master-01 master-01.lab.example 127.0.0.1 192.168.50.11 ::1';
    const inside = 'kubernetes kubernetes.default kubernetes.default.svc kubernetes.default.svc.cluster.local';
    expect(certificates.map(line)).toEqual([
      'operator/admin: kubernetes client operator <kubernetes-admin O=kubeadm:cluster-admins>',
      `nodes/master-01/apiserver: kubernetes server node <kube-apiserver> ${inside} localhost master-01 ` +
        'master-01.lab.example 10.96.0.1 127.0.0.1 192.168.50.11 ::1',
      'nodes/master-01/apiserver-kubelet-client: kubernetes client node <kube-apiserver-kubelet-client>',
      'nodes/master-01/apiserver-etcd-client: etcd client node <kube-apiserver-etcd-client>',
      'nodes/master-01/front-proxy-client: front-proxy client node <front-proxy-client>',
      `nodes/master-01/etcd-server: etcd server+client node <master-01> ${etcd}`,
      `nodes/master-01/etcd-peer: etcd server+client node <master-01> ${etcd}`,
      'nodes/master-01/etcd-healthcheck-client: etcd client node <kube-etcd-healthcheck-client>',
      'nodes/master-01/controller-manager: kubernetes client node <system:kube-controller-manager>',
      'nodes/master-01/scheduler: kubernetes client node <system:kube-scheduler>',
      'nodes/master-01/admin: kubernetes client node <kubernetes-admin:master-01 O=kubeadm:cluster-admins>',
      'nodes/master-01/super-admin: kubernetes client node <kubernetes-super-admin O=system:masters>',
      'nodes/master-01/kubelet-client: kubernetes client node <system:node:master-01 O=system:nodes>',
      'nodes/master-01/kubelet: kubernetes server node <master-01> master-01 master-01.lab.example 192.168.50.11',
      'nodes/master-01/kube-proxy: kubernetes client node <system:kube-proxy>',
      'nodes/worker-01/kubelet: kubernetes server node <worker-01> worker-01 worker-01.lab.example 192.168.50.21',
      'nodes/worker-01/kube-proxy: kubernetes client node <system:kube-proxy>',
      'nodes/worker-02/kubelet: kubernetes server node <worker-02> worker-02 worker-02.lab.example 192.168.50.22',
      'nodes/worker-02/kube-proxy: kubernetes client node <system:kube-proxy>',
    ]);
  });

  it('names an API server by all addresses, services, the end point and the virtual address', () => {
    expect(of(needsOf(large), 'nodes/master-02/apiserver')[0]).toBe(
      'nodes/master-02/apiserver: kubernetes server node <kube-apiserver> api.example kubernetes kubernetes.default ' +
        'kubernetes.default.svc kubernetes.default.svc.k8s.example localhost master-02 master-02.prod.example ' +
        '10.96.0.1 127.0.0.1 192.168.50.10 192.168.50.12 ::1 fd00:50::12 fd00:96::1',
    );
  });

  it('gives masters and workers certificates for joining, and no token, in http mode alone', () => {
    expect(of(needsOf(large), 'nodes/master-01/join')).toEqual([
      'nodes/master-01/join-server: kubernetes server node <master-01> master-01 master-01.prod.example 192.168.50.11 fd00:50::11',
    ]);
    expect(of(needsOf(large), 'nodes/worker-01/join')).toEqual([
      'nodes/worker-01/join-client: kubernetes client node <coldstart:joining:worker-01 O=coldstart:joining>',
    ]);
    expect(needsOf(large).tokens).toEqual([]);
    for (const name of ['master-01', 'worker-01']) {
      expect(of(needsOf(lab), `nodes/${name}/join`)).toEqual([]);
      expect(of(needsOf(external), `nodes/${name}/join`)).toEqual([]);
    }
  });

  it('gives the unlimited administrator to the first master alone, and nothing to a node outside of Kubernetes', () => {
    const ids = needsOf(large).certificates.map(({ id }) => id);
    expect(ids.filter((id) => id.endsWith('/super-admin'))).toEqual(['nodes/master-01/super-admin']);
    expect(ids.filter((id) => id.startsWith('nodes/store-01/'))).toEqual([]);
    expect(needsOf(external).tokens).toEqual(['worker-01', 'worker-02']);
  });

  it('needs no token where nobody joins by one, or where the user wrote one', () => {
    expect(needsOf(single).tokens).toEqual([]);
    expect(needsOf({ ...lab, bootstrap: { ...lab.bootstrap, token: 'abcdef.0123456789abcdef' } }).tokens).toEqual([]);
  });

  it('does not mind the order of addresses, nor the case of a host name', () => {
    const { ips, hostname } = large.nodes[0] ?? { ips: [], hostname: '' };
    const turned = withNode(large, 'master-01', { ips: ips.toReversed(), hostname: hostname.toLowerCase() });
    expect(needsOf(turned)).toEqual(needsOf(large));
  });
});
