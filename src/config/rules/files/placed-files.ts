/** The user's files on the nodes, from `files` and from overlays. */
import type { Placement } from '../../../diagnostics/codes.ts';
import type { Location } from '../../../diagnostics/diagnostic.ts';
import type { Access } from '../../base-system/read-modes.ts';
import type { Cluster, Node } from '../../cluster.ts';
import { memo } from '../../memo.ts';
import { wholeFile } from '../../files/file-faults.ts';
import type { OverlayFile } from '../../files/overlays.ts';
import { entries, lineOf, textOf } from '../entries.ts';
import { type Facts, nodesByName } from '../rule.ts';

export interface PlacedFile {
  /** The absolute path on the node. */
  readonly path: string;
  /** The target of a link; null for other files. */
  readonly target: string | null;
  readonly at: Location;
  readonly nodes: readonly Node[];
  /** Undefined if the content could not be read or is not text. */
  readonly text: string | undefined;
  /** The architecture of a program or library: `e_machine` of ELF; null for other files. */
  readonly machine: number | null;
  readonly isProgram: boolean;
  readonly access: Access;
  readonly isOverlay: boolean;
  /** Whether the user marked the file as secret. */
  readonly isSecret: boolean;
  /** The place of a line of the text, counted from 1; line 0 is the whole file. */
  readonly place: (line: number) => Placement;
}

export const placedFiles = (cluster: Cluster, facts: Facts): readonly PlacedFile[] => filesIn(cluster)(facts);

const filesIn = memo((cluster: Cluster) =>
  memo((facts: Facts): readonly PlacedFile[] => [...filesOf(cluster, facts), ...overlaysOf(cluster, facts)]),
);

function filesOf(cluster: Cluster, facts: Facts): readonly PlacedFile[] {
  return [undefined, ...facts.nodes].flatMap((node) =>
    entries(facts, 'files', node).map((entry, index) => {
      const at = facts.at([...entry.path, 'path']);
      const {
        mode = 0o644,
        owner = 'root',
        secret: isSecret = false,
      } = ((node ?? facts.cluster).files ?? [])[index] ?? {};
      const [uid = 0, gid = uid] = owner === 'root' ? [] : owner.split(':').map(Number);
      const nodes = node === undefined ? cluster.nodes : [nodesByName(cluster).get(node.name) ?? []].flat();
      return {
        ...{ path: entry.name, target: null, at, nodes },
        ...{ machine: null, isProgram: (mode & 0o111) !== 0, access: { mode, uid, gid }, isOverlay: false, isSecret },
        // An unknown text stops only the rules that read it.
        get text() {
          return textOf(entry, facts);
        },
        place: (line) => (line === 0 ? { at } : lineOf(entry, line, facts)),
      };
    }),
  );
}

function overlaysOf({ nodes }: Cluster, { overlays }: Facts): readonly PlacedFile[] {
  const served = new Map<string, Node[]>([['common', [...nodes]]]);
  for (const node of nodes) {
    for (const root of rootsOf(node)) served.set(root, [...(served.get(root) ?? []), node]);
  }
  return overlays.map(({ path, target, text, machine, isProgram }: OverlayFile) => {
    const root = path.slice(0, path.indexOf('/'));
    const at = wholeFile(`overlays/${path}`);
    return {
      ...{ path: path.slice(root.length), target, at, nodes: served.get(root) ?? [], text: text ?? undefined },
      // The build gives overlays no other modes.
      ...{
        machine,
        isProgram,
        access: { mode: isProgram ? 0o755 : 0o644, uid: 0, gid: 0 },
        isOverlay: true,
        isSecret: false,
      },
      place: (line) => ({ at: line === 0 ? at : lineIn(at, text ?? '', line) }),
    };
  });
}

function lineIn(at: Location, text: string, line: number): Location {
  const length = text.split('\n')[line - 1]?.trimEnd().length ?? 0;
  return { ...at, line, length: Math.max(1, length) };
}

const rootsOf = ({ name, roles }: Node): readonly string[] => [`node-${name}`, ...roles.map((role) => `role-${role}`)];

/** Names of packages and units, and the texts of units, hooks, files and overlays of the nodes, without files at `path`. */
export function textsBeside(path: RegExp, nodes: readonly Node[], { overlays }: Facts): readonly string[] {
  const ofNodes = nodes.flatMap(({ packages, units, hooks, files }) => [
    ...packages,
    ...units.flatMap(({ name, content }) => [name, content]),
    ...[...hooks, ...files.filter((file) => !path.test(file.path))].map(({ content }) => content),
  ]);
  const others = overlays.filter((one) => !path.test(one.path.replace(/^[^/]*/, '')));
  return [...ofNodes, ...others.flatMap((one) => [one.path.slice(one.path.lastIndexOf('/') + 1), one.text ?? ''])];
}
