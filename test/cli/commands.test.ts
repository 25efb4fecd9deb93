import { readFile, stat, writeFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/usecases/usage.ts';
import { makeWorld, SECRET } from './world.ts';

describe('check', () => {
  test('a sound definition', async () => {
    const { run } = await makeWorld();
    expect(await run('check', 'lab')).toEqual({
      ...{ exitCode: 0, stderr: '' },
      stdout: 'cluster lab: 2 nodes, no problems found\n',
    });
    expect((await run('check', 'lab', '--json')).stdout).toBe(
      '{"type":"check","cluster":"lab","nodes":2,"errors":0,"warnings":0}\n',
    );
  });

  test('an error: the diagnostic on stderr, nothing on stdout, exit 2', async () => {
    const { run, edit } = await makeWorld();
    await edit('gateway:', 'gatewai:');
    const { exitCode, stdout, stderr } = await run('check', 'lab/cluster.yaml');
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain('--> cluster.yaml:5:5');
    expect(stderr).toMatch(/= hint: did you mean `gateway`\?\n/);
    expect(stderr).toMatch(/\n1 error\n$/);
  });

  test('--json: the same as objects on stdout, nothing on stderr', async () => {
    const { run, edit } = await makeWorld();
    await edit('gateway:', 'gatewai:');
    const { exitCode, stdout, stderr } = await run('check', 'lab', '--json');
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: '' });
    const records = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; severity: string });
    expect(records.map(({ type, severity }) => [type, severity])).toEqual([['diagnostic', 'error']]);
  });

  test('--log json: objects on stderr, so that stdout stays the product', async () => {
    const { run, edit } = await makeWorld();
    await edit('gateway:', 'gatewai:');
    const { stdout, stderr } = await run('check', 'lab', '--log', 'json');
    expect([stdout, (JSON.parse(stderr) as { type: string }).type]).toEqual(['', 'diagnostic']);
  });

  test('a warning alone passes, but not under --strict', async () => {
    const { run, folder } = await makeWorld();
    await mkdir(join(folder, 'lab/nodes'));
    for (const name of ['master-01', 'worker-01']) {
      await writeFile(join(folder, `lab/nodes/${name}.yaml`), `node: { name: ${name} }\n`);
    }
    await writeFile(join(folder, 'lab/nodes/worker-01.yml'), '');
    const relaxed = await run('check', 'lab');
    expect([relaxed.exitCode, relaxed.stdout]).toEqual([0, 'cluster lab: 2 nodes, 1 warning\n']);
    expect(relaxed.stderr).toMatch(/^warning node\/ignored-file:/);
    const strict = await run('check', 'lab', '--strict');
    expect([strict.exitCode, strict.stdout]).toEqual([2, '']);
    expect(strict.stderr).toMatch(/^error node\/ignored-file:/);
  });

  test('what only rendering finds has its place in the file too', async () => {
    const { run, edit } = await makeWorld();
    await edit(
      '    ip: 192.168.50.21\n',
      "    ip: 192.168.50.21\n    files:\n    - { path: /etc/vimrc, content: 'x' }\n    - { path: /etc/hostname, content: 'x' }\n",
    );
    const { exitCode, stderr } = await run('check', 'lab');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(
      /^error render\/path-taken: .*\n +--> cluster\.yaml:25:15 {2}nodes\[1\]\.files\[1\]\.path\n/,
    );
  });

  test('no secret in a frame', async () => {
    const { run, edit } = await makeWorld();
    await edit(SECRET, `${SECRET}, "broken`);
    const { exitCode, stdout, stderr } = await run('check', 'lab');
    expect(exitCode).toBe(2);
    expect(stdout + stderr).not.toContain('saltsalt');
  });
});

describe('render', () => {
  test('writes trees with modes, and digests in place of secrets', async () => {
    const { run, folder } = await makeWorld();
    const { exitCode, stdout, stderr } = await run('render', 'lab', '--out', 'trees');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(
      /^trees\/master-01: \d+ entries, 1 secret as digest, 33 files not issued yet\ntrees\/worker-01: \d+ entries, .*\n$/,
    );
    const root = join(folder, 'trees/worker-01/tree');
    expect(await readFile(join(root, 'etc/hostname'), 'utf8')).toBe('worker-01\n');
    expect(await readFile(join(root, 'etc/coldstart/passwords'), 'utf8')).toMatch(
      /^coldstart secret sha256:[0-9a-f]{64}\n$/,
    );
    const mode = async (path: string): Promise<number> => (await stat(join(root, path))).mode & 0o7777;
    expect(await mode('usr/local/bin/cluster-detect.sh')).toBe(0o755);
    expect(await mode('etc/coldstart/passwords')).toBe(0o600);
    const inventory = await readFile(join(folder, 'trees/worker-01/inventory.txt'), 'utf8');
    expect(inventory).toMatch(/^0644 0:0 file sha256:[0-9a-f]{64} etc\/hostname$/m);
  });

  test('--with-secrets, in a folder that is closed to others', async () => {
    const { run, folder } = await makeWorld();
    const { stdout } = await run('render', 'lab', '--out', 'trees', '--with-secrets', '--node', 'worker-01');
    expect(stdout).toMatch(/^trees\/worker-01: \d+ entries, 1 secret in clear, 7 files not issued yet\n$/);
    const secret = await readFile(join(folder, 'trees/worker-01/tree/etc/coldstart/passwords'), 'utf8');
    expect(secret).toContain(SECRET);
    expect((await stat(join(folder, 'trees'))).mode & 0o777).toBe(0o700);
  });

  test('writes to out/<cluster> by default, and replaces its own work', async () => {
    const { run, folder } = await makeWorld();
    await run('render', 'lab');
    await run('render', 'lab', '--node', 'worker-01');
    await expect(stat(join(folder, 'out/lab/master-01'))).rejects.toThrow('ENOENT');
    expect(await stat(join(folder, 'out/lab/worker-01/tree'))).toBeTruthy();
  });

  test.each([
    ['notes.txt', 'contains `notes.txt`, which `render` has not written'],
    ['manifest.json', 'contains images'],
  ])('refuses a folder with %s, and leaves it as it was', async (name, reason) => {
    const { run, folder } = await makeWorld();
    await mkdir(join(folder, 'mine'));
    await writeFile(join(folder, 'mine', name), 'precious');
    await expect(run('render', 'lab', '--out', 'mine')).rejects.toMatchObject({
      message: `\`${join(folder, 'mine')}\` is not replaced: it ${reason}.`,
      exitCode: 6,
    });
    expect(await readFile(join(folder, 'mine', name), 'utf8')).toBe('precious');
  });
});

describe('explain', () => {
  test('a rendered file, with the lines that shape it', async () => {
    const { run } = await makeWorld();
    const { stdout } = await run('explain', 'lab', '/etc/hostname', '--node', 'worker-01');
    expect(stdout).toMatch(
      /^\/etc\/hostname of worker-01\n {2}rendered from templates\/etc\/hostname\.ejs\n {2}depends on\n/,
    );
    expect(stdout).toMatch(/\n {2}0644 0:0 file sha256:[0-9a-f]{64} etc\/hostname\n$/);
  });

  test('a written setting is named with its line, another as default', async () => {
    const { run } = await makeWorld();
    const { stdout } = await run('explain', 'lab', 'etc/hosts', '--node', 'worker-01', '--json');
    const { settings } = JSON.parse(stdout) as { settings: { setting: string; at: string | null }[] };
    expect(settings).toContainEqual({ setting: 'nodes[master-01].ip', at: 'cluster.yaml:16' });
    expect(settings).toContainEqual({ setting: 'cluster.control_plane', at: null });
  });

  test('a verbatim file, a folder, a file of the base layer', async () => {
    const { run } = await makeWorld();
    const explain = async (path: string): Promise<string> =>
      (await run('explain', 'lab', path, '--node', 'worker-01')).stdout;
    expect(await explain('usr/local/bin/join-worker.sh')).toMatch(
      /^\/usr\/local\/bin\/join-worker\.sh of worker-01\n {2}copied from overlays\/common\/usr\/local\/bin\/join-worker\.sh\n {2}0755/,
    );
    expect(await explain('/etc/repart.d/')).toMatch(/^\/etc\/repart\.d of worker-01 is a folder; 5 entries of/);
    expect(await explain('/etc/hostnam')).toMatch(
      /^\/etc\/hostnam is not in the node layer of worker-01\.\n[^]*\(common, firmware, kubernetes, containerd\)[^]*did you mean \/etc\/hostname\?\n$/,
    );
  });

  test('a secret is named as such and not shown', async () => {
    const { run } = await makeWorld();
    const { stdout } = await run('explain', 'lab', 'etc/coldstart/passwords', '--node', 'worker-01');
    expect(stdout).toMatch(/^\/etc\/coldstart\/passwords of worker-01 \(secret\)\n/);
    expect(stdout).not.toContain('saltsalt');
  });

  test('asks which node is meant', async () => {
    const { run } = await makeWorld();
    await expect(run('explain', 'lab', 'etc/hosts')).rejects.toMatchObject({
      hint: 'add --node with one of master-01, worker-01',
    });
  });
});

describe('calls that are wrong', () => {
  test.each([
    [['bild'], "error: unknown command 'bild'\n(Did you mean build?)\n"],
    [['build', '--nod', 'a'], "error: unknown option '--nod'\n(Did you mean --node?)\n"],
    [
      ['build', '--jobs', '0'],
      "error: option '--jobs <count>' argument '0' is invalid. It has to be a whole number of at least 1.\n",
    ],
    [
      ['check', '--log', 'loud'],
      "error: option '--log <form>' argument 'loud' is invalid. Allowed choices are auto, plain, json, silent.\n",
    ],
    [['check', 'a', 'b'], "error: too many arguments for 'check'. Expected 1 argument but got 2.\n"],
    [['verify'], "error: missing required argument 'out'\n"],
  ])('%j', async (argv, text) => {
    const { run, session } = await makeWorld();
    let said = '';
    Object.assign(session.stderr, { write: (chunk: string) => void (said += chunk) });
    await expect(run(...argv)).rejects.toThrow(CommanderError);
    expect(said).toBe(text);
  });

  test('a node or a format that does not exist', async () => {
    const { run } = await makeWorld();
    const wrong = async (...argv: string[]): Promise<unknown> => run(...argv).catch((error: unknown) => error);
    const node = await wrong('render', 'lab', '--node', 'wroker-01');
    expect(node).toBeInstanceOf(UsageError);
    expect(node).toMatchObject({
      message: '`wroker-01` is not a node of cluster `lab`.',
      hint: 'did you mean `worker-01`?',
    });
    expect(await wrong('build', 'lab', '--format', 'isso')).toMatchObject({
      message: '`isso` is not an image format.',
      hint: 'did you mean `iso`?',
    });
  });
});
