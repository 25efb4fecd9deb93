/**
 * Patches of talhelper: texts, maps and files (`@./patches/x.yaml`), as a piece of configuration (strategic merge) or as a list of
 * operations (RFC 6902). All become pieces of configuration.
 */
import { Field } from '../../input/field.ts';
import type { Map, Tree } from '../../input/tree.ts';
import { readClusterConfig } from './cluster-config.ts';
import { readDocument } from './documents.ts';
import { readMachineConfig } from './machine-config.ts';
import type { Target } from './target.ts';
import { CONFIG_VERDICTS } from './verdicts.ts';

export function readPatches(field: Field | undefined, target: Target): void {
  if (!field) return;
  if (target.nodes.length === 0) return field.skip('it is for no node');
  for (const item of field.items()) {
    if (item.isMap && item.get('op')) readOperation(item, target);
    else if (item.isMap) readConfig(item, target);
    else readWritten(item, target);
  }
}

function readWritten(item: Field, target: Target): void {
  const text = item.tree.kind === 'scalar' ? String(item.tree.value) : '';
  if (text.trimStart().startsWith('@')) return readFile(item, text.trim().slice(1), target);
  for (const root of item.nested()) readRoot(root, target);
}

function readFile(item: Field, path: string, target: Target): void {
  const documents = target.folder.open(path);
  if (!documents)
    return item.lose(
      'the file is not in the folder of the definition, or is not readable',
      'import a folder that contains the file',
    );
  item.text();
  for (const root of documents) readRoot(root, target);
}

function readRoot(root: Field, target: Target): void {
  if (root.get('sops')) {
    root.lose('the file is encrypted', 'bring what you need from it by hand; coldstart makes its own keys and tokens');
  } else if (root.isList) root.items().forEach((item) => readOperation(item, target));
  else if (root.get('kind')) readDocument(root, target);
  else readConfig(root, target);
}

/** A piece of Talos's configuration. */
function readConfig(root: Field, target: Target): void {
  const machine = root.get('machine');
  const cluster = root.get('cluster');
  if (machine) readMachineConfig(machine, target);
  if (cluster) readClusterConfig(cluster, target);
  for (const [path, reason, todo] of CONFIG_VERDICTS) {
    const field = root.get(...path.split('.'));
    if (!field || field.ledger.isSettled(field.tree)) continue;
    if (todo === undefined) field.skip(reason);
    else field.lose(reason, todo);
  }
}

/** An operation of RFC 6902, as the piece of configuration that it adds. */
function readOperation(item: Field, target: Target): void {
  const op = item.get('op')?.text();
  const path = item.get('path')?.text() ?? '';
  const value = item.get('value');
  if (op === 'remove' && path.startsWith('/cluster/apiServer/admissionControl'))
    return item.skip("coldstart enforces no admission configuration of Talos's");
  if (op === 'remove' || op === 'test')
    return void (
      op === 'remove' &&
      item.lose('coldstart has nothing to remove there', 'look whether the default of coldstart suits you')
    );
  if (!value) return;
  if (!path.startsWith('/'))
    return item.lose('its path does not begin with `/`', 'look whether the default of coldstart suits you');
  item.get('op')?.skip('it says how the patch is written');
  const steps = path.split('/').slice(1).map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~')); // prettier-ignore
  readConfig(Field.root(within(value.tree, steps), item.ledger), target);
}

function within(tree: Tree, steps: readonly string[]): Tree {
  const [first, ...rest] = steps;
  if (first === undefined) return tree;
  const inner = within(tree, rest);
  const common = { file: tree.file, path: tree.path, range: tree.range };
  if (/^(\d+|-)$/.test(first)) return { ...common, kind: 'list', items: [inner] };
  return { ...common, kind: 'map', entries: [{ key: first, tree: inner }] } satisfies Map;
}
