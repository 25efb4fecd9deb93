/** Users, proxy and registries: what the cluster says of them to normalised values, and a node's own on top of those. */
import type { HttpProxy, Networking, Registry } from '../cluster.ts';
import type { Node } from '../node.ts';
import type { WrittenCluster } from '../schema/cluster.ts';
import { normalised } from '../notation.ts';
import { user } from '../schema/extras.ts';
import type { WrittenProxy } from '../schema/network.ts';
import type { WrittenNode } from '../schema/node.ts';
import type { WrittenRegistry } from '../schema/registry.ts';
import { textOf, type Texts } from '../files/text.ts';

/** The settings that the cluster makes for every node and a node may make for itself. */
export type Access = Pick<Node, 'users' | 'proxy' | 'registries'>;

/** The cluster's. @param direct what {@link reachedDirectly} says */
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
 * What no proxy may stand before: the machine itself, the cluster's networks, its services by name, its end point. Networks
 * are understood by Go's programs and by curl from 7.86 on.
 */
export function reachedDirectly(
  { control_plane: { endpoint } }: WrittenCluster,
  { nodeCidrs, podCidrs, serviceCidrs, clusterDomain }: Omit<Networking, 'proxy'>,
): readonly string[] {
  const names = ['.svc', `.${clusterDomain}`, ...(endpoint === undefined ? [] : [endpoint])];
  return ['localhost', '127.0.0.0/8', '::1', ...nodeCidrs, ...podCidrs, ...serviceCidrs, ...names];
}

/** A node's; what it does not say itself is the very object of the cluster's. */
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

/** Replaces in place, so that what follows from the position (a user's number) is the same on all nodes. */
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
