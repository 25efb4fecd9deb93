/** Manifests that Talos applies: they become `cluster.kubernetes.manifests`. */
import type { Field, Said } from '../../input/field.ts';
import { isSecretManifest } from '../../input/secrets.ts';
import { Leaf, OutList } from '../../write/out.ts';
import type { Target } from './target.ts';

/** A manifest by URL, or a file of the input. */
export function addManifest(url: string, { draft }: Pick<Target, 'draft'>, from: Field | undefined): void {
  const standing = draft.cluster.at(['kubernetes', 'manifests']);
  const items = standing instanceof OutList ? standing.items : [];
  if (items.some((item) => item instanceof Leaf && item.value === url)) return;
  draft.cluster.put(['kubernetes', 'manifests'], new OutList([...items, new Leaf(url, from)]));
}

/** A manifest of the input: a URL, or a file beside the definition. */
export function putManifest({ value, from }: Said<string>, target: Target): void {
  if (value.includes('://')) return addManifest(value, target, from);
  const text = target.folder.text(value.replace(/^@/, ''));
  const file = `manifests/${value.split('/').at(-1) ?? 'manifest.yaml'}`;
  if (text === undefined)
    return from?.lose(
      'the file is not in the folder of the definition',
      `save it as \`${file}\`, and name it in \`cluster.kubernetes.manifests\``,
    );
  if (isSecretManifest(text))
    return from?.lose(
      'the file seems to hold a secret',
      `save it as \`${file}\`, and name it in \`cluster.kubernetes.manifests\``,
    );
  if (/^kind:\s*\w+Config\s*$/m.test(text))
    return from?.lose(
      'the file is a configuration of Talos, and no manifest',
      'look whether the default of coldstart suits you',
    );
  target.draft.files.set(file, text);
  addManifest(file, target, from);
}
