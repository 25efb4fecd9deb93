/** The state of a node as read from its console, and the command line's words for it. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { statusText, tableText } from '../../src/cli/lab/text.ts';
import { lineReader, NOTHING_SEEN, outcomeOf, readLine, type NodeView } from '../../src/lab/console/console-text.ts';
import { doingText, settled } from '../../src/lab/console/node-status.ts';
import type { LabStatus, NodeStatus } from '../../src/lab/supervisor/protocol.ts';

function viewOf(console: string, cut = console.length): NodeView {
  let view = NOTHING_SEEN;
  const read = lineReader((line) => (view = readLine(view, line)));
  for (let at = 0; at < console.length; at += cut) read(console.slice(at, at + cut));
  return view;
}

const KERNEL = 'SeaBIOS\r\n[    0.000000] Linux version 6.12.117+deb13-amd64\r\n';
const ISSUE = 'coldstart: node worker-01 of cluster lab, worker, uninitialized, waiting\r\n';
const PARAGRAPH = `  bootstrap: waiting (first-master-unreachable) since 2026-11-22T17:00:00Z
    nobody answers at 192.168.50.11:6443
`;
const PROMPT = '\r\n\u001b[0mworker-01 login: ';

describe('the console of a node that', () => {
  test.each<[string, string, NodeView]>([
    ['says nothing', '', { stage: 'silent', state: null, entries: [] }],
    ['has just begun', KERNEL, { stage: 'booting', state: null, entries: [] }],
    [
      'works on a step',
      `${KERNEL}[   31.5] cluster-disk.sh[388]: coldstart: disk running: preparing /dev/vda\r\n`,
      { stage: 'booting', state: null, entries: [{ step: 'disk', state: 'running', cause: '' }] },
    ],
    [
      'waits, and says why above its prompt',
      KERNEL + ISSUE + PARAGRAPH + PROMPT,
      {
        stage: 'login',
        state: 'uninitialized',
        entries: [{ step: 'bootstrap', state: 'waiting', cause: 'first-master-unreachable' }],
      },
    ],
    [
      'got over it: the text above the prompt is drawn anew',
      KERNEL + ISSUE + PARAGRAPH + PROMPT + ISSUE.replace('uninitialized, waiting', 'joined, ok') + PROMPT,
      { stage: 'login', state: 'joined', entries: [] },
    ],
    ['was reset', KERNEL + ISSUE + PROMPT + KERNEL, { stage: 'booting', state: null, entries: [] }],
  ])('%s', (_, console, view) => {
    expect(viewOf(console)).toEqual(view);
    expect(viewOf(console, 7)).toEqual(view);
  });

  test("the issue's text is as the node writes it", () => {
    const jq = readFileSync(
      new URL('../../overlays/common/usr/local/lib/coldstart/ledger/ledger.jq', import.meta.url),
      'utf8',
    );
    expect(jq).toContain('"node" end) \\(.node) of cluster \\(.cluster), \\(.boot_role), \\(.state), \\(.health)');
    expect(jq).toContain(
      '"  \\(.step): \\(.state)" + (if .cause == "" then "" else " (\\(.cause)) since \\(.since)" end)',
    );
    const sh = readFileSync(
      new URL('../../overlays/common/usr/local/lib/coldstart/ledger/ledger.sh', import.meta.url),
      'utf8',
    );
    expect(sh).toContain(`printf 'coldstart: %s %s%s: %s\\n' "$step" "$state" "\${cause:+ ($cause)}" "$message"`);
  });

  test.each<[NodeView, string]>([
    [viewOf(KERNEL), 'pending'],
    [viewOf(ISSUE.replace('uninitialized', 'bootstrapped')), 'formed'],
    [viewOf('coldstart: bootstrap done: the API server lists this node\n'), 'formed'],
    [viewOf(`coldstart: bootstrap done: well\n${ISSUE}`), 'formed'],
    [viewOf('coldstart: bootstrap skipped (formation-not-available): not part of this version\n'), 'not-available'],
    [viewOf('coldstart: disk failed (foreign-data): /dev/vda holds ext4\n'), 'failed'],
    [viewOf(ISSUE + PARAGRAPH), 'pending'],
  ])('%j is %s', (view, outcome) => {
    expect(outcomeOf(view)).toBe(outcome);
  });
});

const node = (name: string, changes: Partial<NodeStatus> = {}): NodeStatus => ({
  ...{ name, power: 'running', partitioned: false, problem: null, view: NOTHING_SEEN },
  ...changes,
});

const NODES: readonly NodeStatus[] = [
  node('m1', { view: viewOf(ISSUE.replace('uninitialized', 'bootstrapped')) }),
  node('worker-01', { partitioned: true, view: viewOf(KERNEL + ISSUE + PARAGRAPH + PROMPT) }),
  node('worker-02', { power: 'paused' }),
  node('worker-03', { power: 'off', problem: 'qemu-system-x86_64: -m 9999999: oh\nqemu-system-x86_64: no memory' }),
  node('worker-04', { power: 'off' }),
  node('worker-05', { view: viewOf(PROMPT) }),
];

test('the table', () => {
  expect(tableText(NODES)).toBe(`NODE       POWER    NETWORK    DOING
m1         running  connected  bootstrapped
worker-01  running  cut off    uninitialized, bootstrap: waiting (first-master-unreachable)
worker-02  paused   connected  paused
worker-03  off      connected  QEMU ended: qemu-system-x86_64: no memory
worker-04  off      connected  powered off
worker-05  running  connected  login prompt
`);
});

test('what there is left to wait for', () => {
  expect(NODES.map(settled)).toEqual(['formed', null, null, 'stopped', 'stopped', null]);
  expect(doingText(node('new'))).toBe('switched on');
});

test('what a node is at counts more than what it has left behind', () => {
  const view = viewOf('coldstart: etcd running: founding\ncoldstart: time skipped (no-time-server): no server\n');
  expect(doingText(node('m', { view }))).toBe('switched on, etcd: running');
});

describe('the whole status', () => {
  const status: LabStatus = {
    ...{ cluster: 'lab', folder: '/out/lab/lab', endsAt: 7_200_000, nodes: [node('m1')], serviceUrl: null },
    api: [{ node: 'm1', hostPort: 40_000, address: '192.168.50.11', port: 6443 }],
    gatewayProblem: null,
  };

  test('with everything', () => {
    const whole = { ...status, serviceUrl: 'http://192.168.50.252:8080/', gatewayProblem: 'port in use' };
    expect(statusText(whole, '/out/lab/lab/kubeconfig', 0)).toBe(`NODE  POWER    NETWORK    DOING
m1    running  connected  switched on

API server of m1: https://127.0.0.1:40000
artifacts for the nodes: http://192.168.50.252:8080/
gateway: port in use
kubeconfig: /out/lab/lab/kubeconfig
disks and serial logs: /out/lab/lab
ends automatically in 2 hours, or with \`coldstart lab down\`
`);
  });

  test('without what there is not', () => {
    expect(statusText({ ...status, api: [] }, null, 7_140_000)).toBe(`NODE  POWER    NETWORK    DOING
m1    running  connected  switched on

disks and serial logs: /out/lab/lab
ends automatically in 1 minute, or with \`coldstart lab down\`
`);
  });
});
