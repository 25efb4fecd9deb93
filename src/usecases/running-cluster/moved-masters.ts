/**
 * Compares the masters' addresses with the former ones. The members of etcd know each other by their addresses, and only a
 * majority of them can accept a new address.
 */
import { diagnostic } from '../../diagnostics/codes.ts';
import type { Diagnostic, Location } from '../../diagnostics/diagnostic.ts';
import type { ClusterState } from '../review/comparison.ts';
import { settingOf, type SettingOf } from './present-setting.ts';
import type { Project } from '../project.ts';
import { isMaster } from '../../config/roles.ts';

interface Masters {
  readonly cluster: string;
  readonly masters: readonly { readonly name: string; readonly ip: string; readonly at?: Location | undefined }[];
}

/** The masters of a configuration. */
export function mastersOf({ cluster, settings }: Project): Masters {
  const masters = cluster.nodes.filter(isMaster);
  return {
    cluster: cluster.name,
    masters: masters.map(({ name, ips: [ip = ''] }) => ({ name, ip, at: settings.locate(`nodes[${name}].ip`) })),
  };
}

/** The masters of an output folder. */
export function mastersIn(state: ClusterState): Masters {
  const nodes = [...state.keys()];
  const masters = nodes.filter((node) => settingOf(state, node, 'NODE_ROLES')?.split(' ').includes('master'));
  return {
    cluster: nodes.map((node) => settingOf(state, node, 'CLUSTER_NAME'))[0] ?? '',
    masters: masters.map((name) => ({ name, ip: settingOf(state, name, 'NODE_IP') ?? '' })),
  };
}

/** One warning for each master that had another address in the same cluster. */
export async function movedMasters({ cluster, masters }: Masters, before: SettingOf): Promise<readonly Diagnostic[]> {
  const moved = await Promise.all(
    masters.map(async ({ name: node, ip: to, at }) => {
      const [from, where] = [await before(node, 'NODE_IP'), await before(node, 'CLUSTER_NAME')];
      if (from === undefined || from === to || where !== cluster) return [];
      const code = masters.length === 1 ? 'network/master-moved' : 'network/one-of-masters-moved';
      return [diagnostic(code, { node, from, to }, { at })];
    }),
  );
  return moved.flat();
}
