/** `coldstart init` as users call it: flags alone, a person at a terminal, and that it writes all or nothing. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { makeWorld, photograph, type World } from './world.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAII3ul82ao7hxIoJlahWLxeFUrBB6Jx5ov0UAdWUF4TsJ me@example';
const CLUSTER = [
  '--name',
  'home',
  '--network',
  '192.168.50.0/24',
  '--gateway',
  '192.168.50.1',
  '--dns',
  '192.168.50.1',
];
const MASTER = 'name=master-01,mac=52:54:00:12:34:01,ip=192.168.50.11,disk=S4EVNF0M123456';
const WORKER = 'name=worker-01,mac=52:54:00:12:34:02,ip=192.168.50.21,disk=/dev/disk/by-id/ata-X_1';
const ALL = [...CLUSTER, '--admin-key', KEY, '--master', MASTER, '--worker', WORKER];

const files = (folder: string): Promise<string[]> =>
  readdir(folder, { recursive: true }).then((names) => names.sort(), () => []); // prettier-ignore

describe('flags', () => {
  test('make a definition that check accepts', async () => {
    const { run, folder } = await makeWorld();
    expect(await run('init', 'new', ...ALL, '--yes')).toEqual({
      ...{ exitCode: 0, stderr: '' },
      stdout:
        'new: 2 nodes in 3 files; coldstart check accepts it\nnext: coldstart lock new, then coldstart build new\n',
    });
    expect(await run('check', 'new', '--strict')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await readFile(join(folder, 'new/cluster.yaml'), 'utf8'))
      .toBe(`# Made by \`coldstart init\`. docs/cluster-yaml.md describes every setting and its default.
# The machines are below \`nodes\`; their network cards and disks are in nodes/<name>.yaml.

cluster:
  name: home
  networking:
    node_cidr: 192.168.50.0/24
    gateway: 192.168.50.1
    dns: [192.168.50.1]
  kubernetes:
    version: '1.35.4'
  users:
    - name: admin
      sudo: true
      ssh_keys:
        - ${KEY}

nodes:
  - name: master-01
    ip: 192.168.50.11
    roles: [master]
  - name: worker-01
    ip: 192.168.50.21
    roles: [worker]
`);
    expect(await readFile(join(folder, 'new/nodes/worker-01.yaml'), 'utf8')).toBe(`node:
  name: worker-01
  hardware:
    mac_addresses: ['52:54:00:12:34:02']
    state_disk:
      by_id: ata-X_1
`);
  });

  test('that are missing are named at once', async () => {
    const { run, folder } = await makeWorld();
    const call = run('init', 'new', '--name', 'home', '--dns', '192.168.50.1', '--master', 'name=a', '--worker', 'ip=192.168.50.21'); // prettier-ignore
    await expect(call).rejects.toThrow(
      'Nobody can be asked here, and these are missing: `--network CIDR`, `--gateway ADDRESS`, `--admin-key FILE`, `mac=` of a, `ip=` of a, `name=` of worker 1, `mac=` of worker 1.',
    );
    expect(await files(join(folder, 'new'))).toEqual([]);
  });

  test('that are wrong are refused with the words of check, and nothing is written', async () => {
    const { run, folder } = await makeWorld();
    const { exitCode, stdout, stderr } = await run('init', 'new', ...ALL, '--worker', WORKER, '--yes');
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain('`worker-01`');
    expect(await files(join(folder, 'new'))).toEqual([]);
  });

  test.each([
    ['mac 52:54:00:12:34:01', 'does not describe a machine'],
    ['name=a,name=b', 'has `name` twice'],
    ['name=a,colour=red', '`colour=red` does not describe a machine'],
  ])('a machine %s', async (machine, message) => {
    const { run } = await makeWorld();
    await expect(run('init', 'new', ...CLUSTER, '--master', machine)).rejects.toThrow(message);
  });

  test('a name is never a path', async () => {
    const { run, folder } = await makeWorld();
    const outside = MASTER.replace('master-01', '../../../escaped');
    const { exitCode, stderr } = await run('init', 'new', ...CLUSTER, '--admin-key', KEY, '--master', outside);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('must be a name of at most 63');
    expect(await files(folder)).toEqual(['lab', 'lab/cluster.yaml']);
  });

  test.each([
    ['missing.pub', 'neither a file nor a public SSH key'],
    ['private', 'contains a private key'],
    ['empty.pub', 'contains no public SSH key'],
  ])('a key in %s', async (name, message) => {
    const { run, folder } = await makeWorld();
    await writeFile(join(folder, 'private'), '-----BEGIN OPENSSH PRIVATE KEY-----\nZm9v\n');
    await writeFile(join(folder, 'empty.pub'), '# none\n');
    await expect(run('init', 'new', ...CLUSTER, '--master', MASTER, '--admin-key', name)).rejects.toThrow(message);
  });

  test('a file with two keys', async () => {
    const { run, folder } = await makeWorld();
    await writeFile(
      join(folder, 'two.pub'),
      `# mine\n${KEY}\n\n${KEY.replace('me@', 'you@').replace('II3u', 'II4u')}\n`,
    );
    await run('init', 'new', ...CLUSTER, '--master', MASTER, '--admin-key', 'two.pub');
    expect((await readFile(join(folder, 'new/cluster.yaml'), 'utf8')).match(/- ssh-ed25519/g)).toHaveLength(2);
  });
});

describe('what is there already', () => {
  test.each([['cluster.yaml'], ['nodes']])('%s is never overwritten', async (name) => {
    const { run, folder } = await makeWorld();
    await mkdir(join(folder, 'old'));
    await (name === 'nodes' ? mkdir(join(folder, 'old/nodes')) : writeFile(join(folder, 'old', name), 'mine\n'));
    const before = await photograph(join(folder, 'old'));
    await expect(run('init', 'old', ...ALL)).rejects.toThrow(`already has \`${name}\``);
    expect(await photograph(join(folder, 'old'))).toEqual(before);
  });

  test('other files of the folder stay as they are', async () => {
    const { run, folder } = await makeWorld();
    await mkdir(join(folder, 'repository/.git'), { recursive: true });
    await writeFile(join(folder, 'repository/README.md'), 'mine\n');
    expect((await run('init', 'repository', ...ALL)).exitCode).toBe(0);
    expect(await files(join(folder, 'repository'))).toEqual([
      ...['.git', 'README.md', 'cluster.yaml', 'nodes', 'nodes/master-01.yaml', 'nodes/worker-01.yaml'],
    ]);
  });

  test('a file is no folder', async () => {
    const { run, folder } = await makeWorld();
    await writeFile(join(folder, 'file'), '');
    await expect(run('init', 'file', ...ALL)).rejects.toThrow('is not a folder');
  });
});

/** A terminal at which a person types an answer as soon as a question stands there. */
function terminal({ session }: World, answers: readonly (string | (() => void))[]): () => string {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  let screen = '';
  let next = 0;
  const write = (text: string): void => {
    screen += text;
    // readline moves the cursor behind the question.
    // eslint-disable-next-line no-control-regex
    if (!/: (\x1b\[\d*[GJ])*$/.test(screen) || !/\x1b\[\d+G$/.test(screen)) return;
    const answer = answers[next];
    next += 1;
    setImmediate(() => {
      if (typeof answer === 'string') stdin.write(`${answer}\r`);
      else if (answer) answer();
      else stdin.end();
    });
  };
  Object.assign(session, { stdin, stderr: { write, isTTY: true, columns: 200 } });
  // eslint-disable-next-line no-control-regex
  return () => screen.replaceAll(/\x1b\[\d*[GJ]/g, '').replaceAll('\r\n', '\n');
}

describe('a person at a terminal', () => {
  test('is asked for all, and told at once what is wrong', async () => {
    const world = await makeWorld();
    const home = join(world.folder, 'home');
    await mkdir(join(home, '.ssh'), { recursive: true });
    await writeFile(join(home, '.ssh/id_ed25519.pub'), `${KEY}\n`);
    Object.assign(world.session, { env: { ...world.session.env, HOME: home } });
    const screen = terminal(world, [
      ...[
        '',
        'lab.example',
        '192.168.50.0/33',
        '192.168.50.0/24',
        '10.0.0.1',
        '',
        '',
        'v1.34.3',
        'secret',
        '',
        'maybe',
        '',
      ],
      ...['2', '', '52:54:00:12:34:01', '', 'S1', '', '52:54:00:12:34:01', '52:54:00:12:34:02', '', 'S2'],
      ...['1', '', '52:54:00:12:34:03', '192.168.50.21', '-', '192.168.50.11', '192.168.50.10'],
    ]);
    expect(await world.run('init', 'My Lab')).toMatchObject({ exitCode: 0 });
    await expect(screen()).toMatchFileSnapshot(join(import.meta.dirname, 'expected/init-dialogue.txt'));
    expect(await files(join(world.folder, 'My Lab'))).toHaveLength(5);
    Object.assign(world.session, { stdin: undefined });
    expect(await world.run('check', 'My Lab')).toMatchObject({ exitCode: 0 });
  });

  test('is not asked for what a flag says', async () => {
    const world = await makeWorld();
    const screen = terminal(world, ['', '', '', '']);
    expect(await world.run('init', 'new', ...ALL)).toMatchObject({ exitCode: 0 });
    expect(screen().match(/^.*: /gm)).toEqual([
      'DNS domain of the machines (- for none) [-]: ',
      'Version of Kubernetes (1.33 to 1.37) [1.35.4]: ',
      'Ceph on disks of these machines? y or n [n]: ',
    ]);
  });

  test('hears of a wrong flag before any question', async () => {
    const world = await makeWorld();
    const screen = terminal(world, []);
    expect(await world.run('init', 'new', '--network', '192.168.50.0/24', '--gateway', '10.0.0.1')).toMatchObject({ exitCode: 2 }); // prettier-ignore
    expect(screen()).toContain('error network/gateway-outside');
    expect(screen()).not.toContain('[new]: ');
  });

  test('may close the input', async () => {
    const world = await makeWorld();
    terminal(world, ['', '']);
    await expect(world.run('init', 'new')).rejects.toThrow('The input ended before the last answer');
    expect(await files(join(world.folder, 'new'))).toEqual([]);
  });

  test('may interrupt', async () => {
    const world = await makeWorld();
    const controller = new AbortController();
    Object.assign(world.session, { signal: controller.signal });
    terminal(world, ['', '', () => controller.abort(new Error('interrupted'))]);
    await expect(world.run('init', 'new')).rejects.toThrow();
    expect(await files(join(world.folder, 'new'))).toEqual([]);
  });

  test('is not asked with --yes', async () => {
    const world = await makeWorld();
    const screen = terminal(world, []);
    expect(await world.run('init', 'new', ...ALL, '--yes')).toMatchObject({ exitCode: 0 });
    expect(screen()).toBe('');
  });
});
