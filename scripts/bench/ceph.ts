/**
 * Measures the time of three nodes from power-on to a healthy Ceph cluster without a person, against an expert who
 * starts the same daemons by hand, in the order of the manual, on the same nodes. In containers; needs a root file
 * system with Ceph (`COLDSTART_TEST_CEPH_ROOT`).
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { FileTree } from '../../src/render/tree/tree.ts';
import { cephDefinition, macOf, nameOf } from '../../test/image/ceph/ceph-definition.ts';
import { summaryBy } from '../../test/image/ceph/ceph-life.ts';
import { cephRoot } from '../../test/image/ceph/ceph-root.ts';
import { Rack, treesOf, type RackNode } from '../../test/image/containers/rack.ts';
import { formatSeconds, seconds, type Row } from './measure.ts';

const DEADLINE = 900;
const ENABLED = 'etc/systemd/system/multi-user.target.wants/cluster-ceph.service';

/** Empty without a root file system with Ceph. */
export async function measureCeph(): Promise<Row[]> {
  const root = await cephRoot();
  if (root === null) return [];
  const trees = await treesOf(cephDefinition());
  const own = await inRack(root, trees, (tree) => tree, healthy);
  const byHand = await inRack(root, trees, (tree) => tree.filter(({ path }) => path !== ENABLED), bringUp);
  return [
    {
      what: 'three nodes from power-on to HEALTH_OK (monitors, managers, OSDs, a pool), in containers',
      measured: formatSeconds(own),
      against: `the same daemons by hand, one command after the other: ${formatSeconds(byHand)}`,
      ratio: own / byHand,
      aim: '',
    },
  ];
}

/** Seconds from power-on of three blank nodes to the end of `work`. */
async function inRack(
  root: string,
  trees: ReadonlyMap<string, FileTree>,
  change: (tree: FileTree) => FileTree,
  work: (nodes: readonly RackNode[]) => Promise<void>,
): Promise<number> {
  const rack = new Rack(root);
  try {
    const nodes = [0, 1, 2].map((index) => {
      return rack.add(nameOf(index), macOf(index), change(trees.get(nameOf(index)) ?? []));
    });
    return await seconds(async () => {
      nodes.forEach((node) => {
        node.switchOn();
      });
      await work(nodes);
    });
  } finally {
    await rack.remove();
  }
}

async function healthy([first]: readonly RackNode[]): Promise<void> {
  if (first === undefined) return;
  await until('the cluster is healthy', async () => {
    const { health, monitors, osds, managers, groups } = await summaryBy(first);
    const isWhole = monitors.length === 3 && osds === 3 && managers === 2 && groups.length > 0;
    return health === 'HEALTH_OK' && isWhole && groups.every((group) => group === 'active+clean');
  });
}

/** https://docs.ceph.com/en/reef/install/manual-deployment/, with the keys and the configuration of the images. */
async function bringUp(nodes: readonly RackNode[]): Promise<void> {
  for (const node of nodes) {
    await until(`${node.name} is up`, async () =>
      (await node.steps()).some((step) => step.startsWith('bootstrap done')),
    );
  }
  for (const node of nodes) await type(node, MONITOR);
  const [first] = nodes;
  if (first === undefined) return;
  await until('the monitors agree', async () => (await summaryBy(first)).monitors.length === 3);
  for (const node of nodes.slice(0, 2)) await type(node, MANAGER);
  for (const node of nodes) await type(node, OSD);
  await type(first, 'ceph osd pool create images && ceph osd pool application enable images rbd');
  await healthy(nodes);
}

const MONITOR = `source /etc/cluster-config/ceph.env
name=$(hostname --short) map=/run/monmap
read -r -a names <<<"$CEPH_MONS"; read -r -a addresses <<<"$CEPH_MON_ADDRS"
monmaptool --create --clobber --fsid "$CEPH_FSID" $(for i in 0 1 2; do echo "--addv \${names[$i]} \${addresses[$i]}"; done) $map
chown ceph:ceph $map
ceph-mon --mkfs --id "$name" --monmap $map --keyring /etc/ceph/ceph.mon.keyring --setuser ceph --setgroup ceph
systemctl start "ceph-mon@$name"`;

const MANAGER = `name=$(hostname --short) folder=/var/lib/ceph/mgr/ceph-$(hostname --short)
mkdir -p "$folder"
ceph --name client.bootstrap-mgr --keyring /etc/ceph/ceph.client.bootstrap-mgr.keyring auth get-or-create "mgr.$name" \\
  mon 'allow profile mgr' osd 'allow *' mds 'allow *' >"$folder/keyring"
chown -R ceph:ceph "$folder"
systemctl start "ceph-mgr@$name"`;

const OSD = `cp /etc/ceph/ceph.client.bootstrap-osd.keyring /var/lib/ceph/bootstrap-osd/ceph.keyring
disk=$(readlink --canonicalize /dev/test-osd-1)
ceph-volume raw prepare --bluestore --data "$disk" --no-tmpfs
ceph-volume raw activate --device "$disk" --no-systemd --no-tmpfs
for folder in /var/lib/ceph/osd/ceph-*; do systemctl start "ceph-osd@\${folder##*-}"; done`;

async function type(node: RackNode, commands: string): Promise<void> {
  const { status, stderr } = await node.run('bash', '-euo', 'pipefail', '-c', commands);
  if (status !== 0) throw new Error(`${node.name}: ${stderr}`);
}

async function until(what: string, is: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + DEADLINE * 1000;
  while (!(await is())) {
    if (performance.now() > end) throw new Error(`it took more than ${String(DEADLINE)} s until ${what}`);
    await delay(200);
  }
}
