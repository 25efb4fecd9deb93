/** Read errors that no folder of the repository can contain, and the guarantees of a whole load. */
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadCluster } from '../../src/config/load.ts';
import { exitClass } from '../../src/diagnostics/codes.ts';
import { formatDiagnostics } from '../../src/diagnostics/format.ts';
import { soloDefinition } from './solo.ts';

const examples = join(import.meta.dirname, '../../examples');
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coldstart-load-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function check(path = folder): Promise<string> {
  const { diagnostics, frame } = await loadCluster(path);
  return formatDiagnostics(diagnostics, { colour: false, frame }).replaceAll(folder, '<folder>');
}

const write = (file: string, text: string | Uint8Array): Promise<void> => writeFile(join(folder, file), text);

describe('files', () => {
  test('a missing folder: config/not-found', async () => {
    expect(await check(join(folder, 'nowhere'))).toBe(
      'error config/not-found: `<folder>/nowhere/cluster.yaml` does not exist.\n' +
        '  = hint: name a `cluster.yaml` or the folder that contains it\n\n1 error\n'.replace('  =', '   ='),
    );
  });

  test('a folder where a file should be: config/not-a-file', async () => {
    await mkdir(join(folder, 'cluster.yaml'));
    expect(await check()).toBe(
      'error config/not-a-file: `cluster.yaml` is a folder, but a file is needed here.\n' +
        '  --> cluster.yaml:1:1\n   = hint: name the file itself\n\n1 error\n',
    );
  });

  test('bytes that are not UTF-8: config/not-utf8', async () => {
    await write('cluster.yaml', Buffer.from('cluster:\n  name: caf\xe9\n', 'latin1'));
    expect(await check()).toBe(
      'error config/not-utf8: `cluster.yaml` is not UTF-8 text: no character starts at byte 20.\n' +
        '  --> cluster.yaml:2:12\n   = hint: save the file as UTF-8\n\n1 error\n',
    );
  });

  test('more than can be a definition: config/too-large', async () => {
    await write('cluster.yaml', '#'.repeat(4 * 1024 * 1024 + 1));
    expect(await check()).toContain(
      'error config/too-large: `cluster.yaml` has 4194305 bytes; the limit is 4194304.\n',
    );
  });

  test('a file that cannot be read: config/unreadable, file/unreadable', async () => {
    await cp(join(examples, 'single-node'), folder, { recursive: true });
    // A link to itself cannot be read by root either.
    await symlink('motd', join(folder, 'motd'));
    await write('cluster.yaml', soloDefinition('  files: [{ path: /etc/motd, source: motd }]\n'));
    expect(await check()).toContain('error file/unreadable: `motd` cannot be read: ');
    await rm(join(folder, 'cluster.yaml'));
    await symlink('cluster.yaml', join(folder, 'cluster.yaml'));
    expect(await check()).toContain('error config/unreadable: `cluster.yaml` cannot be read: ');
  });

  test('absurd nesting is refused, not a crash', async () => {
    await write('cluster.yaml', '['.repeat(100_000));
    expect(await check()).toContain('error config/yaml-bomb: ');
  });

  test('a byte order mark and CRLF are read', async () => {
    await write('cluster.yaml', `\ufeff${soloDefinition('').replaceAll('\n', '\r\n')}`);
    expect(await check()).toBe('');
  });

  test('a file without permission is a fault of its own for users other than root', async () => {
    if (process.getuid?.() === 0) return;
    await write('cluster.yaml', '');
    await chmod(join(folder, 'cluster.yaml'), 0o000);
    expect(await check()).toContain('cannot be read: permission denied');
  });
});

describe('a load', () => {
  test.each(['quick-start', 'single-node', 'three-masters-ceph'])('example %s has nothing to say', async (name) => {
    expect(await check(join(examples, name))).toBe('');
  });

  test('finds the places of settings over all files', async () => {
    const { locate } = await loadCluster(join(examples, 'quick-start'));
    expect(locate('nodes[worker-01].ip')).toMatchObject({ file: 'cluster.yaml', path: 'nodes[1].ip' });
    const mac = 'nodes[worker-01].hardware.mac_addresses[0]';
    expect(locate(mac)).toMatchObject({ file: 'nodes/worker-01.yaml', path: 'node.hardware.mac_addresses[0]' });
    expect(locate('cluster.networking.mtu')).toMatchObject({ file: 'cluster.yaml', path: 'cluster.networking' });
  });

  test('reports a misspelt key and a double address in one run', async () => {
    const twice = soloDefinition('  timezoen: UTC\n');
    const hardware = "hardware: { mac_addresses: ['52:54:00:12:34:02'], state_disk: { serial: state-2 } }";
    await write('cluster.yaml', `${twice}  - { name: second, ip: 192.168.50.11, roles: [worker], ${hardware} }\n`);
    const { diagnostics } = await loadCluster(folder);
    expect(diagnostics.map(({ code }) => code)).toEqual(['config/unknown-key', 'node/duplicate-ip']);
  });

  test('a broken node file does not make its node fileless', async () => {
    await cp(join(examples, 'quick-start'), folder, { recursive: true });
    await write('nodes/worker-01.yaml', 'node: [\n');
    const { diagnostics } = await loadCluster(folder);
    expect(diagnostics.map(({ code }) => code)).toEqual(['config/yaml-syntax']);
  });

  test('a copied node file that keeps the name of its model is one mistake', async () => {
    await cp(join(examples, 'quick-start'), folder, { recursive: true });
    const text = await readFile(join(folder, 'nodes/worker-02.yaml'), 'utf8');
    await write('nodes/worker-02.yaml', text.replace('name: worker-02', 'name: worker-01'));
    await rm(join(folder, 'nodes/worker-01.yaml'));
    const { diagnostics } = await loadCluster(folder);
    expect(diagnostics.map(({ code, at }) => `${code} ${at?.file ?? ''}`)).toEqual([
      'node/no-file cluster.yaml',
      'node/file-name nodes/worker-02.yaml',
    ]);
  });

  test('exits with 3 only when nothing but support is missing', async () => {
    await write('cluster.yaml', soloDefinition('  kubernetes: { version: 1.29.4 }\n'));
    expect(exitClass((await loadCluster(folder)).diagnostics)).toBe(3);
    await write('cluster.yaml', soloDefinition('  kubernetes: { version: 1.29.4 }\n  timezone: Mars\n'));
    expect(exitClass((await loadCluster(folder)).diagnostics)).toBe(2);
  });

  test.each([
    ['{ formats: [iso] }', false],
    ['{ formats: [iso, update] }', true],
    ['{ formats: [iso, update], install: false }', false],
    ['{ install: true }', true],
  ])('with image: %s, nodes install themselves: %s', async (settings, install) => {
    await write('cluster.yaml', soloDefinition(`  image: ${settings}\n`));
    expect((await loadCluster(folder)).value?.image.install).toBe(install);
  });

  test('takes the shortest definition, and fills in the rest', async () => {
    await write(
      'cluster.yaml',
      `cluster:
  name: home
  networking: { pod_cidr: 10.244.0.0/16, service_cidr: 10.96.0.0/12 }
  bootstrap: { token: "abcdef.0123456789abcdef" }
nodes:
  - { name: master-01, ip: 192.168.1.10, roles: [control-plane] }
`,
    );
    await mkdir(join(folder, 'nodes'));
    await write(
      'nodes/master-01.yaml',
      `node:
  name: master-01
  hostname: master-01
  ip: 192.168.1.10
  roles: [master]
  hardware: { mac_addresses: [52-54-00-AA-BB-01], state_disk: { serial: state } }
`,
    );
    const { value, diagnostics } = await loadCluster(folder);
    const warnings = ['network/no-gateway', 'network/no-dns', 'user/nobody', 'cluster/no-worker'];
    expect(diagnostics.map(({ code }) => code).sort()).toEqual(warnings.sort());
    expect(value?.networking.nodeCidrs).toEqual(['192.168.1.0/24']);
    expect(value?.bootstrap.token).toBe('abcdef.0123456789abcdef');
    expect(value?.nodes[0]).toMatchObject({ roles: ['master'], bootRole: 'master-first', macs: ['52:54:00:aa:bb:01'] });
  });
});

describe('secrets', () => {
  const secret = 'hunter2-do-not-print';
  test.each([
    ['a token of the wrong form', `  bootstrap: { token: ${secret} }\n`],
    ['a misspelt key', `  bootstrap: { tokn: ${secret} }\n`],
    ['a password beside a wrong key', `  registries: [{ host: a.example, auth: { usr: x, password: ${secret} } }]\n`],
    ['a text where a group should be', `  registries: [{ host: a.example, auth: ${secret} }]\n`],
    ['a hash in the place of a list', `  users: [{ name: a, ssh_keys: x, password_hash: ${secret} }]\n`],
    ['a secret file with a wrong mode', `  files: [{ path: /etc/x, mode: 600, secret: true, content: ${secret} }]\n`],
    [
      'a secret file of many lines',
      `  files:\n    - path: /etc/x\n      secret: yes\n      content: |\n        ${secret}\n`,
    ],
    ['a proxy with a password', `  networking: { proxy: { http: "ftp://me:${secret}@proxy" } }\n`],
    [
      'a private key as a public one',
      `  users: [{ name: a, ssh_keys: ["-----BEGIN OPENSSH PRIVATE KEY----- ${secret}"] }]\n`,
    ],
    ['a quote left open', `  bootstrap: { token: "${secret} }\n`],
    ['a line of a broken file', `  bootstrap:\n    token: ${secret}: x\n`],
    ['a tab in front of a secret', `  bootstrap:\n\ttoken: ${secret}\n`],
    ['an alias to a secret', `  timezone: &x ${secret}\n  bootstrap: { token: *x }\n`],
  ])('are not shown: %s', async (_, extra) => {
    await write('cluster.yaml', soloDefinition(extra));
    const text = await check();
    expect(text).toContain('error');
    expect(text).not.toContain('hunter2');
  });
});
