import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { baseKey } from '../../src/builder/layers/base-layer.ts';
import { DEFAULT_EPOCH } from '../../src/builder/step-context.ts';
import { sha256 } from '../../src/builder/system/digest.ts';
import { baseRecipe } from '../../src/builder/steps/node-build.ts';
import { baseRequest, checkBase, describeBase, formatLock } from '../../src/builder/artifacts/lock-file.ts';
import { readSources } from '../../src/builder/sources.ts';
import { loadCluster } from '../../src/config/load.ts';
import type { Lock } from '../../src/config/files/lock-file.ts';
import { planImages } from '../../src/render/plan/plan.ts';
import { SYSTEM_FOLDER } from '../../src/usecases/installation.ts';
import { temporaryFolder } from '../builder/temporary.ts';
import { webServer } from '../builder/web-server.ts';
import { makeWorld, type World } from '../cli/world.ts';

const PROGRAMS = ['kube-apiserver', 'kube-controller-manager', 'kube-proxy', 'kube-scheduler', 'kubectl', 'kubelet'];
const PACKAGES = 'zlib1g\t1:1.3\tamd64\nadduser\t3.152\tall\n';
const content = (name: string): string => `${name} v1.35.4`;

/** Puts the base layers for the definition into the cache, so that nothing is built. */
async function cacheBases({ folder }: World, packages = PACKAGES): Promise<string[]> {
  const { value } = await loadCluster(join(folder, 'lab'));
  const plan = value && planImages(value, await readSources(SYSTEM_FOLDER, join(folder, 'lab'))).value;
  if (!value || !plan) throw new Error('the definition is not valid');
  const recipes = plan.nodes.map((image) => baseRecipe(value, image.packages, DEFAULT_EPOCH));
  for (const recipe of recipes) {
    const base = join(folder, 'cache/base', await baseKey(recipe), 'boot');
    await mkdir(base, { recursive: true });
    await writeFile(join(base, 'packages.tsv'), packages);
  }
  return recipes.map(baseRequest);
}

async function artifactFolder(names: readonly string[] = PROGRAMS): Promise<string> {
  const folder = await temporaryFolder();
  for (const name of names) await writeFile(join(folder, name), content(name));
  return folder;
}

const lockText = (world: World): Promise<string> => readFile(join(world.folder, 'lab/coldstart.lock.yaml'), 'utf8');

describe('coldstart lock', () => {
  it('pins what lies in a folder, and the packages of the base layers', async () => {
    const world = await makeWorld();
    const [request = ''] = await cacheBases(world);
    const { exitCode, stdout } = await world.run('lock', 'lab', '--artifacts', await artifactFolder());
    expect({ exitCode, stdout: stdout.replace(/^\S*lab\//, 'lab/') }).toEqual({
      exitCode: 0,
      stdout: 'lab/coldstart.lock.yaml: pins 6 artifacts and 1 base layer\n',
    });
    const artifacts = PROGRAMS.map(
      (name) => `  - name: ${name}
    url: https://dl.k8s.io/v1.35.4/bin/linux/amd64/${name}
    sha256: '${sha256(content(name))}'
    size: ${String(content(name).length)}
`,
    ).join('');
    expect(await lockText(world))
      .toBe(`# Written by \`coldstart lock\`; commit it. Pins all downloads of images and nodes: \`build --locked\` accepts nothing else.

version: 1
artifacts:
${artifacts}bases:
  - request: '${request}'
    sha256: '${sha256(PACKAGES)}'
    packages:
      - adduser 3.152 all
      - zlib1g 1:1.3 amd64
`);
  });

  it('downloads from the mirror what lies nowhere, and names upstream in the lock', async () => {
    const files = PROGRAMS.flatMap((name) => {
      const path = `/k8s/v1.35.4/bin/linux/amd64/${name}`;
      return [[path, content(name)] as const, [`${path}.sha256`, sha256(content(name))] as const];
    });
    const server = await webServer(Object.fromEntries(files));
    const world = await makeWorld();
    await world.edit('delivery: first-boot', `delivery: embedded, mirror: '${server.url}/k8s'`);
    await cacheBases(world);
    expect((await world.run('lock', 'lab')).exitCode).toBe(0);
    const fromMirror = await lockText(world);
    expect(server.asked).toHaveLength(12);
    await rm(join(world.folder, 'lab/coldstart.lock.yaml'));
    await world.run('lock', 'lab', '--artifacts', await artifactFolder());
    expect(await lockText(world)).toBe(fromMirror);
    const again = await world.run('lock', 'lab', '--json');
    const product = again.stdout.trimEnd().split('\n').at(-1) ?? '';
    expect(JSON.parse(product)).toMatchObject({ type: 'lock', changed: false, artifacts: 6, bases: 1 });
    expect(server.asked).toHaveLength(12);
  });

  it('pins nothing where the server publishes another digest, and leaves the old file', async () => {
    const path = '/v1.35.4/bin/linux/amd64/kube-apiserver';
    const server = await webServer({ [path]: 'tampered', [`${path}.sha256`]: sha256('original') });
    const world = await makeWorld();
    await world.edit('delivery: first-boot', `delivery: embedded, mirror: '${server.url}'`);
    await expect(world.run('lock', 'lab')).rejects.toMatchObject({ exitCode: 7 });
    await expect(lockText(world)).rejects.toThrow('ENOENT');
  });

  it('pins a manifest by what its server sends, and takes nothing else from then on', async () => {
    const server = await webServer({ '/v1/csi.yaml': 'kind: Namespace\n' });
    const world = await makeWorld();
    await world.edit('delivery: first-boot', `delivery: first-boot, manifests: ['${server.url}/v1/csi.yaml']`);
    await cacheBases(world);
    const folder = await artifactFolder();
    const refused = await world.run('build', 'lab', '--locked', '--dry-run');
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('`manifests/csi.yaml`')]);
    expect((await world.run('lock', 'lab', '--artifacts', folder)).exitCode).toBe(0);
    expect(await lockText(world)).toContain(`  - name: manifests/csi.yaml
    url: ${server.url}/v1/csi.yaml
    sha256: '${sha256('kind: Namespace\n')}'
    size: 16
`);
    expect(server.asked).toEqual(['/v1/csi.yaml']);
    const dry = await world.run('build', 'lab', '--locked', '--dry-run', '--node', 'master-01');
    expect(dry.exitCode).toBe(0);
    expect(dry.stdout).toContain('artifacts   manifests/csi.yaml\n');
    await mkdir(join(folder, 'manifests'));
    await writeFile(join(folder, 'manifests/csi.yaml'), 'tampered');
    await expect(world.run('build', 'lab', '--dry-run', '--artifacts', folder)).rejects.toMatchObject({ exitCode: 7 });
  });

  it('pins each manifest of the drivers for volumes of Ceph, from a server or from a folder', async () => {
    const names = [
      'csidriver',
      'csi-nodeplugin-rbac',
      'csi-provisioner-rbac',
      'csi-rbdplugin-provisioner',
      'csi-rbdplugin',
    ];
    const text = (name: string): string => `# ${name}\n`;
    const files = names.map((name) => [`/deploy/rbd/kubernetes/${name}.yaml`, text(name)] as const);
    const server = await webServer(Object.fromEntries(files));
    const world = await makeWorld();
    const disk = '      state_disk: { serial: disk-1 }\n';
    await world.edit(disk, `${disk}      osd_disks: [{ serial: osd }]\n`);
    await world.edit('roles: [master]', 'roles: [master, ceph-mon, ceph-mgr, ceph-osd]');
    expect((await world.run('build', 'lab')).stderr).toMatch(
      /does not pin (`https:\/\/raw\.githubusercontent\.com\/ceph\/ceph-csi\/v3\.\d+\.\d+\/deploy\/rbd\/kubernetes\/csi[a-z-]*\.yaml`,? ){5}/,
    );
    await world.edit('  users:', `  ceph: { csi_url: '${server.url}/deploy' }\n  users:`);
    await cacheBases(world);
    const folder = await artifactFolder();
    expect((await world.run('lock', 'lab', '--artifacts', folder)).exitCode).toBe(0);
    const pinned = await lockText(world);
    for (const name of names) {
      expect(pinned).toContain(`  - name: manifests/ceph-csi/rbd/${name}.yaml
    url: ${server.url}/deploy/rbd/kubernetes/${name}.yaml
    sha256: '${sha256(text(name))}'
`);
    }
    await mkdir(join(folder, 'manifests/ceph-csi/rbd'), { recursive: true });
    for (const name of names) await writeFile(join(folder, `manifests/ceph-csi/rbd/${name}.yaml`), text(name));
    await rm(join(world.folder, 'lab/coldstart.lock.yaml'));
    await world.run('lock', 'lab', '--artifacts', folder);
    expect(await lockText(world)).toBe(pinned);
    expect(server.asked).toHaveLength(names.length);
  });

  it('says that a folder is none', async () => {
    const { run } = await makeWorld();
    await expect(run('lock', 'lab', '--artifacts', 'nowhere')).rejects.toThrow(
      '--artifacts names `nowhere`, which is not a folder.',
    );
  });
});

describe('a lock that is there', () => {
  it('is read as strictly as the definition', async () => {
    const world = await makeWorld();
    const text = `version: 1
artifacts:
  - { name: kubelet, url: 'https://dl.k8s.io/kubelet', sha256: 'ABC', size: 3 }
bases: []
signed: true
`;
    await writeFile(join(world.folder, 'lab/coldstart.lock.yaml'), text);
    const { exitCode, stderr } = await world.run('check', 'lab');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--> coldstart.lock.yaml:3:');
    expect(stderr).toContain('must be a SHA-256 in 64 lower-case hexadecimal digits');
    expect(stderr).toContain('`signed` is not a setting of the lock');
  });

  it('pins each artifact once: lock/duplicate', async () => {
    const world = await makeWorld();
    const one = { name: 'kubelet', url: null, sha256: 'a'.repeat(64), size: 1 };
    await writeFile(join(world.folder, 'lab/coldstart.lock.yaml'), formatLock({ artifacts: [one, one], bases: [] }));
    const { exitCode, stderr } = await world.run('check', 'lab');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('error lock/duplicate: The lock pins `kubelet` twice.');
    expect(stderr).toContain('--> coldstart.lock.yaml:8:11');
  });

  it('reaches the table that nodes fetch by', async () => {
    const world = await makeWorld();
    await cacheBases(world);
    const table = async (): Promise<string[]> => {
      await world.run('render', 'lab');
      const file = 'out/lab/worker-01/tree/etc/cluster-config/artifacts.tsv';
      return (await readFile(join(world.folder, file), 'utf8')).split('\n');
    };
    const url = 'https://dl.k8s.io/v1.35.4/bin/linux/amd64/kubelet';
    expect((await table())[2]).toBe(`kubelet\t${url}\t-\t0755\t/usr/local/bin/kubelet`);
    await world.run('lock', 'lab', '--artifacts', await artifactFolder());
    expect((await table())[2]).toBe(`kubelet\t${url}\t${sha256(content('kubelet'))}\t0755\t/usr/local/bin/kubelet`);
    await world.edit('1.35.4', '1.35.5');
    expect((await table())[2]).toContain('\t-\t');
  });
});

describe('coldstart build --locked', () => {
  it('stops where something is not pinned: lock/not-locked', async () => {
    const world = await makeWorld();
    await cacheBases(world);
    const { exitCode, stderr } = await world.run('build', 'lab', '--locked', '--dry-run');
    expect(exitCode).toBe(2);
    expect(stderr).toContain(
      'error lock/not-locked: `coldstart.lock.yaml` does not pin `kube-apiserver`, `kube-controller-manager`, `kube-proxy`, `kube-scheduler`, `kubectl`, `kubelet`, the packages of 1 base layer, but `--locked` was given.',
    );
    await world.run('lock', 'lab', '--artifacts', await artifactFolder());
    expect(await world.run('build', 'lab', '--locked', '--dry-run')).toMatchObject({ exitCode: 0, stderr: '' });
    await world.edit('1.35.4', '1.35.5');
    expect((await world.run('build', 'lab', '--locked', '--dry-run')).stderr).toContain('`kubelet`');
  });

  it('stops where a file is not the one that was pinned', async () => {
    const world = await makeWorld();
    await world.edit('first-boot', 'embedded');
    await cacheBases(world);
    const folder = await artifactFolder();
    await world.run('lock', 'lab', '--artifacts', folder);
    await writeFile(join(folder, 'kubectl'), 'tampered v1.35.4');
    await expect(world.run('build', 'lab', '--locked', '--dry-run', '--artifacts', folder)).rejects.toMatchObject({
      exitCode: 7,
    });
  });

  it('stops where a base layer has other packages', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'boot'));
    await writeFile(join(folder, 'boot/packages.tsv'), PACKAGES);
    const recipe = {
      suite: 'trixie',
      packages: ['adduser'],
      components: ['main'],
      mirrors: [],
      compressionLevel: 6,
      epoch: 1,
    };
    const locked: Lock = { artifacts: [], bases: [await describeBase(recipe, folder)] };
    await expect(checkBase(locked, recipe, folder)).resolves.toBeUndefined();
    await writeFile(join(folder, 'boot/packages.tsv'), PACKAGES.replace('3.152', '3.153'));
    await expect(checkBase(locked, recipe, folder)).rejects.toMatchObject({
      exitCode: 7,
      message:
        'The packages of a base layer differ from those in `coldstart.lock.yaml`:\n' +
        '  has adduser 3.153 all\n  lacks adduser 3.152 all',
    });
  });
});

describe('coldstart build without a lock', () => {
  it('applies no manifest from the network: lock/manifest-not-pinned', async () => {
    const world = await makeWorld();
    await world.edit('    dns:', '    cni: calico\n    dns:');
    const { exitCode, stderr } = await world.run('build', 'lab');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('error lock/manifest-not-pinned: ');
    expect(stderr).toMatch(
      /does not pin `https:\/\/raw\.githubusercontent\.com\/projectcalico\/calico\/v3\.\d+\.\d+\/manifests\/calico\.yaml`/,
    );
  });

  it('says what is trusted instead: lock/unpinned; and refuses plain http: lock/needed-for-plain-http', async () => {
    const world = await makeWorld();
    await world.edit('delivery: first-boot', "delivery: first-boot, mirror: 'http://mirror.lab/k8s'");
    const { exitCode, stderr } = await world.run('build', 'lab');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('; the digests that the server publishes beside the programs are trusted.');
    expect(stderr).toContain(
      'error lock/needed-for-plain-http: The nodes would download programs from `http://mirror.lab/k8s` without protection by TLS or by a digest in the lock.',
    );
  });

  it('stops where the images would have to hold what cannot be had', async () => {
    const server = await webServer({});
    const world = await makeWorld();
    await world.edit('delivery: first-boot', `delivery: embedded, mirror: '${server.url}'`);
    await expect(world.run('build', 'lab')).rejects.toMatchObject({
      exitCode: 6,
      message: `Could not download \`${server.url}/v1.35.4/bin/linux/amd64/kube-apiserver.sha256\`: curl: (22) The requested URL returned error: 404.`,
    });
  });
});
