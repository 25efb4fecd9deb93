/** Normalises users, proxy and registries of the cluster, and replaces them by those of a node. */
import type { HttpProxy, Networking, Registry } from '../cluster.ts';
import type { Node } from '../node.ts';
import type { WrittenCluster } from '../schema/cluster.ts';
import { normalised } from '../notation.ts';
import { user } from '../schema/extras.ts';
import type { WrittenProxy } from '../schema/network.ts';
import type { WrittenNode } from '../schema/node.ts';
import type { WrittenRegistry } from '../schema/registry.ts';
import { textOf, type Texts } from '../files/text.ts';

/** Settings of the cluster for every node, which a node can override. */
export type Access = Pick<Node, 'users' | 'proxy' | 'registries'>;

/** The settings of the cluster. @param direct the result of {@link reachedDirectly} */
export function normaliseAccess(
  { users, networking, registries }: WrittenCluster,
  direct: readonly string[],
  texts: Texts,
): Access {
  return {
    users: users.map((one) => normalised(user, one)),
    proxy: normaliseProxy(networking.proxy, direct),
    registries: registries.map((registry) => normaliseRegistry(registry, texts)),
  };
}

/**
 * Hosts that nodes reach without a proxy: the machine itself, the cluster's networks, its services by name, its endpoint. Go's
 * programs understand networks in this list, and curl does since 7.86.
 */
export function reachedDirectly(
  { control_plane: { endpoint } }: WrittenCluster,
  nodes: readonly WrittenNode[],
  { nodeCidrs, podCidrs, serviceCidrs, clusterDomain }: Omit<Networking, 'proxy'>,
): readonly string[] {
  const names = ['.svc', `.${clusterDomain}`, ...(endpoint === undefined ? [] : [endpoint])];
  const networks = new Set([...nodeCidrs, ...nodes.flatMap(({ network }) => network?.node_cidr ?? [])]);
  return ['localhost', '127.0.0.0/8', '::1', ...networks, ...podCidrs, ...serviceCidrs, ...names];
}

/** The settings of a node. Settings that it does not override are the same objects as the cluster's. */
export function accessOf(common: Access, written: WrittenNode, direct: readonly string[], texts: Texts): Access {
  const { users = [], proxy, registries = [] } = written;
  const own = registries.map((registry) => normaliseRegistry(registry, texts));
  return {
    users: replaced(
      common.users,
      users.map((one) => normalised(user, one)),
      ({ name }) => name,
    ),
    proxy: proxy === undefined ? common.proxy : proxy === 'none' ? null : normaliseProxy(proxy, direct),
    registries: replaced(common.registries, own, ({ host }) => host),
  };
}

/** Replaces entries at the same position, because the position determines e.g. a user's UID, which must be equal on all nodes. */
function replaced<T>(common: readonly T[], own: readonly T[], keyOf: (item: T) => string): readonly T[] {
  if (own.length === 0) return common;
  const byKey = new Map(own.map((item) => [keyOf(item), item]));
  const known = new Set(common.map(keyOf));
  return [
    ...common.map((item) => byKey.get(keyOf(item)) ?? item),
    ...[...byKey.values()].filter((item) => !known.has(keyOf(item))),
  ];
}

function normaliseProxy(proxy: WrittenProxy | undefined, direct: readonly string[]): HttpProxy | null {
  if (proxy === undefined) return null;
  const noProxy = [...new Set([...direct, ...proxy.no_proxy])];
  return { http: proxy.http ?? null, https: proxy.https ?? proxy.http ?? null, noProxy };
}

function normaliseRegistry({ host, mirrors, auth }: WrittenRegistry, texts: Texts): Registry {
  return {
    host,
    mirrors: mirrors.map(({ url, ca_file, skip_verify }) => {
      return { url, ca: textOf(ca_file, texts), skipVerify: skip_verify };
    }),
    auth: auth ?? null,
  };
}
