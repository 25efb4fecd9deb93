/** Files that Talos writes (`MachineFile` in its v1alpha1_types.go). */
import type { Field } from '../../input/field.ts';
import { holdsSecret } from '../../input/secrets.ts';
import { share } from '../../model.ts';
import { Leaf, OutMap } from '../../write/out.ts';
import { putContainerd } from './containerd.ts';
import type { Target } from './target.ts';

export function readMachineFiles(field: Field | undefined, target: Target): void {
  for (const item of field?.items() ?? []) readFile(item, target);
}

function readFile(item: Field, target: Target): void {
  const path = item.get('path')?.text();
  const content = item.get('content');
  if (path === undefined || !content) return;
  const written = content.tree.kind === 'scalar' ? String(content.tree.value) : '';
  const text = written.startsWith('@') ? target.folder.text(written.slice(1)) : written;
  if (text === undefined)
    return item.lose(
      'its text is not in the folder of the definition',
      `give the file in \`files\`, with \`path: ${path}\``,
    );
  if (holdsSecret(text))
    return item.lose(
      'it seems to hold a secret',
      `give the file in \`files\` with \`path: ${path}\`, \`source\` and \`secret: true\`, and do not commit the source`,
    );
  if (path.startsWith('/etc/cri/conf.d')) return putContainerd(item, text, target);
  if (!written.startsWith('@') && content.text() === undefined) return;
  content.ledger.settle(content.tree);
  const op = item.get('op');
  const kind = op?.text();
  op?.skip('coldstart writes the whole file');
  if (kind === 'append')
    op?.lose('coldstart appends nothing to a file', `the new definition has ${path} as a whole file`);
  item.get('skipEnvsubst')?.skip('coldstart fills in no variables');
  share(
    target.nodes,
    'files',
    path,
    new OutMap({ path: new Leaf(path), content: new Leaf(text), mode: modeOf(item.get('permissions')) }, item),
  );
}

/** YAML 1.1 reads `0o644` and `0644` as octal; talhelper's reader takes both, and plain numbers. */
function modeOf(field: Field | undefined): Leaf | undefined {
  const written = field?.tree.kind === 'scalar' ? field.tree.source : undefined;
  if (!field || written === undefined) return undefined;
  const number = Number(field.text());
  const octal =
    /^0o?([0-7]{3,4})$/.exec(written)?.[1] ?? (number > 0 && number < 0o10000 ? number.toString(8) : undefined);
  return octal === undefined ? undefined : new Leaf(octal.padStart(4, '0'), field);
}
