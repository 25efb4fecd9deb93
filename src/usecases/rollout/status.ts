/** `status`: what each node of a running cluster says of itself. Changes nothing. */
import { readManifest } from '../../builder/output/output-manifest.ts';
import type { Node } from '../../config/cluster.ts';
import type { Result } from '../../diagnostics/diagnostic.ts';
import { openStore } from '../../pki/store/store.ts';
import { Findings } from '../findings.ts';
import type { Host } from '../host.ts';
import { openProject, outFolder } from '../project.ts';
import { storePath } from '../secrets/store-path.ts';
import { illness, type NodeReport, type Turn, type UpdateState } from './report.ts';
import { Ssh, type SshChoices } from './ssh/ssh.ts';
import { lookAtNodes, type Seen } from './state.ts';
import { noStore } from './store.ts';

interface StatusRequest {
  /** As the user gave it; the current folder by default. */
  readonly config: string | undefined;
  /** Names of the nodes to ask; all by default. */
  readonly nodes: readonly string[] | undefined;
  /** The output folder, as the user gave it; `out/<cluster>` by default. */
  readonly out: string | undefined;
  readonly ssh: SshChoices;
}

/** A node, with null for all that is unknown. */
export interface NodeStatus {
  readonly node: string;
  readonly address: string;
  readonly roles: readonly string[];
  /** Why the node was not asked. */
  readonly problem: string | null;
  readonly image: string | null;
  /** Whether this is the image of the output folder. */
  readonly current: boolean | null;
  readonly slot: 'A' | 'B' | null;
  readonly release: number | null;
  readonly kubernetes: string | null;
  /** `live`: the running system has taken the update that is pending; the image is that of the slot that runs. */
  readonly state: UpdateState | 'live' | null;
  readonly pending: { readonly slot: 'A' | 'B'; readonly release: number } | null;
  /** Why the last update did not become good. */
  readonly returned: string | null;
  /** The node updates itself, as a master says. */
  readonly fetching: { readonly release: number; readonly since: string; readonly until: string } | null;
  /** An update that the node has fetched failed, so other nodes do not fetch theirs. */
  readonly failed: { readonly release: number; readonly reason: string } | null;
  readonly healthy: boolean | null;
  /** What fails; null for a healthy node. */
  readonly illness: string | null;
  readonly certificate: NodeReport['certificate'];
  /** What does not make the node unhealthy, with the cause that docs/TROUBLESHOOTING.md explains. */
  readonly warnings: NodeReport['warnings'];
}

export interface ClusterStatus {
  readonly cluster: string;
  readonly nodes: readonly NodeStatus[];
}

/** @throws UsageError, SecretsError; the signal's reason when interrupted */
export async function clusterStatus(request: StatusRequest, host: Host): Promise<Result<ClusterStatus>> {
  const findings = new Findings(host);
  const project = await openProject({ config: request.config, nodes: request.nodes }, findings);
  if (project === undefined) return findings.stopped();
  const { cluster, nodes } = project;
  const opened = await openStore(storePath(cluster, project.folder), host.identities);
  if (opened === null) throw noStore(cluster.secrets.file);
  const manifest = await readManifest(outFolder(host, cluster.name, request.out));
  const images = manifest?.cluster === cluster.name ? manifest.nodes : {};
  const ssh = await Ssh.open(opened.store, nodes, request.ssh);
  try {
    const seen = await lookAtNodes(nodes, cluster.name, ssh, host.signal);
    const turn = seen.flatMap(({ report }) => report?.turn ?? [])[0] ?? null;
    const rows = nodes.map((node, index) => statusOf(node, seen[index], images[node.name]?.id ?? null, turn));
    return findings.done({ cluster: cluster.name, nodes: rows });
  } finally {
    await ssh.close();
  }
}

/** Whether everything is as it should be: the exit code of the command. */
export const isWell = ({ nodes }: ClusterStatus): boolean =>
  nodes.every(({ healthy, state, failed }) => healthy === true && state !== 'returned' && failed === null);

/** What a master says about this node. */
const ofNode = <T extends { readonly node: string }>(of: T | null | undefined, { name }: Node): T | null =>
  of?.node === name ? of : null;

function statusOf(node: Node, seen: Seen | undefined, wanted: string | null, turn: Turn | null): NodeStatus {
  const { report = null, problem = null } = seen ?? {};
  const update = report?.update ?? null;
  const image = update?.image ?? null;
  const isLive = update?.state === 'pending' && update.live !== null;
  // What a start brings is what runs already.
  const newest = isLive ? update.live : image;
  return {
    ...{ node: node.name, address: node.ips[0] ?? '', roles: node.roles, problem },
    ...{ image, current: newest === null || wanted === null ? null : newest === wanted },
    ...{ slot: update?.slot ?? null, release: update?.release ?? null, kubernetes: update?.kubernetes ?? null },
    ...{
      state: isLive ? 'live' : (update?.state ?? null),
      pending: update?.pending ?? null,
      returned: update?.reason ?? null,
    },
    ...{ fetching: ofNode(turn?.fetching, node), failed: ofNode(turn?.failed, node) },
    ...{ healthy: report?.health?.healthy ?? null, illness: report === null ? null : illness(report) },
    certificate: report?.certificate ?? null,
    warnings: report?.warnings ?? [],
  };
}
