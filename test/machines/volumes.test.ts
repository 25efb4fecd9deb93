/**
 * Kubernetes and Ceph on the same machines, from real images: both start in parallel, without a login, and a pod gets a
 * volume from Ceph. Needs an artifact folder with ceph-csi's manifests and the images in them. Every node gets a copy
 * of that folder, so it is separate from the folder of the other tests.
 */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ARTIFACTS, kubernetesOf, needsArtifacts } from '../image/build/artifact-folder.ts';
import { folderOfFile, missing } from '../boot/environment.ts';
import { logIn, type Shell } from '../boot/shell.ts';
import { Cluster, eventually } from './kubernetes.ts';
import { attach, runLab, TESTER, type Console } from './lab.ts';

/** Seconds; two emulated machines on whatever else is busy. */
const FORMATION = 2400;
const VOLUME = 840;

const VOLUME_MANIFEST = join(import.meta.dirname, 'volume.yaml');
const hasDrivers = existsSync(join(ARTIFACTS, 'manifests/ceph-csi'));
const needsDrivers = hasDrivers ? '' : ' (needs manifests/ceph-csi in COLDSTART_ARTIFACTS)';

const folder = folderOfFile('volumes');
const lab = (...words: readonly string[]) => runLab(folder(), ...words);
const nodes = [
  { name: 'both-01', roles: ['master', 'ceph-mon', 'ceph-mgr', 'ceph-osd'] },
  { name: 'both-02', roles: ['worker', 'ceph-osd'] },
];

const definition = (kubernetes: object): string =>
  stringify({
    cluster: {
      name: 'both',
      networking: {
        ...{ node_cidr: '192.168.50.0/24', gateway: '192.168.50.1', dns: ['192.168.50.1'], ntp: ['192.168.50.1'] },
        ...{ pod_cidr: '10.244.0.0/16', service_cidr: '10.96.0.0/12' },
      },
      users: [TESTER],
      kubernetes,
      ceph: { osd_memory_target: '1G' },
    },
    nodes: nodes.map(({ name, roles }, index) => ({
      ...{ name, roles, ip: `192.168.50.${String(11 + index)}` },
      hardware: {
        mac_addresses: [`52:54:00:12:51:0${String(index + 1)}`],
        state_disk: { serial: `state-${String(index + 1)}` },
        osd_disks: [{ serial: `osd-${String(index + 1)}` }],
      },
    })),
  });

describe.skipIf(missing.length > 0 || ARTIFACTS === '' || !hasDrivers)(
  `Kubernetes and Ceph on the same machines${missing.join('')}${needsArtifacts}${needsDrivers}`,
  () => {
    let cluster: Cluster;
    const consoles: Console[] = [];
    let onMaster: Shell;
    let boots: readonly string[] = [];
    let kept = '';

    /** Kubernetes' nodes are ready, in a life that was not seen before, and Ceph is healthy. */
    const expectBoth = async (): Promise<void> => {
      const anew = (node: { ready: boolean; boot: string }): boolean => node.ready && !boots.includes(node.boot);
      const found = await eventually(
        FORMATION,
        () => cluster.nodes(),
        (all) => all.length === nodes.length && all.every(anew),
      );
      expect(found.map((node) => [node.name, anew(node)])).toEqual(nodes.map(({ name }) => [name, true]));
      boots = found.map(({ boot }) => boot);
      const [master] = consoles;
      if (master !== undefined) onMaster = await logIn(master, TESTER.name, 'console');
      const summary = `sudo timeout 60 ceph status -f json | jq -r '"\\(.health.status), \\(.osdmap.num_up_osds) OSDs up"'`;
      const ceph = await eventually(
        FORMATION,
        () => onMaster(summary, 120),
        (is) => is === 'HEALTH_OK, 2 OSDs up',
      );
      expect(ceph).toBe('HEALTH_OK, 2 OSDs up');
    };

    const keeper = (...command: readonly string[]): Promise<string> =>
      cluster.kubectl('exec', 'deployment/keeper', '--', ...command);
    const digest = async (): Promise<string> => {
      const tries = () => keeper('/usr/bin/sha256sum', '/kept/proof').catch(String);
      return eventually(VOLUME, tries, (answer) => /^[0-9a-f]{64} /.test(answer));
    };

    beforeAll(async () => {
      await mkdir(join(folder(), 'definition'));
      await writeFile(join(folder(), 'definition/cluster.yaml'), definition(await kubernetesOf(ARTIFACTS)));
      await mkdir(join(folder(), 'run'));
      await lab('up', 'definition', '--no-wait', '--memory', '5120', '--for', '3h', '--artifacts', ARTIFACTS);
      for (const index of nodes.keys()) consoles.push(await attach(folder(), 'both', index));
      cluster = new Cluster(join(folder(), 'out/both/lab/kubeconfig'));
    });

    afterAll(() => lab('down'));

    it('are both, from power-on, with nobody logged in', async () => {
      await expectBoth();
    });

    it('give a pod a volume', async () => {
      await cluster.applyFile(VOLUME_MANIFEST);
      await cluster.kubectl('rollout', 'status', 'deployment/keeper', `--timeout=${String(VOLUME)}s`);
      expect(await keeper('/usr/bin/findmnt', '--noheadings', '--output', 'SOURCE,FSTYPE', '/kept')).toMatch(
        /^\/dev\/rbd0 +ext4$/,
      );
      kept = await digest();
      expect((await onMaster('sudo rbd ls kubernetes', 120)).split('\n')).toHaveLength(1);
    });

    it('keep what is in it when both are rebooted', async () => {
      const [, worker] = consoles;
      if (worker !== undefined) await logIn(worker, TESTER.name, 'console');
      for (const at of consoles) at.type('sudo systemctl reboot\n'); // nobody is there any more to say that it was done
      await expectBoth();
      expect(await digest()).toBe(kept);
    });

    it('remove it from Ceph when the claim is deleted', async () => {
      await cluster.kubectl('delete', '-f', VOLUME_MANIFEST, `--timeout=${String(VOLUME)}s`);
      const left = await eventually(
        VOLUME,
        () => onMaster('sudo rbd ls kubernetes', 120),
        (images) => images === '',
      );
      expect(left).toBe('');
    });
  },
);
