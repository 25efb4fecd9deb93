/**
 * A running node of real Kubernetes and Ceph gets the next minor version of Kubernetes, and another containerd with it, by one call of
 * `coldstart update`: no object is lost, its pods come back, and their volume holds what it held. `COLDSTART_ARTIFACTS` has the programs and
 * images of one minor version, `COLDSTART_ARTIFACTS_NEXT` those of the next. With ceph-csi's manifests and images in both, a pod has a volume
 * from Ceph; without them, that part is skipped.
 */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blankDisk } from '../boot/blank-disk.ts';
import { folderOfFile, LOGS, missing } from '../boot/environment.ts';
import { ARTIFACTS, kubernetesOf, NEXT_ARTIFACTS, versionOf } from '../image/build/artifact-folder.ts';
import { PATIENCE } from '../image/containers/rack.ts';
import { makeInstalledDisk } from '../install/installed-disk.ts';
import { eventually, pauseImage } from '../machines/kubernetes.ts';
import { InstalledNode } from './installed-node.ts';

const hasArtifacts = ARTIFACTS !== '' && NEXT_ARTIFACTS !== '';
const needsArtifacts = hasArtifacts ? '' : ' (needs COLDSTART_ARTIFACTS and COLDSTART_ARTIFACTS_NEXT)';
const hasDrivers = [ARTIFACTS, NEXT_ARTIFACTS].every((folder) => existsSync(join(folder, 'manifests/ceph-csi')));
const needsDrivers = hasDrivers ? '' : ' (needs manifests/ceph-csi in both folders)';

const [NODE, IP, MAC] = ['both-01', '192.168.50.11', '52:54:00:12:53:01'];
const OSDS = ['osd-1', 'osd-2'];
const MANIFESTS = join(import.meta.dirname, '../machines');
/** Seconds; one emulated machine that does the work of three, on whatever else is busy. */
const FORMATION = PATIENCE * 2400;
const PODS = PATIENCE * 1200;

/** Kinds of objects that are made for a while. */
const FLEETING = /^(Event|CertificateSigningRequest|Lease) /;
/** The update brings another version of CoreDNS, so its pods are others, on purpose. */
const RENEWED = /^(Pod|ReplicaSet|ControllerRevision) kube-system coredns-/;

const OWN = [
  {
    ...{ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' },
    metadata: { name: 'things.lab.example' },
    spec: {
      ...{ group: 'lab.example', scope: 'Namespaced', names: { plural: 'things', kind: 'Thing' } },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  },
  { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'before' }, stringData: { word: 'kept' } },
  ...Array.from({ length: 40 }, (_, index) => ({
    ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `before-${String(index)}` } },
    data: { number: String(index) },
  })),
];
const THING = { apiVersion: 'lab.example/v1', kind: 'Thing', metadata: { name: 'before' } };

const folder = folderOfFile('minor-update');

describe.skipIf(missing.length > 0 || !hasArtifacts)(
  `an installed node gets the next minor version of Kubernetes${missing.join('')}${needsArtifacts}`,
  () => {
    let node: InstalledNode;
    let objects: readonly string[] = [];
    let digests: readonly string[] = [];

    const define = async (artifacts: string): Promise<void> => {
      const [networking, state] = [{ node_cidr: '192.168.50.0/24', gateway: '192.168.50.1' }, { serial: 'state' }];
      await node.write({
        cluster: {
          ...{ name: 'both', networking, users: [node.user] },
          image: { install: true, formats: ['iso', 'update'] },
          kubernetes: await kubernetesOf(artifacts),
          ceph: { failure_domain: 'osd', replicas: 2, osd_memory_target: '1G', csi: hasDrivers },
        },
        nodes: [
          {
            ...{ name: NODE, ip: IP, roles: ['master', 'worker', 'ceph-mon', 'ceph-mgr', 'ceph-osd'] },
            kernel_args: ['coldstart.try_wait=2700'],
            hardware: { mac_addresses: [MAC], state_disk: state, osd_disks: OSDS.map((serial) => ({ serial })) },
          },
        ],
      });
    };

    const kubectl = (words: string, input?: string): Promise<string> =>
      node.run(`sudo kubectl --kubeconfig /etc/kubernetes/admin.conf ${words}`, 'key', input);
    const apply = (manifest: string): Promise<string> => kubectl('apply --server-side --validate=false -f -', manifest);
    const applyFile = async (name: string): Promise<string> => {
      const text = await readFile(join(MANIFESTS, name), 'utf8');
      return apply(text.replaceAll('registry.k8s.io/pause:VERSION', await pauseImage()));
    };

    /** What the API server lists, a line for each object: kind, namespace, name, identity. */
    const listObjects = async (): Promise<string[]> => {
      const kinds = (await kubectl('api-resources --verbs=list --output=name')).trim().split('\n').join(',');
      const columns = 'custom-columns=:.kind,:.metadata.namespace,:.metadata.name,:.metadata.uid';
      const text = await kubectl(`get ${kinds} --all-namespaces --no-headers --output=${columns}`);
      const lines = text.trim().split('\n').map((line) => line.replace(/\s+/g, ' ').trim()); // prettier-ignore
      return lines.filter((line) => !FLEETING.test(line) && !RENEWED.test(line)).sort();
    };
    const unreadyPods = async (): Promise<string[]> => {
      const condition = '{.status.conditions[?(@.type=="Ready")].status}';
      const row = `{range .items[*]}{.metadata.namespace}/{.metadata.name} ${condition}{"\\n"}{end}`;
      const lines = (await kubectl(`get pods --all-namespaces --output='jsonpath=${row}'`)).trim().split('\n');
      return lines.filter((line) => !line.endsWith(' True'));
    };
    const cephSummary = (): Promise<string> =>
      node.run(`sudo timeout 60 ceph status -f json | jq -r '"\\(.health.status), \\(.osdmap.num_up_osds) OSDs up"'`);
    const rados = 'sudo timeout 120 rados --pool kubernetes';
    const inVolume = (command: string): Promise<string> =>
      kubectl(`--namespace default exec deployment/keeper -- ${command}`);
    /** Of what the pod has written to its volume, and of an object of Ceph. */
    const readDigests = async (): Promise<string[]> => [
      await node.run(`${rados} get proof - | sha256sum`),
      ...(hasDrivers ? [await eventually(PODS, () => inVolume('/usr/bin/sha256sum /kept/proof'), () => true)] : []), // prettier-ignore
    ];

    const expectWhole = async (): Promise<void> => {
      expect(await node.statusWithin(FORMATION)).toMatchObject({
        exitCode: 0,
        state: 'good',
        healthy: true,
        problem: null,
      });
      expect(await eventually(FORMATION, cephSummary, (is) => is === 'HEALTH_OK, 2 OSDs up')).toBe(
        'HEALTH_OK, 2 OSDs up',
      );
      expect(await eventually(PODS, unreadyPods, (pods) => pods.length === 0)).toEqual([]);
    };
    const versions = (): Promise<string> =>
      kubectl(`get nodes --output='jsonpath={.items[*].status.nodeInfo.kubeletVersion}'`);
    const containerd = (): Promise<string> =>
      kubectl(`get nodes --output='jsonpath={.items[*].status.nodeInfo.containerRuntimeVersion}'`);

    beforeAll(async () => {
      node = new InstalledNode({ folder: folder(), cluster: 'both', name: NODE, ip: IP, mac: MAC });
      await node.prepare();
      await define(ARTIFACTS);
      await node.build('--artifacts', ARTIFACTS);
    });
    afterAll(() => node.remove());

    it('forms Kubernetes and Ceph from its disk', async () => {
      const osds = OSDS.map(async (serial) => ({
        ...{ serial, path: await blankDisk(join(folder(), `${serial}.qcow2`)), format: 'qcow2' as const },
      }));
      const disk = join(folder(), 'state.raw');
      await makeInstalledDisk(node.image, disk);
      await node.switchOn(disk, { memory: 5120, disks: await Promise.all(osds), log: join(LOGS, 'minor-update.log') });
      await expectWhole();
      expect(await versions()).toBe(`v${await versionOf(ARTIFACTS)}`);
    });

    it('runs pods, and keeps what its user gives it', async () => {
      await apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: OWN }));
      await eventually(PODS, () => apply(JSON.stringify(THING)), () => true); // prettier-ignore
      await applyFile('probe.yaml');
      await kubectl(`rollout status daemonset/probe --timeout=${String(PODS)}s`);
      await node.run(`head -c 4M /dev/urandom | ${rados} put proof -`);
    });

    it.skipIf(!hasDrivers)(`gives a pod a volume from Ceph${needsDrivers}`, async () => {
      await applyFile('volume.yaml');
      await kubectl(`--namespace default rollout status deployment/keeper --timeout=${String(PODS)}s`);
      expect(await inVolume('/usr/bin/findmnt --noheadings --output SOURCE,FSTYPE /kept')).toMatch(
        /^\/dev\/rbd0 +ext4/,
      );
    });

    it('comes to the next minor version by one command', async () => {
      await expectWhole();
      [objects, digests] = [await listObjects(), await readDigests()];
      const before = await containerd();
      const snapshots = 'sudo find /var/lib/etcd-snapshots -type f -newermt';
      const began = (await node.run('date --iso-8601=seconds')).trim();
      await define(NEXT_ARTIFACTS);
      const { exitCode, stdout, stderr } = await node.update('--artifacts', NEXT_ARTIFACTS);
      await writeFile(join(LOGS, 'minor-update.txt'), stdout + stderr);
      expect([exitCode, stdout + stderr]).toEqual([0, expect.stringContaining(`${NODE}: restart; release 1 → 2`)]);
      expect(await node.status()).toMatchObject({ exitCode: 0, state: 'good', slot: 'B', release: 2, current: true });
      expect(await node.run(`${snapshots} '${began}'`)).not.toBe('');
      expect([await versions(), await containerd()]).toEqual([
        `v${await versionOf(NEXT_ARTIFACTS)}`,
        expect.not.stringMatching(before),
      ]);
    });

    it('has lost nothing', async () => {
      await expectWhole();
      const after = new Set(await listObjects());
      expect(objects.filter((line) => !after.has(line))).toEqual([]);
      expect(await readDigests()).toEqual(digests);
      expect(await kubectl(`get secret before --output='jsonpath={.data.word}'`)).toBe(
        Buffer.from('kept').toString('base64'),
      );
    });

    it.skipIf(!hasDrivers)(`has let the pod write to its volume until it ended${needsDrivers}`, async () => {
      expect(await inVolume('/usr/bin/cat /kept/ended')).toBe('ended');
    });
  },
);
