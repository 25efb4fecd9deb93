/** Reviews of files with values from the store: without a store, with an encrypted one, and with a complete one. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Cluster, Node } from '../../src/config/cluster.ts';
import * as holes from '../../src/pki/holes.ts';
import { completeStore } from '../../src/pki/issue/issue.ts';
import { needsOf } from '../../src/pki/issue/needs.ts';
import type { Store } from '../../src/pki/store/model.ts';
import { contentChange, diffSnapshots, snapshotOf } from '../../src/render/tree/diff.ts';
import { draftNode } from '../../src/render/plan/plan.ts';
import { ask, couldBecome, type Known } from '../../src/render/engine/values.ts';
import { BESIDE, sound } from '../config/ceph.ts';
import { BY } from '../pki/clusters.ts';
import { secretsIn } from '../pki/least-privilege.ts';
import { SOURCES } from './sources.ts';

const beside = await sound(BESIDE);
const smaller = await sound({ ...BESIDE, ceph: (BESIDE.ceph ?? '').replace('2G', '1G') });
const elsewhere = { ...beside, controlPlane: { ...beside.controlPlane, port: 7443 } };

const named = (of: Cluster, name: string): Node => of.nodes.find((node) => node.name === name)!;

let store: Store;
beforeAll(async () => {
  ({ store } = await completeStore(null, needsOf(beside), BY));
}, 60_000);

/** What of a node differs, as lines of text or as the digests. */
function changes(name: string, [before, known]: [Cluster, Known], [after, knownThen]: [Cluster, Known]) {
  const sides = [
    draftNode(before, named(before, name), SOURCES, known),
    draftNode(after, named(after, name), SOURCES, knownThen),
  ] as const;
  return diffSnapshots(snapshotOf(sides[0]), snapshotOf(sides[1])).map((file) => {
    const change = contentChange(file);
    const lines =
      change.kind === 'text' ? change.hunks.flatMap((hunk) => hunk.lines.filter((line) => !line.startsWith(' '))) : [];
    return [file.path, change.kind, ...lines];
  });
}

const CHANGED = [['etc/ceph/ceph.conf', 'text', '-osd_memory_target = 2147483648', '+osd_memory_target = 1073741824']];
const isOfCeph = ([path]: string[]): boolean => /ceph\.(conf|env)$/.test(path ?? '');

describe('a changed line of ceph.conf shows as that', () => {
  test.each(['not-issued-yet', 'cannot-be-opened-here'] as const)('between two definitions: %s', (reason) => {
    expect(changes('m-2', [beside, reason], [smaller, reason]).filter(isOfCeph)).toEqual(CHANGED);
    expect(changes('m-2', [beside, reason], [beside, reason])).toEqual([]);
  });

  test('with the store', () => {
    expect(changes('m-2', [beside, store], [smaller, store]).filter(isOfCeph)).toEqual(CHANGED);
  });

  test('from what was built, where the store cannot be opened now', () => {
    const [conf] = changes('m-2', [beside, store], [smaller, 'cannot-be-opened-here']).filter(isOfCeph);
    expect(conf).toEqual(expect.arrayContaining(CHANGED[0]!));
  });
});

test('of what was built with a store that cannot be opened now, nothing is said to change', () => {
  for (const { name } of beside.nodes) {
    expect(changes(name, [beside, store], [beside, 'cannot-be-opened-here'])).toEqual([]);
  }
});

test.each(['not-issued-yet', 'cannot-be-opened-here'] as const)('around a secret a change is seen: %s', (reason) => {
  const found = changes('m-1', [beside, reason], [elsewhere, reason]).filter(([path]) => path?.endsWith('.conf'));
  expect(found).toContainEqual(['etc/kubernetes/scheduler.conf', 'secret']);
  expect(found.filter(([, kind]) => kind !== 'secret')).toEqual([]);
});

test('what is shown of a draft, or of a whole tree, holds no secret', () => {
  for (const known of ['not-issued-yet', { ...store, tokens: {} }, store] as const) {
    for (const node of beside.nodes) {
      const shown = snapshotOf(draftNode(beside, node, SOURCES, known)).flatMap(({ content }) =>
        content ? [{ content }] : [],
      );
      expect(secretsIn(shown, store)).toEqual([]);
    }
  }
});

describe('a file', () => {
  test('names the values that it asked for', () => {
    const of = (path: string) =>
      draftNode(beside, named(beside, 'w-5'), SOURCES).find((entry) => entry.path === path)?.origin.holes;
    expect(of('etc/kubernetes/kube-proxy.conf')).toEqual([
      'authority:kubernetes',
      'certificate:nodes/w-5/kube-proxy',
      'certificate_key:nodes/w-5/kube-proxy',
    ]);
    expect(of('etc/hostname')).toBeUndefined();
  });

  test('that is no secret cannot ask for one', () => {
    const { values } = ask(store, false);
    expect(values(holes.authority('kubernetes'))).toContain('BEGIN CERTIFICATE');
    expect(() => values(holes.signingKey('kubernetes'))).toThrow('`signing_key:kubernetes` is secret');
  });

  test('has placeholders as they are, whatever notation the value has', () => {
    const { values, missing } = ask('not-issued-yet', true);
    expect(values(holes.token('w-5'), (text) => text.toUpperCase())).toBe('<token:w-5: not issued yet>');
    expect(missing()).toBe('not-issued-yet');
  });
});

test.each([
  ['a = <ceph_fsid: cannot be opened here>\nb\n', 'a = 1-2\nb\n', true],
  ['<authority:etcd: cannot be opened here><key:ceph/mon: cannot be opened here>', 'xy', true],
  ['a = <ceph_fsid: cannot be opened here>\nb\n', 'a = 1-2\nc\n', false],
  ['a = <ceph_fsid: cannot be opened here>\n', 'a = 1\nb = 2\n', false],
  ['a = <ceph_fsid: not issued yet>\n', 'a = 1\n', false],
  ['a\n', 'a\nb\n', false],
])('%j could become %j: %j', (draft, text, expected) => {
  expect(couldBecome(draft, text)).toBe(expected);
});
