/**
 * Views of kubeconfigs: the API server, and the client's certificate or token. They contain their keys, so they are
 * secret.
 * https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
 */
import type { Cluster } from '../../../config/cluster.ts';
import { joinsByToken, isMaster } from '../../../config/roles.ts';
import * as holes from '../../../pki/holes.ts';
import { certificatesOf, OPERATOR_ADMIN } from '../../../pki/issue/needs.ts';
import type { Values } from '../../engine/values.ts';
import { hostOf } from './kubernetes.ts';
import { ofCluster, type Subject } from '../subject.ts';
import { tokenOf } from './tokens.ts';

export const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** The address for clients on a node: the local load balancer, also on masters. */
const LOCAL = '127.0.0.1';

interface Server {
  readonly name: string;
  readonly url: string;
}

/** A kubeconfig of a node; `view` is called when it is rendered. */
interface Kubeconfig {
  readonly path: string;
  readonly settings: readonly string[];
  readonly view: (values: Values) => object;
}

/** One for each certificate in a kubeconfig, and one for a kubelet that joins with its token. */
export function kubeconfigsOf(subject: Subject): Kubeconfig[] {
  const { cluster, node } = subject;
  const servers = [server(cluster, cluster.name, LOCAL)];
  const settings = ofCluster('name', 'control_plane.port');
  const owned = certificatesOf(cluster, node).flatMap(({ id, form, subject: { commonName: user } }) => {
    if (form?.type !== 'kubeconfig') return [];
    return [{ path: form.path, settings, view: (values: Values) => certified({ id, user, servers }, values) }];
  });
  const joining = {
    path: 'etc/kubernetes/bootstrap-kubelet.conf',
    settings: [...settings, ...ofCluster('bootstrap')],
    view: (values: Values) => ({
      ...common('kubelet-bootstrap', servers, values),
      ...{ token: tokenOf(subject, values), certificate: null },
    }),
  };
  const joins = joinsByToken(node) && cluster.bootstrap.tokenDistribution === 'embedded';
  return joins ? [...owned, joining] : owned;
}

/** The operator's kubeconfig: one context for the cluster, one for each master. */
export function operatorView(cluster: Cluster, values: Values) {
  const { endpoint, virtualIp } = cluster.controlPlane;
  const masters = cluster.nodes.filter(isMaster);
  const first = masters.find(({ bootRole }) => bootRole === 'master-first')?.ips[0];
  const host = endpoint ?? virtualIp ?? first;
  const each = masters.map(({ name, ips }) => ({ name: `${cluster.name}-${name}`, host: ips[0] }));
  const known = [{ name: cluster.name, host }, ...(each.length > 1 ? each : [])];
  const servers = known.flatMap(({ name, host: to }) => (to === undefined ? [] : [server(cluster, name, to)]));
  return certified({ id: OPERATOR_ADMIN, user: 'kubernetes-admin', servers }, values);
}

const server = ({ controlPlane: { port } }: Cluster, name: string, host: string): Server => ({
  ...{ name, url: `https://${hostOf(host)}:${String(port)}` },
});

interface Certified {
  /** Id of the certificate in the store. */
  readonly id: string;
  readonly user: string;
  readonly servers: readonly Server[];
}

function certified({ id, user, servers }: Certified, values: Values) {
  const pair = { certificate: values(holes.certificate(id), base64), key: values(holes.certificateKey(id), base64) };
  return { ...common(user, servers, values), token: null, certificate: pair };
}

/** The first context is the current one. */
function common(user: string, servers: readonly Server[], values: Values) {
  return { user, servers, current: servers[0]?.name ?? '', trust: values(holes.authority('kubernetes'), base64) };
}
