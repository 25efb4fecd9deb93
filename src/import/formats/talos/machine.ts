/** Kernel modules, taints and extensions: said both by talhelper and by Talos's configuration. */
import type { Field } from '../../input/field.ts';
import { type NodeDraft, share } from '../../model.ts';
import { Leaf, OutMap } from '../../write/out.ts';
import { EXTENSIONS } from './verdicts.ts';

type Nodes = readonly NodeDraft[];

/** Modules; their parameters become a file of modprobe.d(5). */
export function readModules(field: Field | undefined, nodes: Nodes): void {
  for (const item of field?.items() ?? []) {
    const name = item.isMap ? item.get('name') : item;
    const text = name?.text();
    if (text === undefined) continue;
    share(nodes, 'kernel_modules', text, new Leaf(text, item));
    const parameters = item.get('parameters')?.texts() ?? [];
    if (parameters.length === 0) continue;
    const path = `/etc/modprobe.d/${text}.conf`;
    const content = `options ${[text, ...parameters.map(({ value }) => value)].join(' ')}\n`;
    share(nodes, 'files', path, new OutMap({ path: new Leaf(path), content: new Leaf(content) }));
  }
}

/** Labels, annotations and taints, which Talos and talhelper write alike. */
export function readLabels(field: Field, nodes: Nodes): void {
  for (const label of field.get('nodeLabels')?.fields() ?? []) {
    const value = label.text();
    if (value !== undefined) nodes.forEach(({ labels }) => labels.set(label.key, new Leaf(value, label)));
  }
  for (const one of field.get('nodeAnnotations')?.fields() ?? []) {
    const value = one.text();
    if (value !== undefined) nodes.forEach(({ annotations }) => annotations.set(one.key, new Leaf(value, one)));
  }
  readTaints(field.get('nodeTaints'), nodes);
}

/** Taints as `value:effect`, or the effect alone. */
function readTaints(field: Field | undefined, nodes: Nodes): void {
  for (const one of field?.fields() ?? []) {
    const text = one.text();
    if (text === undefined) continue;
    const [first = '', second] = text.split(':');
    const [value, effect] = second === undefined ? ['', first] : [first, second];
    if (!/^(NoSchedule|PreferNoSchedule|NoExecute)$/.test(effect)) {
      one.lose('it has no effect of a taint', 'write `NoSchedule`, `PreferNoSchedule` or `NoExecute`');
      continue;
    }
    const taint = new OutMap(
      { key: new Leaf(one.key), ...(value === '' ? {} : { value: new Leaf(value) }), effect: new Leaf(effect) },
      one,
    );
    nodes.forEach(({ taints }) => taints.push(taint));
  }
}

/** Kernel arguments; a `-` in front takes away a default of Talos. */
export function readKernelArgs(field: Field | undefined, nodes: Nodes): void {
  for (const item of field?.items() ?? []) {
    const text = item.text();
    if (text === undefined) continue;
    if (text.startsWith('-')) item.skip('it takes away a default of Talos');
    else if (/^talos\./.test(text)) item.skip('it is an argument of Talos');
    else share(nodes, 'kernel_args', text, new Leaf(text, item));
  }
}

/** An extension as Debian's package. */
export function putExtension(name: string, from: Field, nodes: Nodes): void {
  const debian = EXTENSIONS[name];
  if (debian === null) from.skip('Debian or the image of coldstart has it');
  else if (debian !== undefined) share(nodes, 'packages', debian, new Leaf(debian, from));
  else
    from.lose(
      `Debian has no package for \`${name.replace('siderolabs/', '')}\` that coldstart knows`,
      'look for a Debian package and add it to `packages`',
    );
}

/** The schematic of an image: kernel arguments and extensions. */
export function readSchematic(field: Field | undefined, nodes: Nodes): void {
  const customization = field?.get('customization');
  readKernelArgs(customization?.get('extraKernelArgs'), nodes);
  for (const item of customization?.get('systemExtensions', 'officialExtensions')?.items() ?? []) {
    const name = item.text();
    if (name !== undefined) putExtension(name, item, nodes);
  }
  for (const key of ['bootloader', 'secureboot']) customization?.get(key)?.skip('coldstart has its own boot loader');
  customization?.get('meta')?.lose('coldstart keeps no such data', 'say it in the definition of the node');
  field
    ?.get('overlay')
    ?.lose('coldstart builds for amd64 machines with BIOS or UEFI', 'single-board computers cannot be nodes yet');
}
