/** Opens a definition for `serve`: checks it, completes the secrets store, and prepares what nodes share. */
import { findArtifacts, type ArtifactSources } from '../../builder/artifacts/artifacts.ts';
import { publishedDigest } from '../../builder/artifacts/download.ts';
import { ISO_TOOLS, LAYER_TOOLS, requireTools } from '../../builder/system/toolchain.ts';
import type { Cluster, Node } from '../../config/cluster.ts';
import type { Store } from '../../pki/store/model.ts';
import { wholeNode } from '../../render/plan/plan.ts';
import type { Sources } from '../../render/plan/sources.ts';
import type { FileTree } from '../../render/tree/tree.ts';
import { openDefinition, type DefinitionParts } from '../../serve/from-definition.ts';
import type { Identity } from '../../serve/http/settings.ts';
import { requireMemoryFolder } from '../../serve/memory-folder.ts';
import type { Shelf } from '../../serve/resource.ts';
import type { Findings } from '../findings.ts';
import type { Host } from '../host.ts';
import { unpinned } from '../prerequisites/pins.ts';
import { openProject, outFolder } from '../project.ts';
import { issueStore } from '../secrets/issue.ts';
import { selectNodes } from '../usage.ts';
import { updatesWith } from '../secrets/updates.ts';
import { signedFor } from './certificate.ts';
import type { Opened, ServeRequest } from './request.ts';

/**
 * Undefined if a diagnostic is an error.
 * @param name name or address of the server in its certificate
 * @param pem the user's own certificate; null if the cluster's authority signs one
 */
export async function openDefined(
  request: ServeRequest,
  name: string,
  pem: Identity | null,
  findings: Findings,
): Promise<Opened | undefined> {
  // No tree is rendered before its node is asked for.
  const project = await openProject({ config: request.from, nodes: [], isFrugal: true }, findings);
  if (project === undefined) return undefined;
  const { cluster, plan, sources, folder: configDir, settings } = project;
  const wanted = new Map(selectNodes(cluster, request.nodes).map((node) => [node.name, node]));
  await requireTools([...LAYER_TOOLS, ...ISO_TOOLS]);
  await requireMemoryFolder();
  const artifacts = { configDir, folder: request.artifacts, locked: false };
  if (!findings.add(await unpinned(project, artifacts), settings.frame)) return undefined;
  const store = await issueStore(project, null, findings, [...wanted.values()]);
  if (store === undefined) return undefined;
  const plans = plan.nodes
    .filter(({ node }) => wanted.has(node))
    .map(({ node, bootRole, packages, kernelArgs }) => ({ node, bootRole, packages, kernelArgs }));
  const treeOf = treesOf(cluster, wanted, sources, store);
  const updates = await updatesWith(cluster, store);
  const shared = { cluster, plans, treeOf, updates, epoch: request.epoch };
  const shelf = await prepareShelf(shared, artifacts, findings.host);
  const identity = request.plainHttp ? null : (pem ?? (await signedFor(name, store)));
  return { cluster: cluster.name, shelf, identity, outDir: outFolder(findings.host, cluster.name, undefined) };
}

/** A function of its own: what it returns must not keep the plan and the definition's text in memory. */
function treesOf(
  cluster: Cluster,
  wanted: ReadonlyMap<string, Node>,
  sources: Sources,
  store: Store,
): (node: string) => FileTree {
  return (node) => {
    const found = wanted.get(node);
    if (found === undefined) throw new Error(`${node} is not served`);
    return wholeNode(cluster, found, sources, store);
  };
}

async function prepareShelf(
  parts: Omit<DefinitionParts, 'artifacts' | 'step'>,
  sources: ArtifactSources,
  host: Host,
): Promise<Shelf> {
  const context: { shelf?: Shelf } = {};
  await host.runTasks(
    [
      {
        title: 'Prepare the layers that nodes share',
        task: async (found, task) => {
          const step = {
            ...{ cacheDir: host.cacheDir, signal: host.signal },
            report: (line: string): void => void (task.output = line),
          };
          const artifacts = await findArtifacts(parts.cluster, sources, (program) => publishedDigest(program, step));
          if (artifacts === null) throw new Error('a digest was not found, and no error was reported');
          found.shelf = await openDefinition({ ...parts, artifacts, step });
        },
      },
    ],
    context,
  );
  if (context.shelf === undefined) throw new Error('the layers were not prepared');
  return context.shelf;
}
