/**
 * The documents about the scripts are correct: every cause is explained, every mask has its reason, every unit is
 * enabled.
 */
import { access, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { OVERLAY, REPOSITORY } from './machine.ts';
import { nodeScripts } from './scripts.ts';

const UNITS = join(OVERLAY, 'etc/systemd/system');
const read = (path: string): Promise<string> => readFile(path, 'utf8');

/**
 * Causes as they stand in calls of `ledger STEP STATE CAUSE`, `stop STEP CAUSE` and cluster-detect's `refuse CAUSE`,
 * `osd_trouble CAUSE`, `missing STEP CAUSE`, `CAUSE=`.
 */
async function causes(): Promise<string[]> {
  const text = (await nodeScripts()).join('\n').replaceAll(/^\s*(#|local ).*$/gm, '');
  const calls = [
    ...text.matchAll(/^\s*(?:\S+\s+\|\|\s+)?ledger \S+ (?:'done'|running|waiting|failed|skipped) ([a-z][a-z-]*)/gm),
    ...text.matchAll(/\bstop (?:[a-z]+|"\$(?:step|DISK_STEP)") ([a-z][a-z-]*)/g),
    ...text.matchAll(/^\s+refuse ([a-z][a-z-]*)/gm),
    ...text.matchAll(/\bledger "\$2" failed ([a-z][a-z-]*)/g),
    ...text.matchAll(/\bmissing(?:_on_way)? (?:[a-z]+|"\$DISK_STEP") ([a-z][a-z-]*)/g),
    ...text.matchAll(/\b(?:CAUSE|cause)=([a-z][a-z-]*)/g),
    ...text.matchAll(/\bosd_trouble ([a-z][a-z-]*)/g),
  ];
  return [...new Set(calls.map(([, cause]) => cause ?? ''))].sort();
}

async function links(folder: string): Promise<[name: string, target: string][]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = entries.filter((entry) => entry.isSymbolicLink()).map(({ name }) => name);
  return Promise.all(found.map(async (name) => [name, await readlink(join(folder, name))] as [string, string]));
}

describe('docs/TROUBLESHOOTING.md', () => {
  it('explains every cause of the scripts, and no other', async () => {
    const text = await read(join(REPOSITORY, 'docs/TROUBLESHOOTING.md'));
    const explained = [...text.matchAll(/^### (\S+)$/gm)].map(([, cause]) => cause ?? '').sort();
    expect(explained).toEqual(await causes());
    expect(explained.length).toBeGreaterThan(25);
  });
});

describe('overlays/README.md', () => {
  it('gives the reason of every mask, and of no other', async () => {
    const text = await read(join(REPOSITORY, 'overlays/README.md'));
    const rows = text.split('\n').filter((line) => line.startsWith('| `'));
    const listed = rows.flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`(\S+)`/g)].map(([, name]) => name));
    const folders = [UNITS, join(UNITS, 'multi-user.target.wants')];
    const masks = (await Promise.all(folders.map(links))).flat().filter(([, target]) => target === '/dev/null');
    expect(listed.sort()).toEqual(masks.map(([name]) => name).sort());
  });
});

describe('units', () => {
  it('are enabled where their [Install] section says', async () => {
    const entries = await readdir(UNITS, { withFileTypes: true });
    const own = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
    for (const unit of own) {
      const text = await read(join(UNITS, unit));
      for (const [, target] of text.matchAll(/^WantedBy=(\S+)$/gm)) {
        expect(await readlink(join(UNITS, `${target ?? ''}.wants`, unit))).toBe(`../${unit}`);
      }
    }
    expect(own.length).toBeGreaterThan(9);
  });

  it('do not hold up the target that starts them, if they may take long', async () => {
    const names = (await readdir(UNITS)).filter((name) => name.endsWith('.service'));
    const waiting: string[] = [];
    for (const name of names) {
      const text = await read(join(UNITS, name));
      const target = /^WantedBy=(multi-user\.target)$/m.exec(text)?.[1]; // var.mount needs the state disk
      if (target === undefined || !/^TimeoutStartSec=(infinity|\d+h)$/m.test(text)) continue;
      waiting.push(name);
      expect([name, text]).toEqual([name, expect.stringMatching(new RegExp(`^After=${target}$`, 'm'))]);
    }
    expect(waiting).toEqual(expect.arrayContaining(['cluster-install.service', 'cluster-mark-good.service']));
  });

  it('run scripts that exist', async () => {
    const names = (await readdir(UNITS)).filter((name) => /^cluster-.*\.service$/.test(name));
    for (const name of names) {
      const script = /^ExecStart=(\S+)/m.exec(await read(join(UNITS, name)))?.[1] ?? '';
      await access(join(OVERLAY, script.slice(1)));
    }
  });

  it('have five minutes or more on slow machines, unless they end what hangs', async () => {
    const folders = ['common', 'role-master'].map((name) => join(REPOSITORY, 'overlays', name, 'etc/systemd/system'));
    const names = (
      await Promise.all(folders.map(async (folder) => (await readdir(folder)).map((name) => join(folder, name))))
    ).flat();
    const hurried: string[] = [];
    for (const path of names.filter((name) => name.endsWith('.service'))) {
      const text = await read(path);
      const [, count = '0', unit = ''] = /^TimeoutStartSec=(\d+)([a-z]*)$/m.exec(text) ?? [];
      const seconds = Number(count) * ({ min: 60, h: 3600 }[unit] ?? 1);
      if (seconds !== 0 && seconds < 300 && !text.includes('\nFailureAction=')) hurried.push(path);
    }
    expect(hurried).toEqual([]);
  });

  it('never sleep, and neither do the scripts but in the one wait with a deadline, and between two tries', async () => {
    expect((await nodeScripts()).join('\n').match(/^\s*sleep .*$/gm)).toEqual([
      '      sleep "$((3 + RANDOM % 5))"', // a watch that lasts as long as the node
      '  sleep "$((PAUSE + RANDOM % (PAUSE + 1)))"', // the same
      '    sleep "$((pause < left ? pause : left))" || return',
      '    sleep "$COPY_PAUSE"', // while somebody looks on
    ]);
  });

  it('leave /etc/hosts to the renderer, and what the cluster says to one function (erratum 13)', async () => {
    const commands = (await nodeScripts()).join('\n').replaceAll(/^\s*#.*$/gm, '');
    expect(commands.match(/^.*\/etc\/hosts.*$/gm)).toEqual(['  local file=$COLDSTART_ROOT/etc/hosts before after']);
  });
});

describe('shellcheck', () => {
  it('is asked for by name when it is missing', async () => {
    const { exitCode, stderr } = await execa('/bin/bash', ['scripts/lint-shell.sh'], {
      ...{ cwd: REPOSITORY, reject: false, extendEnv: false },
      env: { PATH: join(REPOSITORY, 'test/node/no-tools') },
    });
    expect([exitCode, stderr]).toEqual([
      4,
      'lint-shell.sh: shellcheck is not installed; on Debian and Ubuntu: apt-get install shellcheck',
    ]);
  });
});
