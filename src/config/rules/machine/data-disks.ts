/** Rules about data disks: each has a name of its own, and mount points that neither the node nor something else needs. */
import type { Location } from '../../../diagnostics/diagnostic.ts';
import { BASE_FOLDERS, EMPTY_AT_BOOT, FOLDER_LINKS } from '../../base-system/files.ts';
import type { Cluster, Node } from '../../cluster.ts';
import { type Facts, repeats, type Rule } from '../rule.ts';
import { isHiddenBy, KEPT, mountsOf } from '../units/mounts.ts';

interface DataMount {
  readonly node: Node;
  readonly mount: string;
  readonly at: Location;
}

const dataMounts = (cluster: Cluster, facts: Facts): readonly DataMount[] =>
  cluster.nodes.flatMap((node) =>
    node.dataDisks.flatMap(({ partitions }, disk) =>
      partitions.map(({ mount }, index) => {
        const at = ['nodes', node.name, 'hardware', 'data_disks', disk, 'partitions', index, 'mount'];
        return { node, mount, at: facts.at(at) };
      }),
    ),
  );

const isIn = (path: string, folder: string): boolean => `${path}/`.startsWith(`${folder}/`);

/** Folders of the first levels that are empty in every image. */
const FREE = new Set(['/media', '/mnt', '/opt', '/srv']);

/** Why the mount point would harm the node, as the end of a sentence. */
function whyTaken(path: string, node: Node): string | undefined {
  const link = Object.keys(FOLDER_LINKS).find((one) => isIn(path, one));
  if (link !== undefined) return `\`${link}\` is a link to \`${FOLDER_LINKS[link] ?? ''}\``;
  const memory = EMPTY_AT_BOOT.find((one) => isIn(path, one));
  if (memory !== undefined) return `the system itself mounts \`${memory}\` at every boot`;
  if (path === '/var') return 'the state disk is mounted there, which `hardware.state_disk` selects';
  if (isHiddenBy(path) || (BASE_FOLDERS.includes(path) && !FREE.has(path))) return 'the image has files there';
  const kept = KEPT.find(([folder, , isKeptBy]) => isKeptBy(node) && (isIn(folder, path) || isIn(path, folder)));
  return kept && `coldstart keeps ${kept[1]} in \`${kept[0]}\`, on the state disk`;
}

const freeMountPoints: Rule = {
  name: 'a data disk is mounted where nothing else is',
  check: (cluster, facts, report) => {
    const mounts = dataMounts(cluster, facts);
    for (const { node, mount: path, at } of mounts) {
      const reason = whyTaken(path, node);
      if (reason !== undefined) report.add('disk/mount-point', { node: node.name, path, reason }, { at });
      const unit = mountsOf(cluster, facts).find((one) => one.node === node && one.where === path);
      if (unit === undefined) continue;
      report.add('disk/mount-point', { node: node.name, path, reason: `\`${unit.name}\` mounts it, too` }, { at });
    }
    for (const { again, first } of repeats(mounts, ({ node, mount }) => `${node.name} ${mount}`)) {
      const { node, mount: path, at } = again;
      const related = [{ message: 'first here', at: first.at }];
      const reason = 'another partition is mounted there';
      report.add('disk/mount-point', { node: node.name, path, reason }, { at, related });
    }
  },
};

const ownNames: Rule = {
  name: 'a data disk has a name of its own',
  check: (cluster, facts, report) => {
    for (const { name: node, dataDisks } of cluster.nodes) {
      const named = dataDisks.map(({ name }, index) => {
        return { name, at: facts.at(['nodes', node, 'hardware', 'data_disks', index, 'name']) };
      });
      for (const { again, first } of repeats(named, ({ name }) => name)) {
        const related = [{ message: 'first here', at: first.at }];
        report.add('disk/repeated-name', { node, name: again.name }, { at: again.at, related });
      }
    }
  },
};

export const dataDiskRules: readonly Rule[] = [freeMountPoints, ownNames];
