/** `update`: brings a running cluster to the definition: builds the bundles, plans, asks, and updates node by node. */
import { readManifest, type Manifest } from '../../builder/output/output-manifest.ts';
import type { Node } from '../../config/cluster.ts';
import { takesUpdates } from '../../config/formats.ts';
import { isCephNode, isMaster, isMember } from '../../config/roles.ts';
import type { Result } from '../../diagnostics/diagnostic.ts';
import { preconditions } from '../../pki/issue/rotation-releases.ts';
import type { Store } from '../../pki/store/model.ts';
import { openStore } from '../../pki/store/store.ts';
import { build, type BuildRequest } from '../build.ts';
import { Findings } from '../findings.ts';
import type { Host } from '../host.ts';
import { openProject, outFolder, type Project } from '../project.ts';
import type { ClusterState } from '../review/comparison.ts';
import { readOutput } from '../review/output-folder.ts';
import { storePath } from '../secrets/store-path.ts';
import { UsageError } from '../usage.ts';
import { bundlesIn, differencesOf, wantedBy } from './bundles.ts';
import { sshAccess } from './cluster-access.ts';
import { planRollout, type Plan, type PlannedNode } from './plan.ts';
import { rollOut, type Rollout, type RolloutRequest } from './rollout.ts';
import { Ssh, type SshChoices } from './ssh/ssh.ts';
import { describeImage, type Comparison } from './comparison.ts';
import { runsImage } from './report.ts';
import { compareWithNodes, lookAtNodes, type Seen } from './state.ts';
import { noStore } from './store.ts';

interface UpdateRequest extends Omit<BuildRequest, 'formats' | 'shard'> {
  /** How many nodes are packed at the same time. */
  readonly jobs: number;
  readonly ssh: SshChoices;
  /** How many workers are away at the same time. */
  readonly parallel: number;
  /** Whether pods are moved away first. */
  readonly drains: boolean;
  /** Seconds until all pods of a node have been moved. */
  readonly drainLimit: number;
  readonly force: boolean;
  /** Names this rollout to others, e.g. `alice@desk/3f9a01bc`; without blanks. No other one has the same. */
  readonly holder: string;
  /** Whether to build first; otherwise the bundles of the output folder are taken as they are. */
  readonly builds: boolean;
  /** Change nothing on the nodes. */
  readonly dryRun: boolean;
}

export interface Listener extends Pick<RolloutRequest, 'tell' | 'ended'> {
  /** Receives the plan, and returns whether to carry it out. */
  readonly agree: (plan: Plan) => Promise<boolean>;
}

export interface Update {
  readonly cluster: string;
  readonly plan: Plan;
  /** Null if it was not carried out. */
  readonly rollout: Rollout | null;
}

/** @throws UsageError, SecretsError, BuildError; the signal's reason when interrupted before the first node */
export async function update(request: UpdateRequest, listener: Listener, host: Host): Promise<Result<Update>> {
  const { findings, repeat } = quietly(host);
  const project = await openProject({ config: request.config, nodes: request.nodes }, findings);
  // A build says the same again.
  if (project === undefined || !request.builds) repeat();
  if (project === undefined) return findings.stopped();
  if (!takesUpdates(project.cluster)) throw noUpdates();
  const outDir = outFolder(host, project.cluster.name, request.out);
  const former = (await readOutput(outDir)) ?? new Map();
  if (request.builds) {
    const { formats } = project.cluster.image;
    const needed = formats.includes('update') ? undefined : [...formats, 'update'];
    const built = await build({ ...request, formats: needed }, host);
    if (built.value === undefined) return { value: undefined, diagnostics: built.diagnostics };
  }
  const manifest = await readManifest(outDir);
  if (manifest === null)
    throw new UsageError('The output folder holds no build.', '`coldstart build` makes the bundles');
  const opened = await openStore(storePath(project.cluster, project.folder), host.identities);
  if (opened === null) throw noStore(project.cluster.secrets.file);
  const present = !request.builds ? former : ((await readOutput(outDir)) ?? new Map());
  const made = { project, manifest, store: opened.store, outDir, differences: differencesOf(former, present), present };
  return findings.done(await onCluster(made, request, listener, host));
}

/** Findings that are shown only on request. */
function quietly(host: Host): { readonly findings: Findings; readonly repeat: () => void } {
  const said: Parameters<Host['onDiagnostics']>[] = [];
  const findings = new Findings({ ...host, onDiagnostics: (...found) => void said.push(found) });
  return { findings, repeat: () => void said.forEach((found) => void host.onDiagnostics(...found)) };
}

interface Made {
  readonly project: Project;
  readonly manifest: Manifest;
  readonly store: Store;
  readonly outDir: string;
  readonly differences: ReadonlyMap<string, readonly string[]>;
  /** The images of the output folder. */
  readonly present: ClusterState;
}

async function onCluster(made: Made, request: UpdateRequest, listener: Listener, host: Host): Promise<Update> {
  const { project, manifest, store, outDir, differences } = made;
  const { cluster } = project;
  const bundles = bundlesIn(manifest, outDir);
  const ssh = await Ssh.open(store, cluster.nodes, request.ssh);
  try {
    const chosen = new Set(project.nodes.map(({ name }) => name));
    const needed = preconditions(store);
    const rotated = new Set(needed.flatMap(({ releases }) => Object.keys(releases)));
    const asked = cluster.nodes.filter((node) => chosen.has(node.name) || isMaster(node) || rotated.has(node.name));
    const seen = await lookAtNodes(asked, cluster.name, ssh, host.signal);
    const nodes = cluster.nodes.map(plannedNode);
    const comparisons = await askNodes(made, seen, ssh, host.signal);
    const plan = planRollout({
      ...{ nodes, chosen: request.nodes, force: request.force, differences, comparisons, preconditions: needed },
      wanted: wantedBy(manifest, store, bundles),
      seen: new Map(seen.map((one) => [one.node, one])),
    });
    const goes = (await listener.agree(plan)) && !request.dryRun && plan.refusals.length === 0;
    if (!goes) return { cluster: cluster.name, plan, rollout: null };
    const { signal, clock } = host;
    const access = sshAccess({
      cluster,
      bundles,
      ssh,
      signal,
      clock,
      drainLimit: request.drainLimit,
      force: request.force,
      holder: request.holder,
    });
    // The pods of the only member have no other place.
    const drains = request.drains && cluster.nodes.filter(isMember).length > 1;
    const { tell, ended } = listener;
    const rollout = await rollOut({ plan, nodes, parallel: request.parallel, drains, tell, ended }, access);
    return { cluster: cluster.name, plan, rollout };
  } finally {
    await ssh.close();
  }
}

/** Those that run another image than they shall. */
function askNodes(
  { project, manifest, outDir, present }: Made,
  seen: readonly Seen[],
  ssh: Ssh,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Comparison>> {
  const bundles = bundlesIn(manifest, outDir);
  const images = project.nodes.flatMap((node) => {
    const update = seen.find((one) => one.node === node.name)?.report?.update ?? null;
    const wanted = manifest.nodes[node.name]?.id;
    const [bundle, image] = [bundles.get(node.name), present.get(node.name)];
    if (update === null || wanted === undefined || bundle === undefined || image === undefined) return [];
    if (update.state === 'medium' || runsImage(update, wanted)) return [];
    const text = describeImage(image, bundle.shared);
    return text === null ? [] : [[node, text] as const];
  });
  return compareWithNodes(new Map(images), ssh, signal);
}

const plannedNode = (node: Node): PlannedNode => ({
  ...{ name: node.name, isMaster: isMaster(node), isMember: isMember(node), isStorage: isCephNode(node) },
  hasStateDisk: node.stateDisk !== null,
});

const noUpdates = (): UsageError =>
  new UsageError(
    'The nodes of this cluster take no updates.',
    'set `cluster.image.install: true`, or add `update` to `cluster.image.formats`; build, and start each node once from its new image',
  );
