/** `coldstart build --dry-run`: the plan, the inventories and the difference from the output folder. Writes nothing. */
import type { Node } from '../config/cluster.ts';
import { inventory } from '../render/inventory.ts';
import type { ImagePlan } from '../render/plan.ts';
import type { DraftTree } from '../render/tree.ts';
import { compareClusters } from './comparison.ts';
import { writeComparison } from './comparison-product.ts';
import { count } from './comparison-text.ts';
import { onlyNodes, stateOf } from './diff.ts';
import { foreseeSecrets, secretWords, type Drafts } from './foresee-secrets.ts';
import { readOutput } from './output-folder.ts';
import type { Project } from './project.ts';
import { forecast, type BuildPlace, type Forecast } from './rebuild.ts';
import type { IdentityOptions } from './secrets-store.ts';
import { writeJson, type CommonOptions, type Session } from './session.ts';
import { formatSize } from './size.ts';

interface Options extends CommonOptions, IdentityOptions {
  readonly node?: readonly string[];
  readonly verbose?: true;
}

/** Everything about one node that a reviewer may want to see. */
interface NodeView {
  readonly node: Node;
  readonly image: ImagePlan;
  readonly tree: DraftTree;
  readonly forecast: Forecast;
}

/** Returns 0. */
export async function dryRun(project: Project, place: BuildPlace, options: Options, session: Session): Promise<number> {
  const drafts = await foreseeSecrets(project, options, session);
  const forecasts = await forecast(project, drafts, place);
  const views = project.nodes.map((node) => viewOf(project, node, drafts, forecasts));
  const { nodes, shared } = { nodes: views, shared: new Set(views.map(({ image }) => image.packages.names.join())) };
  if (options.json) views.forEach((view) => writeJson(session, planRecord(view)));
  else session.stdout.write(planText(project, nodes, shared.size, options));
  const before = onlyNodes((await readOutput(place.outDir)) ?? new Map(), options.node);
  writeComparison(compareClusters(before, stateOf(project, drafts)), options, session);
  return 0;
}

function viewOf(project: Project, node: Node, drafts: Drafts, forecasts: ReadonlyMap<string, Forecast>): NodeView {
  const image = project.plan.nodes.find((candidate) => candidate.node === node.name);
  const [tree, found] = [drafts.get(node.name), forecasts.get(node.name)];
  if (image === undefined || tree === undefined || found === undefined) throw new Error(`${node.name} was not planned`);
  return { node, image, tree, forecast: found };
}

function planRecord({ node, image, tree, forecast: found }: NodeView): { type: string } & Record<string, unknown> {
  const { bootRole, roles, packages, formats, install, kernelArgs } = image;
  return {
    ...{ type: 'plan', node: node.name, bootRole, roles, macs: node.macs, addresses: node.ips, packages, formats },
    ...{ install, kernelArgs, rebuild: found.reasons.length > 0, reasons: found.reasons, baseCached: found.baseCached },
    artifacts: found.artifacts,
    inventory: inventory(tree).trimEnd().split('\n'),
  };
}

function planText(project: Project, views: readonly NodeView[], bases: number, options: Options): string {
  const head = `cluster ${project.cluster.name}: ${count(views.length, 'node')} on ${count(bases, 'base layer')}\n`;
  return `${head}\n${views.map((view) => `${nodeText(view, options.verbose === true)}\n`).join('')}`;
}

function nodeText({ node, image, tree, forecast: found }: NodeView, verbose: boolean): string {
  const { sets, names } = image.packages;
  const base = `${sets.join(' + ')} (${count(names.length, 'package')}, ${found.baseCached ? 'in the cache' : 'to be built'})`;
  const facts = [
    ['boot role', image.bootRole],
    ['roles', image.roles.join(', ')],
    ['MACs', node.macs.join(', ')],
    ['addresses', node.ips.join(', ')],
    ['base layer', base],
    ...(found.artifacts.length === 0 ? [] : [['artifacts', found.artifacts.join(', ')]]),
    ['formats', image.formats.join(', ')],
    ['kernel', image.kernelArgs.join(' ')],
    ['files', treeSummary(tree)],
    ['build', found.reasons.length === 0 ? 'nothing to do' : found.reasons.join('; ')],
  ];
  const lines = facts.map(([name = '', value = '']) => `  ${name.padEnd(10)}  ${value}\n`).join('');
  const whole = verbose ? inventory(tree).replaceAll(/^/gm, '    ').trimEnd() + '\n' : '';
  return `node ${node.name}\n${lines}${whole}`;
}

function treeSummary(tree: DraftTree): string {
  const files = tree.filter(({ type }) => type === 'file' || type === 'pending').length;
  const links = tree.filter(({ type }) => type === 'symlink').length;
  const size = tree.reduce((sum, entry) => sum + (entry.type === 'file' ? entry.content.length : 0), 0);
  return [count(files, 'file'), count(links, 'symlink'), formatSize(size), ...secretWords(tree)].join(', ');
}
