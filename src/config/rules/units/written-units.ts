/** All units of users (entries of `units`, files and overlays), with the nodes that get them. */
import type { Placement } from '../../../diagnostics/codes.ts';
import type { Cluster, Node } from '../../cluster.ts';
import { memo } from '../../memo.ts';
import { readUnitFile, type UnitFile } from '../../systemd/unit-file.ts';
import { lineOf } from '../entries.ts';
import { placedFiles } from '../files/placed-files.ts';
import type { Facts } from '../rule.ts';
import { extrasOfNodes } from '../files/scripts.ts';

export interface WrittenUnit {
  readonly node: Node;
  /** The name of the unit; for a drop-in file, the name of the unit that it extends. */
  readonly name: string;
  readonly unit: UnitFile;
  readonly place: (line: number) => Placement;
}

/** Paths of unit files and drop-in files. @see systemd.unit(5), "Unit file load path" */
export const UNIT_PATH =
  /^\/(?:etc|usr\/local\/lib|usr\/lib|lib)\/systemd\/system\/([^/]+\.[a-z]+?)(\.d\/[^/]+\.conf)?$/;

export const writtenUnits = (cluster: Cluster, facts: Facts): readonly WrittenUnit[] => unitsIn(cluster)(facts);

const unitsIn = memo((cluster: Cluster) => memo((facts: Facts) => allUnits(cluster, facts)));

function allUnits(cluster: Cluster, facts: Facts): readonly WrittenUnit[] {
  const entries = extrasOfNodes(cluster, facts, 'units').map(({ node, entry, text }) => ({
    ...{ node, name: entry.name, unit: readUnitFile(text) },
    place: (line: number): Placement => lineOf(entry, line, facts),
  }));
  const files = placedFiles(cluster, facts).flatMap(({ path, text, nodes, place }) => {
    const name = UNIT_PATH.exec(path)?.[1];
    if (name === undefined || text === undefined) return [];
    const unit = readUnitFile(text);
    return nodes.map((node) => ({ node, name, unit, place }));
  });
  return [...entries, ...files];
}
