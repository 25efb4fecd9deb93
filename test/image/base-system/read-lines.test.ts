/** Diagnostics for lines of files, compared with the programs of the base layer that read them. */
import { expect, it } from 'vitest';
import { READ_LINES } from '../../../src/config/base-system/read-lines.ts';
import { makeTree } from '../../../src/render/tree/tree.ts';
import { nodeRoot } from '../containers/node-root.ts';
import { testRoot } from '../containers/root.ts';

const root = await testRoot();

/**
 * By a file's path: how its reader is asked about `/tmp/file`, and lines; it must say nothing, or refuse the line. systemd-sysctl
 * is not asked: it would write to the kernel of this machine.
 */
const READERS: readonly (readonly [path: string, command: string, lines: readonly string[]])[] = [
  [
    '/etc/sudoers.d/x',
    'visudo -c -f /tmp/file',
    [
      ...['this is nonsense', 'admin', 'root ALL=NOPASSWD ALL', '%ops ALL=(ALL) NOPASSWD: systemctl restart x'],
      ...['Cmnd_Alias restart = /usr/bin/true', 'Cmnd_Alias RESTART = /usr/bin/true', '%ops ALL=(ALL:ALL) ALL'],
      ...['OPS, #1000 ALL = (root : adm) NOPASSWD: SETENV: /usr/bin/true a, /usr/bin/false # x', 'root ALL='],
      ...[
        '"a b" host.example=TIMEOUT=5m !/usr/bin/su, sudoedit /etc/motd',
        'Defaults:%ops !requiretty',
        '+net ALL=ALL',
      ],
      ...[
        'root ALL=(ALL) NOPASSWD:ALL',
        'root ALL=(ALL) PASSWORD: ALL',
        'root ALL = true',
        'ALL ALL=(ALL) NOEXEC:/bin/vi',
      ],
    ],
  ],
  [
    '/etc/tmpfiles.d/x.conf',
    'systemd-tmpfiles --dry-run --create /tmp/file',
    [
      ...['d /run/app 0755', '/run/app d 0755', 'd run/app', 'L+ /etc/x - - - - ../y', 'D! /run/x 1777 root root 10d'],
      ...['f /run/x 0644 - - - text', 'nonsense', '! /x'],
    ],
  ],
  [
    '/etc/sysusers.d/x.conf',
    'systemd-sysusers --dry-run /tmp/file',
    ['u app - "An app"', 'u! app -', 'g app -', 'm app video', 'r - 500-900', 'user app', 'x app', 'u'],
  ],
];

it.skipIf(root === null).each(READERS)('lines of %s', (path, command, lines) => {
  const on = nodeRoot(root ?? '', makeTree([]));
  const script = `for line; do printf '%s\\n' "$line" > /tmp/file; ${command} >/tmp/said 2>&1
    if [ $? -ne 0 ] || grep -qE 'ignoring|Unknown|syntax|is not' /tmp/said; then echo refused; else echo read; fi; done`;
  const theirs = on
    .run('bash', ['-c', script, 'reader', ...lines])
    .stdout.trim()
    .split('\n');
  on.remove();
  const found = READ_LINES.find((one) => one.path.test(path));
  expect(lines.map((line) => [line, found?.fault(line) === undefined ? 'read' : 'refused'])).toEqual(
    lines.map((line, index) => [line, theirs[index]]),
  );
});
