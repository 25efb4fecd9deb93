/** The programs of a node, and the interpreters of scripts: tables of diagnostics for hooks and login shells. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { allPrograms } from '../../../src/config/artifacts.ts';
import { OWN_PROGRAMS } from '../../../src/config/base-system/programs.ts';
import { OWN_UNITS } from '../../../src/config/base-system/units.ts';
import { programOf, readShebang } from '../../../src/config/content/shebang.ts';
import { example } from '../../render/examples.ts';

test('the list of our own programs is that of the overlays and of Kubernetes', async () => {
  const overlays = join(import.meta.dirname, '../../../overlays');
  const scripts = readdirSync(overlays, { recursive: true, encoding: 'utf8' }).flatMap(
    (path) => /^[^/]+\/usr\/local\/bin\/(.+)$/.exec(path)?.[1] ?? [],
  );
  const kubernetes = allPrograms(await example('quick-start')).map(({ name }) => name);
  expect([...OWN_PROGRAMS].toSorted()).toEqual([...new Set([...scripts, ...kubernetes])].toSorted());
});

test('the list of our own units is that of the overlays and the templates', () => {
  const folder = join(import.meta.dirname, '../../..');
  const units = ['overlays', 'templates'].flatMap((name) =>
    readdirSync(join(folder, name), { recursive: true, encoding: 'utf8' }).flatMap(
      (path) => /etc\/systemd\/system\/([^/]+\.(?:service|socket|timer|mount|path))(?:\.ejs)?$/.exec(path)?.[1] ?? [],
    ),
  );
  // With upstream's containerd, this unit is in the place of Debian's; the mounts of data disks have the names of their folders.
  const own = units.filter((name) => !['containerd.service', 'data.mount'].includes(name));
  expect([...OWN_UNITS].toSorted()).toEqual([...new Set(own)].toSorted());
});

test.each([
  ['#!/bin/sh', '/bin/sh'],
  ['#! /bin/sh -eu', '/bin/sh'],
  ['#!/usr/bin/env python3', 'python3'],
  ['#!/usr/bin/env -S python3 -u', 'python3'],
  ['#!/usr/bin/env -S LC_ALL=C python3 -u', 'python3'],
  ['#!/bin/env -iS bash', 'bash'],
  ['#!/bin/bash -eu', '/bin/bash'],
  ['#!/usr/bin/perl -w -T', '/usr/bin/perl'],
])('%s starts %s', (line, program) => {
  const first = readShebang(`${line}\ntrue\n`);
  if (first.fault !== undefined) throw new Error(first.fault);
  expect(programOf(first.interpreter, first.argument)).toEqual({ name: program });
});

test.each([
  ['', 'it is empty'],
  ['\n\n', 'it is empty'],
  ['echo\n', 'it does not start with `#!`'],
  ['\uFEFF#!/bin/sh\n', 'it starts with a byte order mark before its `#!`'],
  [' #!/bin/sh\n', 'its `#!` is not at the start of the file'],
  ['\n#!/bin/sh\n', 'its `#!` is not at the start of the file'],
  ['#!\necho\n', 'its first line names no interpreter'],
  ['#!   \necho\n', 'its first line names no interpreter'],
  ['#!bash\n', 'its interpreter `bash` is not an absolute path'],
  ['#!./run\n', 'its interpreter `./run` is not an absolute path'],
  ['#!/bin/sh\r\necho\r\n', 'its lines end with CR LF, as on Windows'],
  [`#!/bin/sh ${'x'.repeat(300)}\n`, 'its first line is longer than 255 bytes'],
])('%j starts nothing', (text, fault) => {
  expect(readShebang(text)).toMatchObject({ fault });
});

test.each([
  ['/bin/bash', '-e -u'],
  ['/bin/sh', '-o pipefail'],
  ['/usr/bin/python3', '-u -B'],
])('%s takes `%s` for one option', (interpreter, argument) => {
  expect(programOf(interpreter, argument)).toEqual({
    fault: `Linux passes \`${argument}\` to \`${interpreter}\` as one argument, which is unknown`,
    hint: `write \`#!/usr/bin/env -S ${interpreter} ${argument}\``,
  });
});

test('a script for env with blanks in its argument starts nothing', () => {
  expect(programOf('/usr/bin/env', 'python3 -u')).toEqual({
    fault: '`env` looks for a program with the name `python3 -u`, including the blanks',
    hint: 'write `#!/usr/bin/env -S python3 -u`',
  });
});
