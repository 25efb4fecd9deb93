/** Rules about disks: each is selected once and without ambiguity, and a node that keeps state has a state disk. */
import type { Cluster, DiskSelector, Node } from '../../cluster.ts';
import type { Path } from '../../../diagnostics/path.ts';
import { whyDoubtfulSerial, whyUnfit } from '../../machine/disk-forms.ts';
import { identitiesOf, whyNoDisk } from '../../machine/disk-names.ts';
import { type Rule, asListed, lacksHardware, repeats } from '../rule.ts';
import { hasRole, ROLE_NAMES, ROLES } from '../../roles.ts';

interface NamedDisk {
  readonly node: string;
  readonly disk: DiskSelector;
  readonly isState: boolean;
  readonly path: Path;
  /** The path of the setting, e.g. `hardware.osd_disks[0]`. */
  readonly setting: string;
}

function disksOf({ name, stateDisk, osdDisks, dataDisks }: Node): readonly NamedDisk[] {
  const hardware = ['nodes', name, 'hardware'];
  const state = stateDisk
    ? [{ disk: stateDisk, isState: true, path: [...hardware, 'state_disk'], setting: 'state_disk' }]
    : [];
  const osds = osdDisks.map((disk, index) => {
    return { disk, isState: false, path: [...hardware, 'osd_disks', index], setting: `osd_disks[${index}]` };
  });
  const data = dataDisks.map(({ disk }, index) => {
    const path = [...hardware, 'data_disks', index, 'disk'];
    return { disk, isState: false, path, setting: `data_disks[${index}]` };
  });
  return [...state, ...osds, ...data].map((named) => ({ ...named, node: name }));
}

const allDisks = (cluster: Cluster): readonly NamedDisk[] => cluster.nodes.flatMap(disksOf);

const saysSomething: Rule = {
  name: 'a disk selector says something',
  check: (cluster, facts, report) => {
    for (const { node, disk, path } of allDisks(cluster)) {
      if (Object.values(disk).every((value) => value === null))
        report.add('disk/empty-selector', { node }, { at: facts.at(path) });
    }
  },
};

/** Whether every disk that `narrow` selects is also selected by `wide`. */
function covers(wide: DiskSelector, narrow: DiskSelector): boolean {
  const { minSize, maxSize, ...exact } = wide;
  const isSame = Object.entries(exact).every(
    ([key, value]) => value === null || value === narrow[key as keyof DiskSelector],
  );
  const isAbove = minSize === null || (narrow.minSize !== null && narrow.minSize >= minSize);
  const isBelow = maxSize === null || (narrow.maxSize !== null && narrow.maxSize <= maxSize);
  return isSame && isAbove && isBelow;
}

const wholeDisks: Rule = {
  name: 'a disk selector names a whole disk',
  check: (cluster, facts, report) => {
    for (const { node, disk, path } of allDisks(cluster)) {
      const found = whyNoDisk(disk);
      if (found === undefined) continue;
      const at = facts.at([...path, facts.has([...path, found.key]) ? found.key : 'path']);
      report.add('disk/not-a-disk', { node, name: found.name, reason: found.reason }, { at });
    }
  },
};

const someFits: Rule = {
  name: 'a disk can have what is asked for',
  check: (cluster, facts, report) => {
    for (const { node, disk, path } of allDisks(cluster)) {
      const unfit = whyNoDisk(disk) === undefined ? whyUnfit(disk) : undefined;
      const doubt = unfit === undefined && disk.serial !== null ? whyDoubtfulSerial(disk.serial) : undefined;
      if (unfit !== undefined) report.add('disk/unfit', { node, ...unfit }, { at: facts.at([...path, unfit.key]) });
      if (doubt === undefined || disk.serial === null) continue;
      report.add(
        'disk/odd-serial',
        { node, serial: disk.serial, reason: doubt },
        { at: facts.at([...path, 'serial']) },
      );
    }
  },
};

const oneOwner: Rule = {
  name: 'a disk belongs to one node',
  check: (cluster, facts, report) => {
    const named = asListed(cluster, facts)
      .flatMap(disksOf)
      .flatMap((one) => identitiesOf(one.disk).map((identity) => ({ ...one, identity })));
    for (const { again, first } of repeats(named, ({ identity: { kind, value } }) => `${kind} ${value}`)) {
      // `disk/selected-twice` reports two selectors of one node.
      if (again.node === first.node) continue;
      const { kind, value, isUnique } = again.identity;
      const place = ({ path, identity: { key } }: typeof again) =>
        facts.at([...path, facts.has([...path, key]) ? key : 'path']);
      const values = { node: again.node, other: first.node, kind, value };
      const placement = { at: place(again), related: [{ message: 'first here', at: place(first) }] };
      if (isUnique) report.add('disk/of-two-nodes', values, placement);
      else report.add('disk/same-serial', values, placement);
    }
  },
};

const selectedOnce: Rule = {
  name: 'a disk is selected once',
  check: (cluster, facts, report) => {
    for (const disks of cluster.nodes.map(disksOf)) {
      disks.forEach(({ node, disk, path }, index) => {
        const isEmpty = (one: DiskSelector): boolean => Object.values(one).every((value) => value === null);
        const other = disks
          .slice(0, index)
          .find(
            (one) => !isEmpty(one.disk) && (covers(one.disk, disk) || covers(disk, one.disk) || isSame(one.disk, disk)),
          );
        if (!other || isEmpty(disk)) return;
        const related = [{ message: 'the other', at: facts.at(other.path) }];
        report.add('disk/selected-twice', { node, other: other.setting }, { at: facts.at(path), related });
      });
    }
  },
};

/** Whether two selectors name the same disk. Their other conditions do not matter. */
const isSame = (one: DiskSelector, other: DiskSelector): boolean => {
  const names = identitiesOf(one).map(({ kind, value }) => `${kind} ${value}`);
  return identitiesOf(other).some(({ kind, value }) => names.includes(`${kind} ${value}`));
};

const gib = 1024 ** 3;

/** A boot partition of 512 MiB, two slots of 4 GiB, and the minimum of `/var` for a working node; in bytes. */
const leastStateDisk = 10 * gib;

const rightSizes: Rule = {
  name: 'a disk can have the sizes that are asked for',
  check: (cluster, facts, report) => {
    for (const { node, disk, path, isState } of allDisks(cluster)) {
      const { minSize, maxSize } = disk;
      if (maxSize === null) continue;
      const at = facts.at([...path, 'max_size']);
      if (minSize !== null && minSize > maxSize) report.add('disk/sizes-swapped', { node }, { at });
      if (!isState || maxSize >= leastStateDisk) continue;
      const values = { node, needed: `${leastStateDisk / gib} GiB`, most: `${(maxSize / gib).toFixed(1)} GiB` };
      report.add('disk/too-small', values, { at });
    }
  },
};

const stablePaths: Rule = {
  name: 'a disk is not selected by a name that the kernel gives anew',
  check: (cluster, facts, report) => {
    for (const { node, disk, path } of allDisks(cluster)) {
      if (disk.path === null || /^\/dev\/disk\/by-(?!diskseq)/.test(disk.path) || whyNoDisk(disk) !== undefined)
        continue;
      const isSure = disk.byId !== null || disk.serial !== null || disk.wwn !== null;
      if (!isSure) report.add('disk/unstable-path', { node, path: disk.path }, { at: facts.at([...path, 'path']) });
    }
  },
};

const stateIsKept: Rule = {
  name: 'a node with state has a disk for it',
  check: (cluster, facts, report) => {
    for (const node of cluster.nodes.filter(({ stateDisk }) => stateDisk === null)) {
      if (lacksHardware(facts, node)) continue;
      const { name, roles } = node;
      const at = facts.at(['nodes', name, 'hardware']);
      const role = ROLE_NAMES.find((own) => roles.includes(own) && ROLES[own].state !== null);
      if (role) report.add('disk/no-state-disk', { node: name, role, what: ROLES[role].state ?? '' }, { at });
      else if (cluster.image.install) report.add('disk/install-without-disk', { node: name }, { at });
      else if (roles.length > 0) report.add('disk/volatile-worker', { node: name }, { at });
    }
  },
};

const osdDisksFit: Rule = {
  name: 'nodes with OSDs have disks for them, and others have not',
  check: (cluster, facts, report) => {
    for (const node of cluster.nodes) {
      const { name, roles, osdDisks } = node;
      const isOsd = hasRole({ roles }, 'ceph-osd');
      const at = facts.at(['nodes', name, 'hardware', 'osd_disks']);
      if (isOsd && osdDisks.length === 0 && !lacksHardware(facts, node))
        report.add('disk/no-osd-disks', { node: name }, { at: facts.at(['nodes', name, 'roles']) });
      if (!isOsd && osdDisks.length > 0) report.add('disk/osd-disks-unused', { node: name }, { at });
    }
  },
};

export const diskRules: readonly Rule[] = [
  saysSomething,
  wholeDisks,
  someFits,
  oneOwner,
  selectedOnce,
  rightSizes,
  stablePaths,
  stateIsKept,
  osdDisksFit,
];
