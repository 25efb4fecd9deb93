/** The program as npm packs and installs it, in an otherwise empty folder, and called through links. */
import { cp, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../builder/temporary.ts';

const PROJECT = join(import.meta.dirname, '../../..');

/** Neither what `npm run` sets nor this project's libraries. */
const { PATH = '', HOME = '' } = process.env;
const env = {
  HOME,
  PATH: PATH.split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .join(delimiter),
};
/** How this machine reaches npm's registry: its proxy, its certificates, its mirror. */
const REACH =
  /^(node_extra_ca_certs|ssl_cert_(file|dir)|(https?|no)_proxy|npm_config_(registry|cafile|ca|proxy|https_proxy))$/i;
const reach = Object.fromEntries(Object.entries(process.env).filter(([name]) => REACH.test(name)));

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coldstart-package-'));
  await npm(PROJECT, 'pack', '--pack-destination', folder);
  const [archive = ''] = await readdir(folder);
  await npm(
    folder,
    'install',
    '--global',
    '--prefix',
    join(folder, 'prefix'),
    '--prefer-offline',
    join(folder, archive),
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const npm = (cwd: string, ...args: string[]) =>
  execa('npm', [...args, '--no-audit', '--no-fund'], { cwd, env: { ...reach, ...env }, extendEnv: false });

const bin = (name: string): string => join(folder, 'prefix/bin', name);
const installed = (path: string): string => join(folder, 'prefix/lib/node_modules/coldstart', path);

/** Runs a program of the package with nothing of this project around it. */
async function call(program: string, ...args: string[]): Promise<string> {
  const cache = process.env['COLDSTART_CACHE'];
  const own = { ...env, ...(cache === undefined ? {} : { COLDSTART_CACHE: cache }) };
  return (await execa(program, args, { cwd: folder, env: own, extendEnv: false })).stdout;
}

describe('the installed package', () => {
  it('tells its version and the commit that it was packed from', async () => {
    const { stdout: commit } = await execa('git', ['rev-parse', '--short=7', 'HEAD'], { cwd: PROJECT });
    expect(await call(bin('coldstart'), '--version')).toMatch(
      new RegExp(`^\\d+\\.\\d+\\.\\d+ \\(${commit}(-dirty)?\\)$`),
    );
  });

  it('has no library that only development needs', async () => {
    expect(await readdir(installed('node_modules'))).not.toContain('vitest');
  });

  it('can be called through links to links, as `npm link` makes them', async () => {
    const links = await temporaryFolder();
    await symlink(installed(''), join(links, 'package'));
    await symlink('package/bin/coldstart', join(links, 'first'));
    await symlink('first', join(links, 'second'));
    expect(await call(join(links, 'second'), 'check', installed('examples/quick-start'))).toMatch(
      /^cluster quick-start/,
    );
  });

  it('checks, foresees, builds and verifies the quick-start example', { timeout: 900_000 }, async () => {
    const definition = join(await temporaryFolder(), 'of a definition', 'quick-start');
    await cp(installed('examples/quick-start'), definition, { recursive: true });
    const out = join(folder, 'out/quick-start');
    expect(await call(bin('coldstart'), 'check', definition)).toMatch(/^cluster quick-start: 3 nodes/);
    expect(await call(bin('build-iso'), definition, '--dry-run')).toMatch(/3 of 3 nodes differ/);
    await call(bin('build-iso'), definition, '--log', 'plain');
    expect(await readdir(out)).toEqual(expect.arrayContaining(['master-01.iso', 'worker-01.iso', 'worker-02.iso']));
    await call(bin('coldstart'), 'verify', out);
  });
});
