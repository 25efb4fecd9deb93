/** A real kube-apiserver with the files of a master and a real etcd, and kubectl with any credentials. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../../../src/config/cluster.ts';
import { adminKubeconfig, nodeSecrets } from '../../pki/node-secrets.ts';
import { completeStore } from '../../../src/pki/issue/issue.ts';
import { needsOf } from '../../../src/pki/issue/needs.ts';
import { systemRandomness } from '../../../src/pki/issue/randomness.ts';
import type { Store } from '../../../src/pki/store/model.ts';
import { withNode } from '../../pki/clusters.ts';
import { run, scratch, writeFiles } from '../../pki/oracle.ts';
import { freePort } from '../../boot/free-port.ts';
import { background, end, missingEtcd, startEtcd, type Etcd } from './etcd.ts';

/** Where Kubernetes' own programs are. */
export const ARTIFACTS = process.env['COLDSTART_ARTIFACTS'] ?? '/nowhere';
export const binary = (name: string): string => join(ARTIFACTS, name);

/** What a test of a real API server cannot do without, and is not here. */
export const missing = [
  ...missingEtcd,
  ...['kube-apiserver', 'kubectl', 'kubeadm'].filter((name) => !existsSync(binary(name))),
];
export const NEEDS = 'needs a base layer with etcd, and COLDSTART_ARTIFACTS with kube-apiserver, kubectl, kubeadm';

export interface ApiServer {
  /** As it was given, on the loopback and a free port. */
  readonly cluster: Cluster;
  readonly store: Store;
  readonly etcd: Etcd;
  /** A folder for the test's own files. */
  readonly folder: string;
  /** The operator's kubeconfig. */
  readonly operator: string;
  /** The root of a node's files. */
  root(node: string): string;
  /** A kubeconfig of a node. */
  config(node: string, name: string): string;
  kubectl(kubeconfig: string, args: readonly string[], input?: string): string;
  /** What kubectl says, also when it fails. */
  attempt(kubeconfig: string, ...args: string[]): string;
  /** User and groups. */
  whoami(kubeconfig: string): string;
  stop(): Promise<void>;
}

/** Starts it for a cluster with `master-01` and returns once it is ready. */
export async function startApiServer(of: Cluster): Promise<ApiServer> {
  const folder = scratch();
  const root = (node: string): string => join(folder.path, node);
  const operator = join(folder.path, 'operator.conf');
  const master = withNode(of, 'master-01', { ips: ['127.0.0.1'] });
  const cluster = { ...master, controlPlane: { ...of.controlPlane, port: await freePort() } };
  const { store } = await completeStore(null, needsOf(cluster), { now: new Date(), random: systemRandomness });
  for (const node of cluster.nodes) writeFiles(root(node.name), nodeSecrets(store, cluster, node));
  writeFileSync(operator, adminKubeconfig(store, cluster), { mode: 0o600 });
  const etcd = await startEtcd([{ name: 'master-01', root: root('master-01') }]);
  const server = background(binary('kube-apiserver'), flags(cluster, root('master-01'), etcd.endpoints[0]!));

  const kubectl: ApiServer['kubectl'] = (kubeconfig, args, input) =>
    run(binary('kubectl'), ['--kubeconfig', kubeconfig, ...args], input);
  const attempt: ApiServer['attempt'] = (kubeconfig, ...args) => {
    try {
      return kubectl(kubeconfig, args);
    } catch (error) {
      return String((error as { stderr: string }).stderr);
    }
  };
  for (let tries = 0; attempt(operator, 'get', '--raw', '/readyz') !== 'ok'; tries++) {
    if (tries === 240 || server.child.exitCode !== null) throw new Error(`no API server:\n${server.words()}`);
    await delay(500);
  }
  return {
    ...{ cluster, store, etcd, operator, root, kubectl, attempt },
    folder: folder.path,
    config: (node, name) => join(root(node), `etc/kubernetes/${name}.conf`),
    whoami: (kubeconfig) => {
      const { status } = JSON.parse(kubectl(kubeconfig, ['auth', 'whoami', '-o', 'json'])) as {
        status: { userInfo: { username: string; groups: string[] } };
      };
      return [status.userInfo.username, ...status.userInfo.groups.toSorted()].join(' ');
    },
    stop: async () => {
      await end(server.child);
      await etcd.stop();
      folder.remove();
    },
  };
}

/** As a master will be started, as far as keys, certificates and what is allowed go. */
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
    'allow-privileged': 'true',
  };
}
