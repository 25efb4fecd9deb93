/** Files, links and other types in place of an overlay or its folder; a link is content there, and never followed. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listOverlays } from '../../../src/config/files/overlays.ts';
import { createReport } from '../../../src/diagnostics/report.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coldstart-overlays-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

type Make = (path: string) => unknown;
const file: Make = (path) => writeFile(path, 'text\n');
const link: Make = (path) => symlink('/etc', path);
const pipe: Make = (path) => execFileSync('mkfifo', [path]);
const socket: Make = (path) => {
  const bind = 'import os,socket,sys; os.chdir(sys.argv[1]); socket.socket(socket.AF_UNIX).bind(sys.argv[2])';
  execFileSync('python3', ['-c', bind, dirname(path), path.slice(dirname(path).length + 1)]);
};

/** The paths of the overlays, and what is said. */
async function listed(): Promise<{ paths: string[]; said: string[] }> {
  const report = createReport();
  const found = await listOverlays(folder, report);
  const said = report.diagnostics().map(({ code, at, message }) => `${code} ${at?.file ?? ''} ${message}`);
  return { paths: found.map(({ path }) => path), said };
}

async function put(path: string, make: Make): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await make(join(folder, path));
}

const KINDS = [
  ['a file', file],
  ['a link', link],
  ['a named pipe', pipe],
  ['a socket', socket],
] as const;

test.each(
  ['overlays', 'overlays/common', 'overlays/role-worker', 'overlays/node-solo'].flatMap((path) =>
    KINDS.map(([what, make]) => [path, what, make] as const),
  ),
)('%s as %s', async (path, what, make) => {
  await put(path, make);
  const message = `\`${path}\` is ${what}, but it must be a folder; none of it would be copied to a node.`;
  expect(await listed()).toEqual({ paths: [], said: [`file/not-a-folder ${path} ${message}`] });
});

test.each([
  ['a named pipe', pipe],
  ['a socket', socket],
])('%s among the overlays', async (what, make) => {
  await put('overlays/common/etc/x', make);
  const message = `\`overlays/common/etc/x\` is ${what}; only regular files are read.`;
  expect(await listed()).toEqual({ paths: [], said: [`file/special overlays/common/etc/x ${message}`] });
});

test('a link to a folder or to nothing is content', async () => {
  await put('overlays/common/etc', link);
  await put('overlays/node-solo/srv/x', (path) => symlink('nowhere', path));
  expect(await listed()).toEqual({ paths: ['common/etc', 'node-solo/srv/x'], said: [] });
});

test.each(['common', 'common/etc', ''])('a name that is no UTF-8, below `overlays/%s`', async (below) => {
  const parent = join('overlays', below);
  await mkdir(join(folder, parent), { recursive: true });
  await writeFile(Buffer.concat([Buffer.from(join(folder, parent, '/')), Buffer.from('caf\xe9', 'latin1')]), '');
  const path = `${parent.replace(/\/$/, '')}/caf\\xe9`;
  const message = `The name of \`${path}\` contains characters that are not allowed; they are shown here as escapes.`;
  expect(await listed()).toEqual({ paths: [], said: [`file/illegal-name ${path} ${message}`] });
});

test('notes beside the roots are nobody else’s business, and other files are mentioned', async () => {
  for (const name of ['README.md', 'readme', 'LICENSE', 'Licence.txt', '.gitignore', '.DS_Store', '.gitkeep'])
    await put(`overlays/${name}`, file);
  await put('overlays/.editorconfig', link);
  await put('overlays/Makefile', file);
  const message = '`overlays/Makefile` is copied to no node: it is in none of the folders below `overlays/`.';
  expect(await listed()).toEqual({ paths: [], said: [`overlay/stray-file overlays/Makefile ${message}`] });
});

test('what programs leave behind is reported, and a folder only once', async () => {
  for (const name of ['.git/HEAD', '.git/refs/x', 'etc/.motd.swp', 'etc/#motd#', 'etc/.DS_Store'])
    await put(`overlays/common/${name}`, file);
  for (const name of ['.gitignore', 'etc/motd.bak', 'etc/.gitconfig', 'srv/site.git/HEAD', 'etc/.swp'])
    await put(`overlays/common/${name}`, file);
  await put('overlays/.git/HEAD', file);
  const { said } = await listed();
  expect(said.map((one) => one.split(' ').slice(0, 2).join(' '))).toEqual([
    'overlay/left-over overlays/common/.git',
    'overlay/left-over overlays/common/etc/#motd#',
    'overlay/left-over overlays/common/etc/.DS_Store',
    'overlay/left-over overlays/common/etc/.motd.swp',
  ]);
});
