/** Diagnostics for lines of sshd's settings, compared with the sshd of the base layer. */
import { expect, it } from 'vitest';
import { SSHD_SETTINGS, sshdFault } from '../../../src/config/base-system/sshd-settings.ts';
import { makeTree } from '../../../src/render/tree/tree.ts';
import { nodeRoot } from '../containers/node-root.ts';
import { testRoot } from '../containers/root.ts';

const root = await testRoot();

const LINES = [
  ...[
    'PermitRootLogin no',
    'permitrootlogin no # x',
    'PermitRootLogin=no',
    'PermitRootLogn no',
    'PermitRootLogin maybe',
  ],
  ...[
    'PermitRootLogin without-password',
    'Port 22',
    'Port 0',
    'Port 99999',
    'Port x',
    '"Port" 22',
    'AllowUsers',
    'UsePAM',
  ],
  ...[
    'PasswordAuthentication YES',
    'PasswordAuthentication true',
    'UseDNS maybe',
    'MaxSessions x',
    'MaxAuthTries 6',
    '; x',
  ],
  ...['AllowTcpForwarding local', 'Banner', 'UseLogin no', 'Protocol 2', 'DenyUsers a b', 'Match User a', 'UsePAM # x'],
];

it.skipIf(root === null)('sshd starts with the lines that we take, and knows all settings of the list', () => {
  const on = nodeRoot(root ?? '', makeTree([]));
  const script = `mkdir -p /run/sshd; ssh-keygen -q -t ed25519 -N '' -f /tmp/k
    for line; do printf '%s\\n' "$line" > /tmp/c; /usr/sbin/sshd -t -h /tmp/k -f /tmp/c >/tmp/o 2>&1
    echo "$? $(tr '\\n' ' ' </tmp/o)"; done`;
  const asked = [...LINES, ...[...SSHD_SETTINGS].map((name) => `${name} x`)];
  const answers = on.run('bash', ['-c', script, 'sshd', ...asked]).stdout.split('\n');
  on.remove();
  const known = LINES.map((line, index) => [line, !(answers[index] ?? '').startsWith('0 ')]);
  expect(LINES.map((line) => [line, sshdFault(line) !== undefined])).toEqual(known);
  expect(answers.slice(LINES.length).filter((answer) => answer.includes('Bad configuration option'))).toEqual([]);
});
