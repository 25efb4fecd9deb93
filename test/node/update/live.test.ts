/** Changes that a running node takes without a restart: its files are then those of the new slot, or all of them the former ones. */
import { readdirSync } from 'node:fs';
import { chmod, cp, readFile, symlink } from 'node:fs/promises';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { writeNode } from '../../../src/builder/output/write-tree.ts';
import { isTakenLive } from '../../../src/render/catalog/live.ts';
import { snapshotOf } from '../../../src/render/tree/diff.ts';
import { parseInventory } from '../../../src/render/tree/inventory.ts';
import type { FileTree } from '../../../src/render/tree/tree.ts';
import { describeImage } from '../../../src/usecases/rollout/comparison.ts';
import { REPOSITORY } from '../machine.ts';
import { installed, type Installed } from './installed.ts';

const RUNNING = 'run/live/medium';
const OTHER = 'dev/disk/by-partlabel/slot-b-1.d';
const LAYER = 'live/node.squashfs.d';
const LABELS = 'etc/kubernetes/own-labels';
const MANIFEST = 'etc/kubernetes/addons/50-app.yaml';
const CREDENTIALS = 'users:\n- user:\n    client-certificate-data: eA==\n    client-key-data: eA==\n';

const FORMER = {
  [LABELS]: 'tier=old\n',
  [MANIFEST]: 'kind: Old\n',
  'etc/ssh/authorized_keys.d/admin': 'ssh-ed25519 old\n',
  'etc/rauc/system.conf': 'min-bundle-version=6\n',
  'etc/sysctl.d/90-cluster.conf': 'vm.swappiness=1\n',
};
type Files = Readonly<Record<string, string>>;

/** `mount` copies: what the file X holds is in the folder X.d. The API server knows the labels `fake/labels`. */
const COMMANDS = {
  mount: '[[ -d $3.d ]] && cp -a "$3.d/." "$4"',
  umount: '[[ -d $1 ]] && find "$1" -mindepth 1 -delete',
  systemctl: `echo "$*" >>"$COLDSTART_ROOT/fake/systemctl"
[[ "$*" != *cluster-addons* ]] || ! grep -q Bad "$COLDSTART_ROOT/${MANIFEST}"`,
  curl: `cd "$COLDSTART_ROOT/fake"; [[ ! -e api-down ]] || exit 7
case "$*" in
  *PATCH*) jq -c .metadata.labels >>labels; echo '{}' ;;
  *) echo '{"metadata": {"labels": {}, "annotations": {}}}' ;;
esac; printf '\\n200 '`,
};

const slot = (at: string, files: Files, image: string, more: { args?: string; base?: string } = {}): Files => ({
  [`${at}/boot/grub/node.cfg`]: `set node_name='master-01'\nset node_image='${image}'\nset node_disk='1'\nset node_kernel_args='${more.args ?? 'quiet'}'\n\n\n`,
  [`${at}/live/files.tsv`]: `live/vmlinuz\taa\t1\nlive/base.squashfs\t${more.base ?? 'bb'}\t1\nlive/node.squashfs\t${image}\t1\n.disk/info\tx\t1\n`,
  ...Object.fromEntries(Object.entries(files).map(([path, text]) => [`${at}/${LAYER}/${path}`, text])),
});

/** Release 6 runs; slot B holds release 7 with these files. */
async function node(files: Files, more: { args?: string; base?: string } = {}): Promise<Installed> {
  const made = await installed({
    env: { BOOT_ROLE: 'worker', NODE_ROLES: 'worker', API_PORT: '6443' },
    commands: COMMANDS,
    files: {
      ...{ 'var/lib/kubelet/kubelet.conf': CREDENTIALS, 'etc/kubernetes/pki/ca.crt': 'x', ...FORMER },
      'etc/cluster-config/state-disk.env':
        'STATE_DISK_OWNER=x\nVAR_PARTLABEL=var-1\nSLOT_A_PARTLABEL=slot-a-1\nSLOT_B_PARTLABEL=slot-b-1\n',
      ...slot(RUNNING, FORMER, 'a1'),
      ...slot(OTHER, files, 'b2', more),
    },
  });
  expect((await made.run('cluster-update.sh', made.path('update.raucb'))).status).toBe(0);
  return made;
}

const NEW: Files = {
  ...FORMER,
  [LABELS]: 'tier=new\n',
  [MANIFEST]: 'kind: New\n',
  'etc/kubernetes/own-annotations.json': '{"team":"blue"}\n',
  'etc/rauc/system.conf': 'min-bundle-version=7\n',
};

/** The files that a layer brings: path, mode, digest. */
const tree = async (root: string): Promise<string> => {
  const list = String.raw`find . -path ./cluster-config -prune -o -path ./kubernetes/pki -prune -o -type f -printf '%m ' -exec sha256sum {} \; | sort`;
  return (await execa('bash', ['-c', list], { cwd: root })).stdout;
};

const live = (made: Installed) => made.run('cluster-update.sh', '--live');

describe('a change that needs no restart', () => {
  it('leaves the files that a start from the other slot would have', async () => {
    const made = await node(NEW);
    await chmod(made.path(`${OTHER}/${LAYER}/etc/ssh/authorized_keys.d/admin`), 0o600);
    expect((await live(made)).output).toContain('has taken release 7 without a restart');
    expect(await tree(made.path('etc'))).toBe(await tree(made.path(`${OTHER}/${LAYER}/etc`)));
    expect(await made.read('fake/labels')).toBe('{"tier":"new"}\n');
    expect((await made.read('fake/systemctl')).split('\n').slice(-3)).toEqual([
      ...['try-restart rauc.service', 'restart cluster-addons.service', ''],
    ]);
    expect(await made.status()).toMatchObject({
      ...{ image: 'abc', live: 'b2', release: 7, state: 'pending', pending: { slot: 'B', release: 7 } },
    });
  });

  it('is the same when it is made again, also after an end in the middle', async () => {
    const made = await node(NEW);
    await made.command('jq', `[[ "$*" != *own-labels* ]] || kill -9 0; exec /usr/bin/jq "$@"`);
    expect((await live(made)).status).not.toBe(0);
    expect(await made.status()).toMatchObject({ live: null, state: 'pending' });
    await made.command('jq', 'exec /usr/bin/jq "$@"');
    for (let time = 0; time < 2; time++) {
      expect((await live(made)).status).toBe(0);
      expect(await tree(made.path('etc'))).toBe(await tree(made.path(`${OTHER}/${LAYER}/etc`)));
    }
  });

  it('is gone after a power cut, and the next start tries the other slot', async () => {
    const made = await node(NEW);
    await live(made);
    expect(await made.start()).toBe('B');
    expect(await made.status()).toMatchObject({ state: 'trying', live: null });
  });

  it('ends with the update that is given up', async () => {
    const made = await node(NEW);
    const before = await tree(made.path('etc'));
    await live(made);
    expect((await made.run('cluster-update.sh', '--back')).status).toBe(0);
    expect(await tree(made.path('etc'))).toBe(before);
    expect(await made.read('fake/labels')).toBe('{"tier":"new"}\n{"tier":"old"}\n');
    expect(await made.status()).toMatchObject({ state: 'good', live: null, release: 6 });
  });

  it('that is taken back by the next release is taken back', async () => {
    const made = await node(NEW);
    await live(made);
    const next = { ...FORMER, 'etc/rauc/system.conf': 'min-bundle-version=8\n' };
    await execa('rm', ['-r', made.path(OTHER)]);
    for (const [path, text] of Object.entries(slot(OTHER, next, 'c3'))) await made.write(path, text);
    await made.run('cluster-update.sh', made.path('update.raucb'));
    expect([(await made.status())['live'], (await made.record())['former']]).toEqual([null, '6']);
    expect((await live(made)).status).toBe(0);
    expect(await tree(made.path('etc'))).toBe(await tree(made.path(`${OTHER}/${LAYER}/etc`)));
    expect((await made.status())['live']).toBe('c3');
  });
});

describe('nothing stays of what was refused', () => {
  it.each([
    ['a manifest', { ...NEW, [MANIFEST]: 'kind: Bad\n' }, {}, 'cannot take release 7 without a restart'],
    [
      'another file',
      { ...NEW, 'etc/sysctl.d/90-cluster.conf': 'vm.swappiness=9\n' },
      {},
      'only a restart takes etc/sysctl.d/90-cluster.conf',
    ],
    ['an argument of the kernel', NEW, { args: 'debug' }, 'only a restart takes kernel arguments'],
    ['the base layer', NEW, { base: 'cc' }, 'only a restart takes packages or artifacts'],
  ])('%s', async (_, files, more, reason) => {
    const made = await node(files, more);
    const before = await tree(made.path('etc'));
    const { status, output } = await live(made);
    expect([status, output]).toEqual([1, expect.stringContaining(reason)]);
    expect(await tree(made.path('etc'))).toBe(before);
    expect(await made.status()).toMatchObject({ state: 'pending', live: null, release: 6 });
    expect((await made.steps()).at(-1)).toBe('update failed update-not-live');
  });

  it('an API server that does not answer', async () => {
    const made = await node(NEW);
    await made.write('fake/api-down', '');
    expect((await live(made)).output).toContain('its former files are not all in use again');
    expect(await made.read(LABELS)).toBe('tier=old\n');
    expect((await made.status())['live']).toBe(null);
  });
});

it('without an update that waits there is nothing to take', async () => {
  const made = await node(NEW);
  await made.run('cluster-update.sh', '--back');
  expect((await live(made)).output).toContain('nothing-to-try');
});

describe('the question before it', () => {
  const ask = async (made: Installed, text: string) => {
    await made.write('wanted', text);
    const { output } = await made.bash(`"$BIN_DIR/cluster-update.sh" --compare <"$COLDSTART_ROOT/wanted"`);
    return JSON.parse(output) as { live: boolean; changed: string[] };
  };
  const describeOther = async (made: Installed): Promise<string> =>
    (await made.bash(`source "$LIB_DIR/update/live.sh"; describe_slot "$COLDSTART_ROOT/${OTHER}"`)).output;

  it('is answered by what runs', async () => {
    const made = await node({ ...NEW, 'etc/motd of today': 'x' });
    await symlink('../usr/share/a b\\c', made.path(`${OTHER}/${LAYER}/etc/link`));
    const text = await describeOther(made);
    expect(text).toContain(String.raw` symlink ../usr/share/a\x20b\\c etc/link`);
    expect(text).toMatch(/^0644 \d+:\d+ file sha256:[0-9a-f]{64} etc\/motd of today$/m);
    const { live: takes, changed } = await ask(made, text);
    expect([takes, changed]).toEqual([
      false,
      [
        ...[MANIFEST, 'etc/kubernetes/own-annotations.json', LABELS, 'etc/link', 'etc/motd of today'],
        'etc/rauc/system.conf',
      ],
    ]);
  });

  it('before and after', async () => {
    const made = await node(NEW);
    const text = await describeOther(made);
    expect((await ask(made, text)).live).toBe(true);
    await live(made);
    // A change that takes this one back still finds what it has replaced.
    const former = (await made.bash(`source "$LIB_DIR/update/live.sh"; describe_slot "$COLDSTART_ROOT/${RUNNING}"`))
      .output;
    await made.write(`${RUNNING}/${LAYER}/etc/unused`, '');
    expect((await ask(made, former)).changed).toContain(LABELS);
    expect((await ask(made, '')).live).toBe(false);
    expect(await readFile(made.path(LABELS), 'utf8')).toBe('tier=new\n');
  });
});

it('a node knows the same paths as the catalog', async () => {
  const paths = new Set(['etc/kubernetes/own-annotations.json']);
  const golden = readdirSync(`${REPOSITORY}test/render/golden`, { recursive: true, encoding: 'utf8' });
  for (const file of golden.filter((name) => name.endsWith('/inventory.txt'))) {
    const text = await readFile(`${REPOSITORY}test/render/golden/${file}`, 'utf8');
    for (const { path } of parseInventory(text)) paths.add(path);
  }
  const all = [...paths].toSorted();
  expect(all.length).toBeGreaterThan(200);
  const made = await installed({ files: { paths: all.map((path) => `${path}\n`).join('') } });
  const { output } = await made.bash(
    `source "$LIB_DIR/update/live.sh"; while read -r path; do ! live_action "$path" >/dev/null || echo "$path"; done <"$COLDSTART_ROOT/paths"`,
  );
  const live = all.filter(isTakenLive);
  expect(output.split('\n')).toEqual(live);
  expect(
    live.map((path) => path.replace(/[^/]*$/, '')).filter((folder, at, list) => list.indexOf(folder) === at),
  ).toEqual(expect.arrayContaining(['etc/kubernetes/addons/', 'etc/ssh/authorized_keys.d/', 'etc/rauc/']));
});

it('describes a slot as the build describes an image', async () => {
  const common = { uid: 0, gid: 0, origin: { kind: 'template', template: 'x', settings: [], values: [] } };
  const tree = [
    { ...common, type: 'file', path: 'etc/a b', mode: 0o600, content: Buffer.from('x'), secret: true },
    { ...common, type: 'file', path: 'etc/empty', mode: 0o4755, content: Buffer.from(''), secret: false },
    { ...common, type: 'symlink', path: 'etc/link', mode: 0o777, target: '../a b\\c' },
  ] as unknown as FileTree;
  const image = { kernelArgs: ['console=tty0', 'quiet'] } as never;
  const text = describeImage({ image, snapshot: snapshotOf(tree) }, [{ sha256: 'aa' }, { sha256: 'bb' }])!;
  const made = await node(NEW, { args: 'console=tty0 quiet' });
  const layer = made.path(`${OTHER}/${LAYER}`);
  await execa('rm', ['-r', layer]);
  writeNode(made.path('written'), tree, true);
  await cp(made.path('written/tree'), layer, { recursive: true, verbatimSymlinks: true });
  const owner = `${process.getuid!()}:${process.getgid!()}`;
  const own = (await made.bash(`source "$LIB_DIR/update/live.sh"; describe_slot "$COLDSTART_ROOT/${OTHER}"`)).output;
  expect(`${own}\n`.split('\n').toSorted()).toEqual(text.replaceAll('0:0', owner).split('\n').toSorted());
});

it.each([
  ['labels and a manifest', NEW, 'live'],
  ['a setting of the kernel', { ...NEW, 'etc/sysctl.d/90-cluster.conf': 'vm.swappiness=9\n' }, 'restart'],
])('a node that fetches an update knows what %s need', async (_, files, way) => {
  const made = await node(files);
  const parts = ['bundle', 'files', 'slots', 'record', 'health', 'live'].map(
    (part) => `source "$LIB_DIR/update/${part}.sh"`,
  );
  const { output } = await made.bash(
    `${parts.join('; ')}; read_record; if pending_is_live; then echo live; else echo restart; fi`,
  );
  expect(output.trim()).toBe(way);
});
