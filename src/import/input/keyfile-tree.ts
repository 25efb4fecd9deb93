/**
 * Reads NetworkManager's key files as trees: `[section]` and `key=value`. By hand, because the notation is GLib's: npm's `ini` reads
 * `;` as a comment, but here it separates values (https://docs.gtk.org/glib/struct.KeyFile.html).
 */
import { type InputFile, NotReadable, type Note, type Scalar, type Tree, inside, noteOf } from './tree.ts';

interface Section {
  readonly key: string;
  readonly tree: Tree & { readonly kind: 'map' };
}

/** @throws NotReadable */
export function readKeyfileTree(file: InputFile): Tree {
  const sections = new Map<
    string,
    { start: number; note: Note | undefined; entries: { key: string; tree: Scalar }[] }
  >();
  let current: string | undefined;
  let above: string[] = [];
  let offset = 0;
  for (const line of file.text.split('\n')) {
    const [, section] = /^\s*\[([^\]]+)\]\s*$/.exec(line) ?? [];
    const [, key, space = '', value = ''] = /^\s*([^=[#]+?)\s*=(\s*)(.*?)\s*$/.exec(line) ?? [];
    if (section !== undefined) {
      current = section;
      if (!sections.has(section)) sections.set(section, { start: offset, note: noteOf(...above), entries: [] });
    } else if (key !== undefined && current !== undefined) {
      const start = offset + line.indexOf('=') + 1 + space.length;
      const tree = { file, path: [current, key], range: [start, start + Math.max(1, value.length)] as const };
      const before = above.length === 0 ? undefined : above.join('\n');
      const around = inside([], sections.get(current)?.note);
      sections.get(current)?.entries.push({ key, tree: { ...tree, kind: 'scalar', value, source: value, before, around } }); // prettier-ignore
    } else if (line.trim() !== '' && !/^\s*#/.test(line)) {
      throw new NotReadable('a line is neither `[section]` nor `key=value`', [offset, offset + line.length]);
    }
    above = /^\s*#/.test(line) ? [...above, line.replace(/^\s*#/, '')] : [];
    offset += line.length + 1;
  }
  const entries: Section[] = [...sections].map(([key, { start, entries: inner }]) => ({
    key,
    tree: { kind: 'map', file, path: [key], range: [start, start + key.length + 2], entries: inner },
  }));
  return { kind: 'map', file, path: [], range: [0, 1], entries };
}
