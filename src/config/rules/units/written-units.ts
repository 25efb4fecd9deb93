/** All units that users write, as entries of `units`, files or overlays, with the nodes that get them. */
import type { Placement } from '../../../diagnostics/codes.ts';
import type { Cluster, Node } from '../../cluster.ts';
import { readUnitFile, type UnitFile } from '../../systemd/unit-file.ts';
import { lineOf } from '../entries.ts';
import { placedFiles } from '../files/placed-files.ts';
import type { Facts } from '../rule.ts';
import { extrasOfNodes } from '../files/scripts.ts';

export interface WrittenUnit {
  readonly node: Node;
  /** Of the unit; of a drop-in file, that of the unit which it adds to. */
  readonly name: string;
  readonly unit: UnitFile;
  readonly place: (line: number) => Placement;
}

/** Where systemd looks for units that are not a package's own. @see systemd.unit(5), "Unit file load path" */
export const UNIT_PATH =
  /^\/(?:etc|usr\/local\/lib|usr\/lib|lib)\/systemd\/system\/([^/]+\.[a-z]+?)(\.d\/[^/]+\.conf)?$/;

export function writtenUnits(cluster: Cluster, facts: Facts): readonly WrittenUnit[] {
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
