/** Views of the tokens with which workers join, and of the keys that encrypt data in the API's storage. */
import { createHash } from 'node:crypto';
import type { Cluster } from '../../../config/cluster.ts';
import { joinsByToken } from '../../../config/roles.ts';
import { encryptionKeys, token } from '../../../pki/holes.ts';
import { writtenToken } from '../../../pki/issue/needs.ts';
import type { Values } from '../../engine/values.ts';
import type { Subject } from '../subject.ts';

/** The node's own token, unless the definition has one for all nodes. */
export const tokenOf = ({ cluster, node }: Subject, values: Values): string =>
  writtenToken(cluster) ?? values(token(node.name));

/** Whether masters keep a table of tokens: not where a node shows its certificate, nor where no node joins. */
export const hasTokenTable = (cluster: Cluster): boolean =>
  cluster.bootstrap.tokenDistribution !== 'http' && cluster.nodes.some(joinsByToken);

/** Masters create these tokens in the API, or new ones under the same names for an external store; sorted by node. */
export const tokenTableView = (cluster: Cluster, values: Values) => ({
  rows: cluster.nodes.filter(joinsByToken).map((node) => ({
    ...{ node: node.name, token: tokenOf({ cluster, node }, values) },
  })),
});

/** The first key encrypts, all decrypt: https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/ */
export const encryptionView = (_: Cluster, values: Values) => ({
  keys: values(encryptionKeys)
    .split('\n')
    .map((secret) => ({ name: keyName(secret), secret })),
});

/** Part of the prefix of each encrypted value in etcd, so it must not change while the key is in use. */
const keyName = (key: string): string => `key-${createHash('sha256').update(key).digest('hex').slice(0, 8)}`;
