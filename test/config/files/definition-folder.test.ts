/** Every file that a definition consists of or names: the accepted types; nothing outside of its folder is read. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadCluster } from '../../../src/config/load.ts';
import { soloDefinition } from '../solo.ts';

let parent: string;
let folder: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'coldstart-folder-'));
  folder = join(parent, 'lab');
  await mkdir(folder);
  await writeFile(join(parent, 'outside'), 'hunter2\n');
});
afterEach(async () => {
  await rm(parent, { recursive: true });
});

const inFolder = (file: string): string => join(folder, file);

async function put(file: string, text: string): Promise<void> {
  await mkdir(dirname(inFolder(file)), { recursive: true });
  await writeFile(inFolder(file), text);
}

/** `code file:line message` of each error. */
async function found(): Promise<string[]> {
  const { diagnostics } = await loadCluster(folder);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  return errors.map(({ code, at, message }) => `${code} ${at ? `${at.file}:${String(at.line)}` : '-'} ${message}`);
}

const OUTSIDE = 'is outside of the folder of `cluster.yaml`, so the build would depend on this machine.';
const LEADS_OUT = (name: string): string => `\`${name}\` ${OUTSIDE}`;
const special =
  (what: string) =>
  (name: string): string =>
    `\`${name}\` is ${what}; only regular files are read.`;
const unreadable =
  (reason: string) =>
  (name: string): string =>
    `\`${name}\` cannot be read: ${reason}.`;

/** What can stand where a file should be, how it gets there, and what is said where a setting names it. */
const OBJECTS: readonly (readonly [
  what: string,
  make: (path: string) => unknown,
  code: string,
  said: (name: string) => string,
])[] = [
  ['a link out of the folder', (path) => symlink(join(parent, 'outside'), path), 'file/outside-folder', LEADS_OUT],
  ['a link to an endless device', (path) => symlink('/dev/zero', path), 'file/outside-folder', LEADS_OUT],
  ['a link into /proc', (path) => symlink('/proc/self/environ', path), 'file/outside-folder', LEADS_OUT],
  ['a pipe', (path) => execFileSync('mkfifo', [path]), 'file/special', special('a named pipe')],
  ['a socket', socket, 'file/special', special('a socket')],
  ['a link to itself', (path) => symlink(path, path), 'file/unreadable', unreadable('its links lead in a circle')],
  ['a broken link', (path) => symlink('nowhere', path), 'file/unreadable', unreadable('it is a broken link')],
  [
    'a folder',
    (path) => mkdir(path),
    'file/not-a-file',
    (name) => `\`${name}\` is a folder, but a file is needed here.`,
  ],
  ['a file of a terabyte', terabyte, 'file/too-large', (name) => `\`${name}\` has 1099511627776 bytes; the limit is `],
];

async function terabyte(path: string): Promise<void> {
  await writeFile(path, '');
  await truncate(path, 2 ** 40);
}

function socket(path: string): void {
  const bind = 'import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])';
  execFileSync('python3', ['-c', bind, path]);
}

/** Settings that name a file, each on line 5. */
const SETTINGS: Readonly<Record<string, string>> = {
  'files[].source': '  files: [{ path: /etc/x, source: it }]\n',
  'units[].source': '  units: [{ name: x.service, source: it }]\n',
  'hooks[].source': '  hooks: [{ name: x, when: after-join, source: it }]\n',
  'mirrors[].ca_file': '  registries: [{ host: docker.io, mirrors: [{ url: "https://m.example", ca_file: it }] }]\n',
  'kubernetes.manifests': '  kubernetes: { version: 1.35.4, manifests: [it] }\n',
  'external.ca_file':
    '  bootstrap: { token_distribution: external, external: { type: http, url: "https://s.example/t", ca_file: it } }\n',
  'external.credentials_file':
    '  bootstrap: { token_distribution: external, external: { type: http, url: "https://s.example/t", credentials_file: it } }\n',
};

describe.each(OBJECTS)('%s', (what, make, code, said) => {
  test.each(Object.entries(SETTINGS))('behind %s', async (_, text) => {
    await put('cluster.yaml', soloDefinition(text));
    await make(inFolder('it'));
    const [first, ...others] = await found();
    expect(others).toEqual([]);
    expect(first).toContain(`${code} cluster.yaml:5 ${said('it')}`);
    expect(first).not.toContain('hunter2');
  });

  test('as an archive of images', async () => {
    if (what === 'a file of a terabyte') return; // archives are large, and not read here
    await put('cluster.yaml', soloDefinition('  kubernetes: { version: 1.35.4, images: [it] }\n'));
    await make(inFolder('it'));
    expect((await found()).map((one) => one.includes(said('it')))).toEqual([true]);
  });

  test.each(['cluster.yaml', 'nodes/solo.yaml', 'coldstart.lock.yaml'])('as %s', async (file) => {
    await put('cluster.yaml', soloDefinition());
    await mkdir(dirname(inFolder(file)), { recursive: true });
    await rm(inFolder(file), { force: true });
    await make(inFolder(file));
    const [first, ...others] = await found();
    expect(others).toEqual([]);
    expect(first).toContain(` ${file}:1 ${said(file)}`);
  });
});

test('links and dots that stay in the folder are nobody else’s business', async () => {
  await put(
    'cluster.yaml',
    soloDefinition('  files: [{ path: /etc/x, source: a/../link }, { path: /etc/y, source: ..data/y }]\n'),
  );
  await put('real/file', 'text\n');
  await put('..data/y', 'text\n');
  await symlink('real/file', inFolder('link'));
  await put('elsewhere/solo.yaml', 'node: { name: solo }\n');
  await symlink('elsewhere', inFolder('nodes'));
  expect(await found()).toEqual([]);
});

test('a folder in the middle of a path may lead out as well', async () => {
  await put('cluster.yaml', soloDefinition('  files: [{ path: /etc/x, source: sub/outside }]\n'));
  await symlink('..', inFolder('sub'));
  expect(await found()).toEqual([`file/outside-folder cluster.yaml:5 \`sub/outside\` ${OUTSIDE}`]);
});

test.each([
  [
    'a link out of the folder',
    () => symlink('..', inFolder('nodes')),
    `file/outside-folder nodes:1 \`nodes\` ${OUTSIDE}`,
  ],
  [
    'a file',
    () => put('nodes', ''),
    'file/not-a-folder nodes:1 `nodes` is a file, but it must be a folder; none of it would be copied to a node.',
  ],
])('`nodes` as %s', async (_, make, said) => {
  await put('cluster.yaml', soloDefinition());
  await make();
  expect(await found()).toEqual([said]);
});

test.each([
  [Buffer.from('caf\xe9.yaml', 'latin1'), 'caf\\xe9.yaml'],
  [Buffer.from('line\nfeed.yaml'), 'line\\x0afeed.yaml'],
])('a name that is no plain text, below `nodes`', async (name, shown) => {
  await put('cluster.yaml', soloDefinition());
  await mkdir(inFolder('nodes'));
  await writeFile(Buffer.concat([Buffer.from(inFolder('nodes/')), name]), 'node: { name: solo }\n');
  const path = `nodes/${shown}`;
  expect(await found()).toEqual([
    `file/illegal-name ${path}:1 The name of \`${path}\` contains characters that are not allowed; they are shown here as escapes.`,
  ]);
});

test('a folder with a misspelt name is reported if it has the content of `overlays` or `nodes`', async () => {
  await put('cluster.yaml', soloDefinition());
  for (const name of ['overlay/common', 'Overlays/role-worker', 'overlays.old/common', 'overlay-x/etc', 'notes'])
    await put(`${name}/etc/motd`, 'text');
  await put('node/solo.yaml', 'name: solo\n');
  await put('modes/other.yaml', 'name: other\n');
  const { diagnostics } = await loadCluster(folder);
  expect(diagnostics.map(({ code, at }) => `${code} ${at?.file ?? ''}`)).toEqual([
    ...['Overlays', 'node', 'overlay'].map((name) => `overlay/misnamed-folder ${name}`),
  ]);
});
