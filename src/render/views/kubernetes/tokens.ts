/** Views of the tokens by which workers join, and of the keys that encrypt what the API stores. */
import { createHash } from 'node:crypto';
import type { Cluster } from '../../../config/cluster.ts';
import { joinsByToken } from '../../../config/roles.ts';
import { encryptionKeys, token } from '../../../pki/holes.ts';
import { writtenToken } from '../../../pki/issue/needs.ts';
import type { Values } from '../../engine/values.ts';
import type { Subject } from '../subject.ts';

/** The node's own, unless the definition has one for all. */
export const tokenOf = ({ cluster, node }: Subject, values: Values): string =>
  writtenToken(cluster) ?? values(token(node.name));

/** Masters make the tokens known to the API, or check with them who asks to join; sorted by node. */
export const tokenTableView = (cluster: Cluster, values: Values) => ({
  rows: cluster.nodes.filter(joinsByToken).map((node) => ({
    ...{ node: node.name, token: tokenOf({ cluster, node }, values) },
  })),
});

/** Whether a node shows its token to the join service, to get one of the API. */
export const showsToken = ({ cluster, node }: Subject): boolean =>
  joinsByToken(node) && cluster.bootstrap.tokenDistribution === 'http';
export const joinTokenView = (subject: Subject, values: Values) => ({ token: tokenOf(subject, values) });

/** The first key encrypts, all decrypt: https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/ */
export const encryptionView = (_: Cluster, values: Values) => ({
  keys: values(encryptionKeys)
    .split('\n')
    .map((secret) => ({ name: keyName(secret), secret })),
});

/** Stands in front of each encrypted value in etcd, so it must not change as long as the key is in use. */
const keyName = (key: string): string => `key-${createHash('sha256').update(key).digest('hex').slice(0, 8)}`;
