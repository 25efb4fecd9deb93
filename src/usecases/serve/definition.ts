/** Opens a definition for `serve`: checks it, completes the secrets store, and prepares what nodes share. */
import { findArtifacts } from '../../builder/artifacts/artifacts.ts';
import { publishedDigest } from '../../builder/artifacts/download.ts';
import { ISO_TOOLS, LAYER_TOOLS, requireTools } from '../../builder/system/toolchain.ts';
import { wholeNode } from '../../render/plan/plan.ts';
import type { FileTree } from '../../render/tree/tree.ts';
import { openDefinition } from '../../serve/from-definition.ts';
import type { Identity } from '../../serve/http/server.ts';
import { requireMemoryFolder } from '../../serve/memory-folder.ts';
import type { Shelf } from '../../serve/resource.ts';
import type { Findings } from '../findings.ts';
import { unpinned } from '../prerequisites/pins.ts';
import { openProject, outFolder, type Project } from '../project.ts';
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
  const project = await openProject({ config: request.from, nodes: [] }, findings);
  if (project === undefined) return undefined;
  const { cluster, plan, sources, folder: configDir, settings } = project;
  const wanted = new Map(selectNodes(cluster, request.nodes).map((node) => [node.name, node]));
  await requireTools([...LAYER_TOOLS, ...ISO_TOOLS]);
  await requireMemoryFolder();
  const artifacts = { configDir, folder: request.artifacts, locked: false };
  if (!findings.add(await unpinned(project, artifacts), settings.frame)) return undefined;
  const store = await issueStore(project, null, findings, [...wanted.values()]);
  if (store === undefined) return undefined;
  const updates = await updatesWith(cluster, store);
  const treeOf = (node: string): FileTree => {
    const found = wanted.get(node);
    if (found === undefined) throw new Error(`${node} is not served`);
    return wholeNode(cluster, found, sources, store);
  };
  const { host } = findings;
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
          const files = await findArtifacts(cluster, artifacts, (program) => publishedDigest(program, step));
          if (files === null) throw new Error('a digest was not found, and no error was reported');
          const plans = plan.nodes
            .filter(({ node }) => wanted.has(node))
            .map(({ node, bootRole, packages, kernelArgs }) => ({ node, bootRole, packages, kernelArgs }));
          found.shelf = await openDefinition({
            ...{ cluster, plans, artifacts: files, treeOf, updates, epoch: request.epoch, step },
          });
        },
      },
    ],
    context,
  );
  if (context.shelf === undefined) throw new Error('the layers were not prepared');
  const identity = request.plainHttp ? null : (pem ?? (await signedFor(name, store)));
  return { cluster: cluster.name, shelf: context.shelf, identity, outDir: outDirOf(project, findings) };
}

const outDirOf = ({ cluster }: Project, { host }: Findings): string => outFolder(host, cluster.name, undefined);
