/**
 * Finds a real containerd 2 with its runc, as entries of a node's tree: the archive and `runc.amd64` in the folder
 * `COLDSTART_ARTIFACTS`, or the packages of Debian's unstable release, from the mirror that this machine uses.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from '../../../src/config/cluster.ts';
import { UPSTREAM_CONTAINERD } from '../../../src/config/kubernetes/releases.ts';
import type { FileEntry, FileTree } from '../../../src/render/tree/tree.ts';

export const NEEDS = 'needs containerd 2 in COLDSTART_ARTIFACTS, or a mirror with the unstable release of Debian';
const PROGRAMS = ['containerd', 'containerd-shim-runc-v2', 'ctr', 'runc'];

/** The definition with upstream's containerd. */
export const withContainerd2 = (of: Cluster): Cluster => ({
  ...of,
  kubernetes: { ...of.kubernetes, containerd: { source: 'upstream', ...UPSTREAM_CONTAINERD, config: null } },
});

/** The programs at their places on a node; null where there are none. */
export function containerd2(): FileTree | null {
  const folder = fromArtifacts(process.env['COLDSTART_ARTIFACTS'] ?? '') ?? fromUnstable();
  if (folder === null || !PROGRAMS.every((name) => existsSync(join(folder, name)))) return null;
  return PROGRAMS.map((name): FileEntry => ({
    ...{ path: `usr/local/bin/${name}`, type: 'file', mode: 0o755, uid: 0, gid: 0, secret: false },
    content: readFileSync(join(folder, name)),
    origin: { kind: 'overlay', source: name, settings: [] },
  }));
}

function fromArtifacts(folder: string): string | null {
  const archive = existsSync(folder)
    ? readdirSync(folder).find((name) => /^containerd-2\..*-linux-amd64\.tar\.gz$/.test(name))
    : undefined;
  if (archive === undefined || !existsSync(join(folder, 'runc.amd64'))) return null;
  return made(`artifacts-${archive}`, (into) => {
    const unpacked = run('tar', [
      '--extract',
      `--file=${join(folder, archive)}`,
      `--directory=${into}`,
      '--strip-components=1',
    ]);
    return unpacked && run('cp', [join(folder, 'runc.amd64'), join(into, 'runc')]);
  });
}

/** The source of this machine's own packages, with another suite. */
function fromUnstable(): string | null {
  const sources = '/etc/apt/sources.list.d';
  const stanzas = (existsSync(sources) ? readdirSync(sources) : [])
    .filter((name) => name.endsWith('.sources'))
    .flatMap((name) => readFileSync(join(sources, name), 'utf8').split(/\n\s*\n/));
  const own = stanzas.find((text) => /^URIs:.*\/debian\/?\s*$/m.test(text) && /^Signed-By:/m.test(text));
  if (own === undefined) return null;
  return made('unstable', (into) => {
    writeFileSync(
      join(into, 'unstable.sources'),
      own.replace(/^Suites:.*$/m, 'Suites: sid').replace(/^Types:.*$/m, 'Types: deb'),
    );
    for (const name of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(into, name), { recursive: true });
    const options = [
      `Dir::Etc::sourcelist=${join(into, 'unstable.sources')}`,
      ...['Dir::Etc::sourceparts=-', `Dir::State::lists=${join(into, 'lists')}`, `Dir::Cache=${join(into, 'cache')}`],
      'APT::Sandbox::User=root',
    ].flatMap((option) => ['-o', option]);
    const script = `set -e; cd ${into}; for deb in *.deb; do dpkg-deb --extract "$deb" .; done; cp --dereference usr/bin/* .`;
    return (
      run('apt-get', [...options, 'update', '-qq']) &&
      run('apt-get', [...options, 'download', '-qq', 'containerd', 'runc'], into) &&
      run('bash', ['-c', script])
    );
  });
}

/** A folder for temporary files that is made once; null if it cannot be made. */
function made(name: string, fill: (into: string) => boolean): string | null {
  const parent = join(tmpdir(), 'coldstart-containerd-2');
  const folder = join(parent, name);
  if (existsSync(folder)) return folder;
  mkdirSync(parent, { recursive: true });
  const staging = mkdtempSync(join(parent, '.staging-'));
  if (fill(staging) && !existsSync(folder)) renameSync(staging, folder);
  rmSync(staging, { recursive: true, force: true });
  return existsSync(folder) ? folder : null;
}

const run = (command: string, args: readonly string[], cwd?: string): boolean =>
  spawnSync(command, args, { cwd, timeout: 180_000 }).status === 0;
