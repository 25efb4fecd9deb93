/**
 * Compares the masters' addresses with the former ones. The members of etcd know each other by their addresses, and only a
 * majority of them can accept a new address.
 */
import { etcdAddress, isEtcdApart } from '../../config/etcd.ts';
import { diagnostic } from '../../diagnostics/codes.ts';
import type { Diagnostic, Location } from '../../diagnostics/diagnostic.ts';
import type { ClusterState } from '../review/comparison.ts';
import { settingOf, type SettingOf } from './present-setting.ts';
import type { Project } from '../project.ts';
import { isMaster } from '../../config/roles.ts';

interface Masters {
  readonly cluster: string;
  readonly masters: readonly {
    readonly name: string;
    readonly ip: string;
    readonly etcd: string;
    readonly at?: Location | undefined;
  }[];
}

/** The masters of a configuration. */
export function mastersOf({ cluster, settings }: Project): Masters {
  const masters = cluster.nodes.filter(isMaster);
  const setting = 'cluster.kubernetes.etcd.cidr';
  return {
    cluster: cluster.name,
    masters: masters.map((node) => ({
      ...{ name: node.name, ip: node.ips[0] ?? '', etcd: etcdAddress(cluster, node) },
      at: settings.locate(isEtcdApart(cluster, node) ? setting : `nodes[${node.name}].ip`),
    })),
  };
}

/** The masters of an output folder. */
export function mastersIn(state: ClusterState): Masters {
  const nodes = [...state.keys()];
  const of = (node: string, name: string) => settingOf(state, node, name);
  const masters = nodes.filter((node) => of(node, 'NODE_ROLES')?.split(' ').includes('master'));
  return {
    cluster: nodes.map((node) => of(node, 'CLUSTER_NAME'))[0] ?? '',
    masters: masters.map((name) => {
      const ip = of(name, 'NODE_IP') ?? '';
      return { name, ip, etcd: of(name, 'ETCD_IP') ?? ip };
    }),
  };
}

/**
 * One warning for each master that moved in the same cluster: of several, one whose etcd did, and the only one if other nodes look for it
 * elsewhere.
 */
export async function movedMasters({ cluster, masters }: Masters, before: SettingOf): Promise<readonly Diagnostic[]> {
  const isOnly = masters.length === 1;
  const moved = await Promise.all(
    masters.map(async ({ name: node, ip, etcd, at }) => {
      const [was, where] = [await before(node, 'NODE_IP'), await before(node, 'CLUSTER_NAME')];
      const [from, to] = isOnly ? [was, ip] : [(await before(node, 'ETCD_IP')) ?? was, etcd];
      if (from === undefined || from === to || where !== cluster) return [];
      return [diagnostic(isOnly ? 'network/master-moved' : 'network/one-of-masters-moved', { node, from, to }, { at })];
    }),
  );
  return moved.flat();
}
