/** The clock of the initial RAM disk (scripts/base-layer/try.sh): it ends a try that hangs there, and nothing else. */
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { machine, REPOSITORY, type Machine } from '../machine.ts';

async function ramdisk(line: string): Promise<Machine> {
  const made = await machine({
    files: { 'proc/cmdline': `quiet ${line}\n`, 'proc/sysrq-trigger': '', 'dev/kmsg': '' },
  });
  for (const stage of ['init-top', 'init-bottom']) {
    await mkdir(made.path(stage));
    await cp(join(REPOSITORY, 'scripts/base-layer/try.sh'), made.path(`${stage}/coldstart-try`));
  }
  return made;
}
const run = (made: Machine, stage: string) => made.bash(`sh ${made.path(stage)}/coldstart-try >/dev/null 2>&1`);

it('restarts the machine when the try takes too long', async () => {
  const made = await ramdisk('coldstart.try=yes coldstart.try_wait=20');
  await run(made, 'init-top');
  await expect.poll(() => made.read('proc/sysrq-trigger'), { timeout: 30_000 }).toBe('b\n');
  expect(await made.read('dev/kmsg')).toContain('the start hangs in the initial RAM disk');
});

it('stops when the RAM disk has done its part, and never begins at other starts', async () => {
  for (const [line, stages] of [
    ['coldstart.try=yes coldstart.try_wait=2000', ['init-top', 'init-bottom']],
    ['coldstart.try_wait=5', ['init-top']],
  ] as const) {
    const made = await ramdisk(line);
    for (const stage of stages) await run(made, stage);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(await made.read('proc/sysrq-trigger')).toBe('');
    await made.restart();
  }
});
