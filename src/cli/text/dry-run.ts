/** The output of `coldstart build --dry-run`. */
import { namesOrNumber, portion, quantity } from '../../diagnostics/quantity.ts';
import { inventory } from '../../render/tree/inventory.ts';
import type { DraftTree } from '../../render/tree/tree.ts';
import type { DryRun, NodePreview } from '../../usecases/dry-run.ts';
import { writeComparison } from './comparison-product.ts';
import { secretWords, writeClosed } from './secrets.ts';
import { writeJson, type CommonOptions, type Session } from '../session.ts';
import { formatSize } from './size.ts';

type Options = CommonOptions & { readonly verbose?: true };

export function writeDryRun(run: DryRun, options: Options, session: Session): void {
  const { cluster, nodes, changes, closed } = run;
  writeClosed(closed, options, session);
  if (options.json) nodes.forEach((node) => writeJson(session, planRecord(node)));
  else session.stdout.write(planText(cluster, nodes, options));
  writeComparison(changes, options, session);
}

function planRecord({ node, image, tree, forecast: found }: NodePreview): { type: string } & Record<string, unknown> {
  const { bootRole, roles, packages, formats, install, kernelArgs } = image;
  return {
    ...{ type: 'plan', node: node.name, bootRole, roles, macs: node.macs, addresses: node.ips, packages, formats },
    ...{ install, kernelArgs, rebuild: found.reasons.length > 0, reasons: found.reasons, baseCached: found.baseCached },
    artifacts: found.artifacts,
    inventory: inventory(tree).trimEnd().split('\n'),
  };
}

function planText(cluster: string, nodes: readonly NodePreview[], options: Options): string {
  const bases = new Set(nodes.map(({ image }) => image.packages.names.join())).size;
  const [pending, current] = [nodes.filter(isPending), nodes.filter((node) => !isPending(node))];
  const verbose = options.verbose === true;
  const shown = verbose ? nodes : pending;
  const toBuild = `${portion(pending.length, nodes.length)} to build`;
  const head = `cluster ${cluster}: ${quantity(nodes.length, 'node')} on ${quantity(bases, 'base layer')}, ${toBuild}\n`;
  const rest = namesOrNumber(
    current.map(({ node }) => node.name),
    'node',
  );
  const foot = verbose || current.length === 0 ? '' : `nothing to do: ${rest}\n\n`;
  return `${head}\n${shown.map((node) => `${nodeText(node, verbose)}\n`).join('')}${foot}`;
}

const isPending = ({ forecast: { reasons } }: NodePreview): boolean => reasons.length > 0;

function nodeText({ node, image, tree, forecast: found }: NodePreview, verbose: boolean): string {
  const { sets, names } = image.packages;
  const base = `${sets.join(' + ')} (${quantity(names.length, 'package')}, ${found.baseCached ? 'in the cache' : 'to be built'})`;
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
  return [quantity(files, 'file'), quantity(links, 'symlink'), formatSize(size), ...secretWords(tree)].join(', ');
}
