/**
 * Patches of talhelper: texts, maps and files (`@./patches/x.yaml`), as a piece of configuration (strategic merge) or as a list of
 * operations (RFC 6902). All become pieces of configuration.
 */
import { Field } from '../../input/field.ts';
import type { Ledger } from '../../input/ledger.ts';
import { type Map, type Tree, childrenOf, leavesOf, plain } from '../../input/tree.ts';
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

/** A document of Talos's configuration, or a list of operations. */
export function readRoot(root: Field, target: Target): void {
  const sops = root.get('sops');
  if (sops && isEncrypted(root)) {
    root.lose('the file is encrypted', 'bring what you need from it by hand; coldstart makes its own keys and tokens');
  } else if (root.isList) root.items().forEach((item) => readOperation(item, target));
  else if (root.get('kind')) readDocument(root, target);
  else readConfig(root, target);
  sops?.skip('it says how the secrets in the file are encrypted');
}

/** Whether SOPS encrypted more than the secrets in a file. */
function isEncrypted(root: Field): boolean {
  const values = root.fields().filter(({ key }) => key !== 'sops').flatMap(({ tree }) => leavesOf(tree)); // prettier-ignore
  const hidden = values.filter((tree) => tree.kind === 'scalar' && String(tree.value).startsWith('ENC['));
  return hidden.length * 2 > values.length;
}

/** A piece of Talos's configuration. */
function readConfig(given: Field, target: Target): void {
  const root = new Field(withoutDeleted(given.tree, given.ledger), given.ledger);
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

const DELETE = /^\$?\$patch$/;

/** A strategic merge takes away what stands beside `$patch: delete`; talhelper writes `$$patch`, as it fills in variables. */
function withoutDeleted(tree: Tree, ledger: Ledger): Tree {
  if (!holdsDeletion(tree)) return tree;
  if (tree.kind === 'scalar') return tree;
  if (tree.kind === 'list') return { ...tree, items: tree.items.flatMap((one) => kept(one, ledger)) };
  const entries = tree.entries.flatMap(({ key, tree: inner }) => kept(inner, ledger).map((one) => ({ key, tree: one })));
  return { ...tree, entries };
} // prettier-ignore

const isDeletion = (tree: Tree): boolean =>
  tree.kind === 'map' && tree.entries.some(({ key, tree: how }) => DELETE.test(key) && plain(how) === 'delete');
const holdsDeletion = (tree: Tree): boolean => isDeletion(tree) || childrenOf(tree).some(holdsDeletion);

function kept(tree: Tree, ledger: Ledger): readonly Tree[] {
  if (!isDeletion(tree)) return [withoutDeleted(tree, ledger)];
  sayRemoved(new Field(tree, ledger), tree.path.join('/'));
  return [];
}

function sayRemoved(field: Field, path: string): void {
  if (path.includes('admissionControl')) field.skipWhole("coldstart enforces no admission configuration of Talos's");
  else field.lose('coldstart has nothing to remove there', 'look whether the default of coldstart suits you');
}

/** An operation of RFC 6902, as the piece of configuration that it adds. */
function readOperation(item: Field, target: Target): void {
  const op = item.get('op')?.text();
  const path = item.get('path')?.text() ?? '';
  const value = item.get('value');
  if (op === 'remove') return sayRemoved(item, path);
  if (op === 'test') return item.skipWhole('it only looks at a value');
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
