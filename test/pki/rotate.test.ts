/** Rotation step by step, expiry, and protection against accidental output of secrets. */
import { inspect } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_MARGINS, expiries } from '../../src/pki/certificates/expiry.ts';
import { completeStore, type Outcome } from '../../src/pki/issue/issue.ts';
import { needsOf } from '../../src/pki/issue/needs.ts';
import { describeChange } from '../../src/pki/issue/reconcile.ts';
import { rotate, type Target } from '../../src/pki/issue/rotate.ts';
import { reveal, secret } from '../../src/pki/secret.ts';
import { formatStore } from '../../src/pki/store/format.ts';
import type { Store } from '../../src/pki/store/model.ts';
import { BY, lab, NOW, storeOf } from './clusters.ts';

const needs = needsOf(lab);
let first: Store;
beforeAll(async () => void (first = await storeOf(lab)), 120_000);

/** One step and what follows from it, as the command does it. */
async function take(store: Store, target: Target): Promise<Outcome> {
  const turned = await rotate(store, target, needs, BY);
  const completed = await completeStore(turned.store, needs, BY);
  return { store: completed.store, changes: [...turned.changes, ...completed.changes] };
}
const words = ({ changes }: Outcome): string[] => changes.map(describeChange);
const changed = (store: Store): string[] =>
  Object.keys(store.certificates).filter((id) => store.certificates[id] !== first.certificates[id]);

describe('rotate', () => {
  it('replaces one token, or all', async () => {
    const one = await take(first, { kind: 'tokens', id: 'worker-02' });
    expect(words(one)).toEqual(['made anew the token of `worker-02`, as it was to be rotated']);
    expect(reveal(one.store.tokens['worker-01']!)).toBe(reveal(first.tokens['worker-01']!));
    expect(reveal(one.store.tokens['worker-02']!)).not.toBe(reveal(first.tokens['worker-02']!));
    const all = await take(first, { kind: 'tokens', id: null });
    expect(words(all)).toHaveLength(2);
  });

  it('replaces one certificate, those of a node, or all', async () => {
    const one = await take(first, { kind: 'certificates', id: 'operator/admin' });
    expect(words(one)).toEqual(['made anew the certificate `operator/admin`, as it was to be rotated']);
    expect(changed(one.store)).toEqual(['operator/admin']);
    const node = await take(first, { kind: 'certificates', id: 'nodes/worker-01' });
    expect(changed(node.store)).toEqual(['nodes/worker-01/kubelet', 'nodes/worker-01/kube-proxy']);
    const all = await take(first, { kind: 'certificates', id: null });
    expect(changed(all.store)).toEqual(needs.certificates.map(({ id }) => id));
  });

  it('keeps a certificate that is to be rotated until the new one is made', async () => {
    const { store } = await rotate(first, { kind: 'certificates', id: 'nodes/worker-01/kubelet' }, needs, BY);
    expect(store.certificates['nodes/worker-01/kubelet']).toEqual({
      ...first.certificates['nodes/worker-01/kubelet'],
      inputs: 'rotate',
    });
  });

  it('takes an authority through its three steps', async () => {
    const target = { kind: 'authorities', id: 'etcd' } as const;
    const staged = await take(first, { ...target, step: 'stage' });
    expect(words(staged)).toEqual(['staged a successor of the authority `etcd`']);
    const active = await take(staged.store, { ...target, step: 'activate' });
    const signed = ['apiserver-etcd-client', 'etcd-server', 'etcd-peer', 'etcd-healthcheck-client'];
    expect(words(active)).toEqual([
      'activated the successor of the authority `etcd`',
      ...signed.map((name) => `made anew the certificate \`nodes/master-01/${name}\`, as its issuer has a new key`),
    ]);
    const retired = await take(active.store, { ...target, step: 'retire' });
    expect(words(retired)).toEqual(['retired the predecessor of the authority `etcd`']);
    const { current, next, previous } = retired.store.authorities['etcd']!;
    expect([next, previous]).toEqual([null, null]);
    expect(reveal(current.key)).not.toBe(reveal(first.authorities['etcd']!.current.key));
  });

  it.each(['authorities', 'keyPairs', 'keys'] as const)('refuses steps of %s that are out of order', async (kind) => {
    const [id, what] = {
      authorities: ['etcd', 'authority'],
      keyPairs: ['service-account', 'key pair'],
      keys: ['encryption', 'key'],
    }[kind] as [string, string];
    const refusal = (store: Store, step: 'stage' | 'activate' | 'retire') =>
      rotate(store, { kind, id, step }, needs, BY).then(
        () => '',
        (error: Error & { hint: string }) => `${error.message} ${error.hint}`,
      );
    expect(await refusal(first, 'activate')).toBe(
      `No successor of the ${what} \`${id}\` is staged. the step that comes first is \`stage\``,
    );
    expect(await refusal(first, 'retire')).toBe(
      `There is no predecessor of the ${what} \`${id}\` to retire. the step that comes first is \`activate\``,
    );
    const { store: staged } = await rotate(first, { kind, id, step: 'stage' }, needs, BY);
    expect(await refusal(staged, 'stage')).toBe(
      `A successor of the ${what} \`${id}\` is staged already. the step that comes first is \`activate\``,
    );
    const { store: active } = await rotate(staged, { kind, id, step: 'activate' }, needs, BY);
    expect(await refusal(active, 'stage')).toBe(
      `The predecessor of the ${what} \`${id}\` is still trusted. the step that comes first is \`retire\``,
    );
  });

  const unknown: readonly (readonly [Target, string])[] = [
    [{ kind: 'tokens', id: 'worker-09' }, 'The secrets store has no token `worker-09`.'],
    [{ kind: 'certificates', id: 'nodes/worker' }, 'The secrets store has no certificate `nodes/worker`.'],
    [{ kind: 'authorities', id: 'x', step: 'stage' }, 'The secrets store has no authority `x`.'],
    [{ kind: 'keyPairs', id: 'x', step: 'stage' }, 'The secrets store has no key pair `x`.'],
    [{ kind: 'keys', id: 'x', step: 'retire' }, 'The secrets store has no key `x`.'],
  ];
  it.each(unknown)('refuses what is not there: %j', async (target, message) => {
    await expect(rotate(first, target, needs, BY)).rejects.toThrow(message);
  });
});

describe('expiries', () => {
  const states = (now: string): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const { state } of expiries(first, new Date(now))) counts[state] = (counts[state] ?? 0) + 1;
    return counts;
  };

  it('lists authorities and certificates, the first to end in front', () => {
    const list = expiries(first, NOW).map(({ id, notAfter, state }) => `${notAfter.toISOString()} ${id} ${state}`);
    expect(list).toHaveLength(needs.certificates.length + 3);
    expect(list[0]).toBe('2027-11-22T12:00:00.000Z certificates/operator/admin good');
    expect(list[1]).toBe('2031-11-22T12:00:00.000Z certificates/nodes/master-01/admin good');
    expect(list.at(-1)).toBe('2036-11-21T12:00:00.000Z authorities/kubernetes good');
  });

  it('says what is wrong as time goes by', () => {
    const leaves = needs.certificates.length - 1;
    expect(states('2026-11-22T12:00:00Z')).toEqual({ good: leaves + 4 });
    expect(states('2027-10-24T12:00:00Z')).toEqual({ expiring: 1, good: leaves + 3 });
    expect(states('2027-11-22T12:00:00Z')).toEqual({ expired: 1, good: leaves + 3 });
    expect(states('2030-11-22T11:59:59Z')).toEqual({ expired: 1, good: leaves + 3 });
    expect(states('2030-11-22T12:00:00Z')).toEqual({ expired: 1, ageing: leaves, good: 3 });
    expect(states('2031-10-23T12:00:00Z')).toEqual({ expired: 1, expiring: leaves, good: 3 });
    expect(states('2036-01-01T00:00:00Z')).toEqual({ expired: leaves + 1, ageing: 3 });
    expect(states('2036-12-01T00:00:00Z')).toEqual({ expired: leaves + 4 });
  });

  it('takes other margins', () => {
    expect(expiries(first, NOW, { ...DEFAULT_MARGINS, warning: 400 })[0]!.state).toBe('expiring');
  });
});

describe('a secret', () => {
  const value = 'the-value-itself';
  it('shows nothing in any of the ways that things are printed', () => {
    const hidden = secret(value);
    const shown = [
      String(hidden),
      `${hidden as unknown as string}`,
      JSON.stringify({ hidden }),
      inspect({ hidden }, { showHidden: true }),
      Object.values(hidden).join(),
    ];
    expect(shown).toEqual(['[secret]', '[secret]', '{"hidden":"[secret]"}', '{ hidden: [secret] }', '']);
    expect(reveal(hidden)).toBe(value);
    expect(() => reveal({ ...hidden })).toThrow('not a secret of this process');
  });

  it('of a whole store shows nothing either, nor in what was done to it', async () => {
    const { changes } = await completeStore(null, needs, BY);
    const shown = inspect(first, { depth: 9, showHidden: true }) + JSON.stringify([first, changes]);
    const secrets = [
      ...formatStore(first).matchAll(/BEGIN PRIVATE KEY-----\n +(\S+)|: (\w{6}\.\w{16})\n|current: (\S{44})\n/g),
    ];
    expect(secrets.length).toBe(needs.certificates.length + 3 + needs.keyPairs.length + 2 + 1);
    for (const [, key, token, symmetric] of secrets) expect(shown).not.toContain(key ?? token ?? symmetric);
  });
});
