import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { cachedArtifact, download, knownDigest, publishedDigest } from '../../src/builder/artifacts/download.ts';
import { artifactKey, buildArtifactLayer } from '../../src/builder/layers/artifact-layer.ts';
import { findArtifacts } from '../../src/builder/artifacts/artifacts.ts';
import type { LayerFile } from '../../src/builder/artifacts/layer-file.ts';
import { sha256, sha256File } from '../../src/builder/system/digest.ts';
import { listSquashfs } from '../../src/builder/layers/squashfs.ts';
import { allPrograms, programsOf, runtimeOf } from '../../src/config/artifacts.ts';
import type { Cluster } from '../../src/config/cluster.ts';
import { cluster, node } from '../render/cluster.ts';
import { temporaryFolder } from './temporary.ts';
import { webServer } from './web-server.ts';

const MASTER = ['kube-apiserver', 'kube-controller-manager', 'kube-proxy', 'kube-scheduler', 'kubectl', 'kubelet'];
const WORKER = ['kube-proxy', 'kubectl', 'kubelet'];
const upstream = (name: string): string => `https://dl.k8s.io/v1.35.4/bin/linux/amd64/${name}`;

const embedded = (of: Partial<Cluster> = {}): Cluster => {
  const base = cluster();
  return { ...base, kubernetes: { ...base.kubernetes, delivery: 'embedded' }, ...of };
};
const pinned = (name: string, digest: string, url: string | null = upstream(name)): Pick<Cluster, 'lock'> => ({
  lock: { artifacts: [{ name, url, sha256: digest, size: 1 }], bases: [] },
});
const digestOf = (name: string): string => sha256(`${name} v1.35.4\n`);

/** A folder as `--artifacts` takes it, with programs that say their version. */
async function artifactFolder(version = '1.35.4'): Promise<string> {
  const folder = await temporaryFolder();
  for (const name of MASTER) await writeFile(join(folder, name), `${name} v${version}\n`);
  return folder;
}

async function step() {
  const lines: string[] = [];
  const report = (line: string): void => void lines.push(line);
  return { cacheDir: await temporaryFolder(), signal: undefined, report, lines };
}

const nobody = (): Promise<null> => Promise.resolve(null);
const find = (
  of: Cluster,
  folder: string | null,
  lookUp: (program: { name: string }) => Promise<string | null> = nobody,
) => findArtifacts(of, { configDir: '/nowhere', folder, locked: false }, lookUp);

describe('what a node needs', () => {
  it('are six programs on a master, three on a worker, none on a node for storage alone', () => {
    const of = cluster();
    const names = (roles: Parameters<typeof node>[2]): string[] =>
      programsOf(of, node('one', 1, roles)).map(({ name }) => name);
    expect(names({ roles: ['master', 'worker'] })).toEqual(MASTER);
    expect(names({ roles: ['worker', 'ceph-osd'] })).toEqual(WORKER);
    expect(names({ roles: ['ceph-mon', 'ceph-osd'] })).toEqual([]);
  });

  it('comes from upstream or the mirror, and has its digest from the lock for this version alone', () => {
    const of = { ...cluster(), ...pinned('kubelet', 'a'.repeat(64)) };
    const mirrored = { ...of, kubernetes: { ...of.kubernetes, mirror: 'http://mirror.lab/k8s' } };
    const newer = { ...of, kubernetes: { ...of.kubernetes, version: '1.35.5' } };
    const kubelet = (one: Cluster) => allPrograms(one).find(({ name }) => name === 'kubelet');
    expect(kubelet(of)).toEqual({
      ...{ digestUrl: `${upstream('kubelet')}.sha256`, marker: 'v1.35.4' },
      installs: [{ path: 'usr/local/bin/kubelet', member: null }],
      ...{ name: 'kubelet', upstream: upstream('kubelet'), url: upstream('kubelet'), sha256: 'a'.repeat(64) },
    });
    expect(kubelet(mirrored)?.url).toBe('http://mirror.lab/k8s/v1.35.4/bin/linux/amd64/kubelet');
    expect(kubelet(mirrored)?.sha256).toBe('a'.repeat(64));
    expect(kubelet(newer)?.sha256).toBeNull();
  });
});

const CONTAINERD = 'containerd-2.3.4-linux-amd64.tar.gz';
/** With upstream's containerd. */
const upstreamRuntime = (of: Cluster, mirror = 'https://github.com'): Cluster => ({
  ...of,
  kubernetes: {
    ...of.kubernetes,
    containerd: { source: 'upstream', version: '2.3.4', runcVersion: '1.4.3', mirror, config: null },
  },
});

describe("upstream's containerd", () => {
  it('is an archive and a program, with their digests where upstream publishes them', () => {
    const of = { ...upstreamRuntime(cluster(), 'http://mirror.lab'), ...pinned('runc.amd64', 'a'.repeat(64), null) };
    const releases = 'containerd/containerd/releases/download/v2.3.4';
    expect(runtimeOf(of, { roles: ['worker'] })).toMatchObject([
      {
        ...{ name: CONTAINERD, upstream: `https://github.com/${releases}/${CONTAINERD}`, sha256: null },
        url: `http://mirror.lab/${releases}/${CONTAINERD}`,
        digestUrl: `http://mirror.lab/${releases}/${CONTAINERD}.sha256sum`,
      },
      {
        ...{ name: 'runc.amd64', marker: '1.4.3', sha256: null },
        digestUrl: 'http://mirror.lab/opencontainers/runc/releases/download/v1.4.3/runc.sha256sum',
      },
    ]);
    expect(runtimeOf(of, { roles: ['ceph-osd'] })).toEqual([]);
    expect(runtimeOf(cluster(), { roles: ['worker'] })).toEqual([]);
  });

  it('is in the image also when the nodes fetch the programs of Kubernetes', async () => {
    const found = await find(upstreamRuntime(cluster()), await artifactFolder(), ({ name }) => Promise.resolve(name));
    expect(found?.get('worker-01')?.map(({ path, member, sha256: digest }) => [path, member, digest])).toEqual([
      ['usr/local/bin/containerd', 'bin/containerd', CONTAINERD],
      ['usr/local/bin/containerd-shim-runc-v2', 'bin/containerd-shim-runc-v2', CONTAINERD],
      ['usr/local/bin/ctr', 'bin/ctr', CONTAINERD],
      ['usr/local/bin/runc', undefined, 'runc.amd64'],
    ]);
  });
});

describe('the artifacts of an image', () => {
  it('are the programs of its roles, from the folder', async () => {
    const folder = await artifactFolder();
    const found = await find(embedded(), folder);
    expect(found?.get('master-01')?.map(({ name }) => name)).toEqual(MASTER);
    expect(found?.get('worker-01')).toEqual(
      WORKER.map((name) => ({
        ...{ name, path: `usr/local/bin/${name}`, mode: 0o755, sha256: digestOf(name) },
        source: { file: join(folder, name) },
      })),
    );
  });

  it('are none when the nodes fetch them', async () => {
    const found = await find(cluster(), await artifactFolder());
    expect([...(found ?? [])]).toEqual([
      ['master-01', []],
      ['worker-01', []],
      ['worker-02', []],
    ]);
  });

  it('have the digest that the lock or the server tells, where no file is at hand', async () => {
    const of = embedded(pinned('kubelet', 'b'.repeat(64)));
    const found = await find(of, null, ({ name }) => Promise.resolve(`asked for ${name}`));
    expect(found?.get('worker-01')?.map(({ name, sha256: digest }) => [name, digest])).toEqual([
      ['kube-proxy', 'asked for kube-proxy'],
      ['kubectl', 'asked for kubectl'],
      ['kubelet', 'b'.repeat(64)],
    ]);
    expect(await find(of, null)).toBeNull();
  });

  it('are not those of another version, nor others than the lock says', async () => {
    const folder = await artifactFolder('1.35.6');
    await expect(find(embedded(), folder)).rejects.toMatchObject({
      exitCode: 7,
      message: `\`${folder}/kube-apiserver\` does not contain the text \`v1.35.4\`, the configured version: it is another version.`,
    });
    const right = await artifactFolder();
    await expect(find(embedded(pinned('kubelet', 'c'.repeat(64))), right)).rejects.toMatchObject({
      exitCode: 7,
      message: `\`kubelet\` from \`${right}/kubelet\` has the wrong content: its SHA-256 is ${digestOf('kubelet')} instead of ${'c'.repeat(64)}.`,
    });
  });

  it('include the images of the configuration and of the folder, on nodes that run pods', async () => {
    const folder = await artifactFolder();
    const configDir = await temporaryFolder();
    await mkdir(join(folder, 'images'));
    await writeFile(join(folder, 'images/coredns.tar'), 'dns');
    await writeFile(join(folder, 'images/README'), 'not an image');
    await writeFile(join(configDir, 'app.tar'), 'app');
    const base = embedded();
    const of = {
      ...base,
      kubernetes: { ...base.kubernetes, images: ['app.tar'] },
      nodes: [...base.nodes, node('store-01', 4, { roles: ['ceph-osd'] })],
    };
    const found = await findArtifacts(of, { configDir, folder, locked: false }, nobody);
    const images = (name: string) => found?.get(name)?.filter(({ path }) => path.includes('images'));
    expect(images('worker-01')?.map(({ name, path }) => [name, path])).toEqual([
      ['app.tar', `usr/share/coldstart/images/${sha256('app').slice(0, 12)}-app.tar`],
      ['addon-images/coredns.tar', `usr/share/coldstart/images/${sha256('dns').slice(0, 12)}-coredns.tar`],
    ]);
    expect(found?.get('store-01')).toEqual([]);
    const elsewhere = { ...of, ...pinned('app.tar', 'd'.repeat(64), null) };
    await expect(findArtifacts(elsewhere, { configDir, folder, locked: false }, nobody)).rejects.toMatchObject({
      exitCode: 7,
    });
  });

  it('include the manifests that are downloaded, on masters alone, also when the nodes fetch the programs', async () => {
    const url = 'https://files.example/v1/csi.yaml';
    const base = cluster();
    const manifests = [{ name: 'csi.yaml', url, content: null }];
    const of: Cluster = { ...base, kubernetes: { ...base.kubernetes, manifests } };
    expect(await find(of, null)).toBeNull();
    const locked = { ...of, ...pinned('manifests/csi.yaml', 'f'.repeat(64), url) };
    const place = { name: 'manifests/csi.yaml', path: 'etc/kubernetes/addons/50-01-csi.yaml', mode: 0o600 };
    const found = await find(locked, null);
    expect(found?.get('master-01')).toEqual([{ ...place, sha256: 'f'.repeat(64), source: { url } }]);
    expect(found?.get('worker-01')).toEqual([]);
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'manifests'));
    const file = join(folder, 'manifests/csi.yaml');
    await writeFile(file, 'kind: Namespace\n');
    const sha = sha256('kind: Namespace\n');
    expect((await find(of, folder))?.get('master-01')).toEqual([{ ...place, sha256: sha, source: { file } }]);
    await expect(find(locked, folder)).rejects.toMatchObject({ exitCode: 7 });
  });

  it('are missed when the lock names an image that is not there', async () => {
    const of = embedded(pinned('addon-images/coredns.tar', 'e'.repeat(64), null));
    await expect(find(of, await artifactFolder())).rejects.toMatchObject({
      exitCode: 4,
      message: 'Could not find `addon-images/coredns.tar`, named in the lock.',
    });
  });
});

describe('a download', () => {
  it('is kept by its digest and fetched once', async () => {
    const server = await webServer({ '/kubelet': 'the kubelet' });
    const place = await step();
    const of = { name: 'kubelet', url: `${server.url}/kubelet` };
    const digest = sha256('the kubelet');
    const path = await download(of, digest, place);
    expect(path).toBe(cachedArtifact(place.cacheDir, digest));
    expect(await readFile(path, 'utf8')).toBe('the kubelet');
    await download(of, digest, place);
    expect(server.asked).toEqual(['/kubelet']);
    expect(place.lines).toEqual([
      `kubelet: downloading ${server.url}/kubelet`,
      'kubelet: 11 bytes, the digest is right',
    ]);
  });

  it('with another digest stops the build, names both, and leaves nothing', async () => {
    const server = await webServer({ '/kubelet': 'something else' });
    const place = await step();
    const url = `${server.url}/kubelet`;
    await expect(download({ name: 'kubelet', url }, 'f'.repeat(64), place)).rejects.toMatchObject({
      exitCode: 7,
      message: `\`kubelet\` from \`${url}\` has the wrong content: its SHA-256 is ${sha256('something else')} instead of ${'f'.repeat(64)}.`,
    });
    expect(await readdir(join(place.cacheDir, 'artifact'))).toEqual([]);
  });

  it('that fails says what to do', async () => {
    const server = await webServer({});
    const place = await step();
    await expect(download({ name: 'kubelet', url: `${server.url}/no` }, 'f'.repeat(64), place)).rejects.toMatchObject({
      exitCode: 6,
      message: `Could not download \`${server.url}/no\`: curl: (22) The requested URL returned error: 404.`,
      hint: 'name a folder with the files by --artifacts, or set kubernetes.mirror; see docs/ARTIFACTS.md',
    });
  });

  it('takes the proxy of the environment', async () => {
    const proxy = await webServer({ 'http://upstream.invalid/kubelet': 'through the proxy' });
    vi.stubEnv('http_proxy', proxy.url);
    vi.stubEnv('no_proxy', '');
    const of = { name: 'kubelet', url: 'http://upstream.invalid/kubelet' };
    const path = await download(of, sha256('through the proxy'), await step());
    vi.unstubAllEnvs();
    expect(await readFile(path, 'utf8')).toBe('through the proxy');
  });

  it('is interrupted with the build', async () => {
    const server = await webServer({ '/kubelet': 'the kubelet' });
    const abort = AbortSignal.abort(new Error('interrupted'));
    const place = { ...(await step()), signal: abort };
    const of = { name: 'kubelet', url: `${server.url}/kubelet` };
    await expect(download(of, sha256('the kubelet'), place)).rejects.toThrow('interrupted');
    expect(server.asked).toEqual([]);
  });
});

describe('the digest that is published beside a program', () => {
  it.each([
    ['alone, as upstream does', `${'1'.repeat(64)}`],
    ['with the name, as sha256sum does', `${'1'.repeat(64)}  kubelet\n`],
  ])('may stand there %s, and is asked for once', async (_, text) => {
    const server = await webServer({ '/kubelet.sha256': text });
    const place = await step();
    const of = { name: 'kubelet', digestUrl: `${server.url}/kubelet.sha256`, upstream: 'upstream' };
    expect(await knownDigest('upstream', place.cacheDir)).toBeNull();
    expect(await publishedDigest(of, place)).toBe('1'.repeat(64));
    expect(await publishedDigest(of, place)).toBe('1'.repeat(64));
    expect(await knownDigest('upstream', place.cacheDir)).toBe('1'.repeat(64));
    expect(server.asked).toEqual(['/kubelet.sha256']);
  });

  it('may be the page of a captive portal', async () => {
    const server = await webServer({ '/kubelet.sha256': '<html>Please log in</html>' });
    const digestUrl = `${server.url}/kubelet.sha256`;
    await expect(
      publishedDigest({ name: 'kubelet', digestUrl, upstream: 'upstream' }, await step()),
    ).rejects.toMatchObject({ exitCode: 6, message: `\`${digestUrl}\` contains no SHA-256 of \`kubelet\`.` });
  });

  it('may stand among those of other files, as runc does', async () => {
    const lines = [`${'1'.repeat(64)} *runc.arm64`, `${'2'.repeat(64)} *runc.amd64`, '-----BEGIN PGP SIGNATURE-----'];
    const server = await webServer({ '/runc.sha256sum': lines.join('\n') });
    const of = { digestUrl: `${server.url}/runc.sha256sum`, upstream: 'upstream' };
    const place = await step();
    expect(await publishedDigest({ ...of, name: 'runc.amd64' }, place)).toBe('2'.repeat(64));
    expect(await knownDigest('upstream', place.cacheDir)).toBe('2'.repeat(64));
    await expect(publishedDigest({ ...of, name: 'runc.riscv64', upstream: 'other' }, place)).rejects.toMatchObject({
      exitCode: 6,
    });
  });
});

describe('an artifact layer', () => {
  async function files(folder: string): Promise<LayerFile[]> {
    const found = await find(embedded(), folder);
    return [...(found?.get('worker-01') ?? [])];
  }

  it('has the key of its content, wherever that comes from', async () => {
    const of = { files: await files(await artifactFolder()), compressionLevel: 6, epoch: 1 };
    const elsewhere = of.files.map((file) => ({ ...file, source: { url: 'https://elsewhere' } }));
    expect(artifactKey({ ...of, files: elsewhere })).toBe(artifactKey(of));
    expect(artifactKey({ ...of, epoch: 2 })).not.toBe(artifactKey(of));
    expect(artifactKey({ ...of, files: of.files.slice(1) })).not.toBe(artifactKey(of));
    expect(artifactKey({ ...of, files: [] })).toBeNull();
  });

  it('holds programs that can be run and nothing else, and gives the same bytes twice', async () => {
    const folder = await artifactFolder();
    const recipe = { files: await files(folder), compressionLevel: 6, epoch: 1_754_697_600 };
    const [one, two] = [await step(), await step()];
    const { squashfs } = await buildArtifactLayer(recipe, 'key', one);
    const again = await buildArtifactLayer({ ...recipe, files: recipe.files.toReversed() }, 'key', two);
    expect(await sha256File(again.squashfs)).toBe(await sha256File(squashfs));
    const entries = await listSquashfs(squashfs, { offset: 0, length: 0 }, undefined);
    const shown = [...entries].map(([path, { type, mode, uid, gid }]) => [path, type, mode.toString(8), uid, gid]);
    const directories = ['', 'usr', 'usr/local', 'usr/local/bin'].map((path) => [path, 'directory', '755', 0, 0]);
    const programs = WORKER.map((name) => [`usr/local/bin/${name}`, 'file', '755', 0, 0]);
    expect(shown).toEqual([...directories, ...programs]);
  });

  describe('with programs of an archive', () => {
    const member = (archive: string, digest: string, name = 'bin/ctr'): LayerFile => ({
      ...{ name: CONTAINERD, path: 'usr/local/bin/ctr', mode: 0o755, sha256: digest, member: name },
      source: { file: archive },
    });
    async function archive(): Promise<string> {
      const folder = await temporaryFolder();
      await mkdir(join(folder, 'bin'));
      for (const name of ['containerd', 'ctr'])
        await writeFile(join(folder, 'bin', name), `the ${name}`.repeat(100_000));
      await promisify(execFile)('tar', ['-C', folder, '-czf', join(folder, CONTAINERD), './bin']);
      return join(folder, CONTAINERD);
    }
    const build = async (file: LayerFile) =>
      buildArtifactLayer({ files: [file], compressionLevel: 6, epoch: 1 }, 'key', await step());

    it('contains them and nothing else', async () => {
      const from = await archive();
      const { squashfs } = await build(member(from, await sha256File(from)));
      const entries = await listSquashfs(squashfs, { offset: 0, length: 0 }, undefined);
      const files = [...entries].filter(([, { type }]) => type === 'file');
      expect(files.map(([path, { mode }]) => [path, mode])).toEqual([['usr/local/bin/ctr', 0o755]]);
      expect(await readdir(dirname(squashfs))).toEqual(['artifacts.squashfs']);
    });

    it('is not made of another archive, nor of one that lacks a program', async () => {
      const from = await archive();
      await expect(build(member(from, 'a'.repeat(64)))).rejects.toMatchObject({ exitCode: 7 });
      await expect(build(member(from, await sha256File(from), 'bin/shim'))).rejects.toMatchObject({
        exitCode: 7,
        message: `\`${from}\` contains no \`bin/shim\`.`,
      });
    });
  });

  it('downloads what is not at hand', async () => {
    const server = await webServer({ '/kubelet': 'the kubelet' });
    const file: LayerFile = {
      ...{ name: 'kubelet', path: 'usr/local/bin/kubelet', mode: 0o755, sha256: sha256('the kubelet') },
      source: { url: `${server.url}/kubelet` },
    };
    const { squashfs } = await buildArtifactLayer(
      { files: [file], compressionLevel: 6, epoch: 1 },
      'key',
      await step(),
    );
    expect((await listSquashfs(squashfs, { offset: 0, length: 0 }, undefined)).has(file.path)).toBe(true);
  });

  it('is not made of a file that was changed meanwhile', async () => {
    const folder = await artifactFolder();
    const recipe = { files: await files(folder), compressionLevel: 6, epoch: 1 };
    await writeFile(join(folder, 'kubelet'), 'changed');
    const place = await step();
    await expect(buildArtifactLayer(recipe, 'key', place)).rejects.toMatchObject({
      exitCode: 7,
      message: `\`kubelet\` from \`${folder}/kubelet\` has the wrong content: its SHA-256 is ${sha256('changed')} instead of ${digestOf('kubelet')}.`,
    });
    expect(await readdir(join(place.cacheDir, 'artifact-layer'))).toEqual([]);
  });
});
