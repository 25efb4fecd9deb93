/** The part of live-boot that decides which medium a node starts from (scripts/base-layer/medium.sh). */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';
import { nodeConfig } from '../../src/builder/images/boot-settings.ts';
import { temporaryFolder } from '../builder/temporary.ts';

const SCRIPT = new URL('../../scripts/base-layer/medium.sh', import.meta.url).pathname;
const CHOSEN = `coldstart.image=${'a1'.repeat(32)} coldstart.node=master-01`;
let root: string;

beforeEach(async () => {
  root = await temporaryFolder();
  for (const folder of ['dev', 'run', 'conf', 'scripts', 'var/lib/live/boot'])
    await mkdir(join(root, folder), { recursive: true });
  await writeFile(join(root, 'conf/uuid.conf'), 'base-1\n');
  await writeFile(join(root, 'scripts/functions'), 'panic() { echo "restart: $*"; }\n');
});

/** A mounted file system. @param image null for another live system */
async function medium(name: string, node: string, image: string | null, base = 'base-1'): Promise<string> {
  const path = join(root, name);
  for (const folder of ['live', '.disk', 'boot/grub']) await mkdir(join(path, folder), { recursive: true });
  await writeFile(join(path, 'live/base.squashfs'), '');
  if (image === null) return path;
  await writeFile(join(path, '.disk/coldstart'), `${base}\n`);
  await writeFile(join(path, 'boot/grub/node.cfg'), `${nodeConfig({ node, image, disk: '', kernelArgs: [] })}\n\n`);
  return path;
}

async function inLiveBoot(commands: string, commandLine = `boot=live ${CHOSEN} quiet`): Promise<string> {
  const script = `LIVE_MEDIA_PATH=live; . ${SCRIPT}; ${commands}`;
  const env = { PATH: process.env['PATH'], COLDSTART_ROOT: root, LIVE_BOOT_CMDLINE: commandLine };
  return (await promisify(execFile)('sh', ['-c', script], { env })).stdout.trim();
}

const takes = (path: string, commandLine?: string): Promise<string> =>
  inLiveBoot(
    `devname=/dev/sdb; devuid=2025-01-01-00-00-00-00; if is_live_path ${path} && matches_uuid ${path}; then echo yes; else echo no; fi`,
    commandLine,
  );
const log = (): Promise<string> => readFile(join(root, 'dev/kmsg'), 'utf8').catch(() => '');

describe('a medium', () => {
  it('is taken with the image that the boot loader chose', async () => {
    expect(await takes(await medium('new', 'master-01', 'a1'.repeat(32)))).toBe('yes');
    expect(await log()).toBe('');
  });

  it.each([
    ['of the same node, older', 'master-01', 'b2'.repeat(32), 'image b2b2b2b2b2b2 of node master-01'],
    ['of another node', 'worker-01', 'c3'.repeat(32), 'image c3c3c3c3c3c3 of node worker-01'],
    ['with a part of the id', 'master-01', 'a1'.repeat(31), 'image a1a1a1a1a1a1 of node master-01'],
    ['of another system', '', null, 'another live system'],
  ])('%s is passed over and named once, and one with the same UUID is still tried', async (_, node, image, named) => {
    const tried = join(root, 'var/lib/live/boot/devices-already-tried-to-mount');
    await writeFile(tried, 'photos\n2025-01-01-00-00-00-00\n');
    const path = await medium('old', node, image);
    expect(await takes(path)).toBe('no');
    expect(await takes(path)).toBe('no');
    expect(await log()).toBe(
      `<3>coldstart: not used: /dev/sdb: ${named}; the boot loader chose image a1a1a1a1a1a1 of node master-01\n`,
    );
    expect(await readFile(tried, 'utf8')).toBe('photos\n');
  });

  it('without layers is passed over in silence', async () => {
    await mkdir(join(root, 'photos'));
    expect(await takes(join(root, 'photos'))).toBe('no');
    expect(await log()).toBe('');
  });

  it('is taken by its base layer where the boot names no image', async () => {
    expect(await takes(await medium('one', 'master-01', 'b2'.repeat(32)), 'boot=live')).toBe('yes');
    expect(await takes(await medium('two', 'master-01', 'b2'.repeat(32), 'base-2'), 'boot=live')).toBe('no');
    expect(await inLiveBoot(`is_live_path ${await medium('ram', '', null)} && echo yes`, 'boot=live')).toBe('yes');
  });
});

describe('without its medium, a node says', () => {
  const panic = 'panic "Unable to find a medium containing a live file system"';

  it('what it wanted and what it found, and starts again', async () => {
    const path = await medium('old', 'worker-01', 'c3'.repeat(32));
    expect(await inLiveBoot(`devname=/dev/sdb; is_live_path ${path}; ${panic}`)).toMatch(/^restart: Unable to find/);
    const said = (await log()).trim().split('\n').slice(1);
    expect(said).toEqual([
      '<3>coldstart: no medium has image a1a1a1a1a1a1 of node master-01, which the boot loader chose',
      '<3>coldstart: found /dev/sdb: image c3c3c3c3c3c3 of node worker-01',
    ]);
  });

  it('that there is none', async () => {
    expect(await inLiveBoot(panic)).toMatch(/^restart: /);
    expect(await log()).toContain('no medium with a live system was found');
  });

  it('any other reason', async () => {
    await inLiveBoot('panic "A wrong rootfs was mounted."');
    expect(await log()).toBe('<3>coldstart: the system does not start: A wrong rootfs was mounted.\n');
  });
});
