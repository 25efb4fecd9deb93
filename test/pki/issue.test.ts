/** Completing a store: the entries that are made, kept, made anew and dropped; nothing else changes. */
import { beforeAll, describe, expect, it } from 'vitest';
import { X509Certificate } from 'node:crypto';
import { completeStore, inputsOf, type Circumstances } from '../../src/pki/issue/issue.ts';
import { needsOf, type CertificateNeed } from '../../src/pki/issue/needs.ts';
import { bootstrapToken, systemRandomness } from '../../src/pki/issue/randomness.ts';
import { describeChange } from '../../src/pki/issue/reconcile.ts';
import { reveal } from '../../src/pki/secret.ts';
import { formatStore } from '../../src/pki/store/format.ts';
import type { Store } from '../../src/pki/store/model.ts';
import { BY, lab, large, NOW, storeOf, withNode } from './clusters.ts';

let store: Store;
beforeAll(async () => void (store = await storeOf(lab)));

const words = (changes: Awaited<ReturnType<typeof completeStore>>['changes']): string[] => changes.map(describeChange);

/** Ids of certificates whose text differs. */
const differing = (a: Store, b: Store): string[] => {
  const ids = [...new Set([...Object.keys(a.certificates), ...Object.keys(b.certificates)])];
  return ids.filter((id) => a.certificates[id] !== b.certificates[id]);
};

describe('completeStore', () => {
  it('makes everything for a new cluster and says so, without values', async () => {
    const { store: made, changes } = await completeStore(null, needsOf(lab), BY);
    const ids = needsOf(lab).certificates.map(({ id }) => id);
    expect(words(changes)).toEqual([
      'made the id `cluster`',
      'made the authority `kubernetes`',
      'made the authority `etcd`',
      'made the authority `front-proxy`',
      ...ids.map((id) => `made the certificate \`${id}\``),
      'made the key pair `service-account`',
      ...['master-01', 'worker-01', 'worker-02'].map((name) => `made the key pair \`ssh/${name}\``),
      'made the key `encryption`',
      'made the token of `worker-01`',
      'made the token of `worker-02`',
    ]);
    expect(made.ids['cluster']).toMatch(/^[0-9a-f]{32}$/);
    for (const token of Object.values(made.tokens)) expect(reveal(token)).toMatch(/^[a-z0-9]{6}\.[a-z0-9]{16}$/);
    expect(Buffer.from(reveal(made.keys['encryption']!.current), 'base64')).toHaveLength(32);
  });

  it('gives back the very same store when nothing is missing, whatever the time', async () => {
    const later = { ...BY, now: new Date('2040-01-01T00:00:00Z') };
    const again = await completeStore(store, needsOf(lab), later);
    expect(again).toEqual({ store, changes: [] });
    expect(again.store).toBe(store);
  });

  it('makes exactly one certificate anew for one more name', async () => {
    const moved = { ...lab, controlPlane: { ...lab.controlPlane, endpoint: 'api.lab.example' } };
    const { store: next, changes } = await completeStore(store, needsOf(moved), BY);
    expect(words(changes)).toEqual([
      'made anew the certificate `nodes/master-01/apiserver`, as it has to say something else now',
    ]);
    expect(differing(store, next)).toEqual(['nodes/master-01/apiserver']);
    const { certificates: _a, ...before } = store;
    const { certificates: _b, ...after } = next;
    expect(formatStore({ ...after, certificates: {} })).toBe(formatStore({ ...before, certificates: {} }));
  });

  it('makes the certificates of one node anew when its address changes', async () => {
    const moved = withNode(lab, 'worker-01', { ips: ['192.168.50.99'] });
    const { store: next } = await completeStore(store, needsOf(moved), BY);
    expect(differing(store, next)).toEqual(['nodes/worker-01/kubelet']);
  });

  it('drops what belonged to a node that is gone, and adds what a new one needs', async () => {
    const [first, , last] = lab.nodes;
    const without = { ...lab, nodes: [first!, { ...last!, name: 'worker-03' }] };
    const { store: next, changes } = await completeStore(store, needsOf(without), BY);
    expect(words(changes)).toEqual([
      'made the certificate `nodes/worker-03/kubelet`',
      'made the certificate `nodes/worker-03/kube-proxy`',
      ...['worker-01/kubelet', 'worker-01/kube-proxy', 'worker-02/kubelet', 'worker-02/kube-proxy'].map(
        (id) => `dropped the certificate \`nodes/${id}\`, as the definition asks for it no longer`,
      ),
      'made the key pair `ssh/worker-03`',
      ...['worker-01', 'worker-02'].map(
        (name) => `dropped the key pair \`ssh/${name}\`, as the definition asks for it no longer`,
      ),
      'made the token of `worker-03`',
      'dropped the token of `worker-01`, as the definition asks for it no longer',
      'dropped the token of `worker-02`, as the definition asks for it no longer',
    ]);
    expect(Object.keys(next.tokens)).toEqual(['worker-03']);
  });

  it('refuses the store of another cluster', async () => {
    await expect(completeStore(store, needsOf(large), BY)).rejects.toThrow(
      'The secrets store belongs to cluster `lab`, not to `prod`.',
    );
  });

  it('keeps tokens apart by their first part, which is their name in the API', async () => {
    let calls = 0;
    // The first two tokens come out the same.
    const bytes = (count: number) =>
      count === 32 && calls++ < 2 ? Buffer.alloc(32, 7) : systemRandomness.bytes(count);
    const by: Circumstances = { now: NOW, random: { ...systemRandomness, bytes } };
    const { store: made } = await completeStore({ ...store, tokens: {} }, needsOf(lab), by);
    expect(reveal(made.tokens['worker-01']!)).toBe('hhhhhh.hhhhhhhhhhhhhhhh');
    expect(reveal(made.tokens['worker-02']!).slice(0, 6)).not.toBe('hhhhhh');
  });

  it('sets the lifetimes from the clock that it is given, and never beyond the authority', async () => {
    const lifetimes = { authority: 400, node: 1000, operator: 10 };
    const { store: made } = await completeStore(null, needsOf(lab), { ...BY, lifetimes });
    const span = (pem: string): string[] => {
      const { validFrom, validTo } = new X509Certificate(pem);
      return [validFrom, validTo].map((text) => new Date(text).toISOString());
    };
    expect(span(made.authorities['etcd']!.current.certificate)).toEqual([
      '2026-11-21T12:00:00.000Z',
      '2027-12-27T12:00:00.000Z',
    ]);
    expect(span(made.certificates['nodes/worker-01/kubelet']!.certificate)[1]).toBe('2027-12-27T12:00:00.000Z');
    expect(span(made.certificates['operator/admin']!.certificate)[1]).toBe('2026-12-02T12:00:00.000Z');
  });

  it('writes dates past 2049 in the form that X.509 wants', async () => {
    const by = { ...BY, lifetimes: { authority: 20_000, node: 20_000, operator: 1 } };
    const { store: made } = await completeStore(null, needsOf(lab), by);
    const certificate = new X509Certificate(made.authorities['etcd']!.current.certificate);
    expect(new Date(certificate.validTo).toISOString()).toBe('2081-08-25T12:00:00.000Z');
    expect(certificate.raw.includes(Buffer.from('20810825120000Z'))).toBe(true);
  });
});

describe('bootstrapToken', () => {
  it('takes no letter more often than another', () => {
    const bytes = Uint8Array.from({ length: 32 }, (_, index) => 252 + (index % 4));
    let calls = 0;
    const random = { ...systemRandomness, bytes: () => (calls++ === 0 ? bytes : new Uint8Array(32)) };
    expect(bootstrapToken(random)).toBe('aaaaaa.aaaaaaaaaaaaaaaa'); // 252 to 255 would give a to d
    expect(calls).toBe(2);
  });
});

describe('inputsOf', () => {
  const need = needsOf(large).certificates.find(({ id }) => id === 'nodes/master-01/etcd-server')!;
  const others: readonly (readonly [string, Partial<CertificateNeed>])[] = [
    ['user', { subject: { ...need.subject, commonName: 'other' } }],
    ['group', { subject: { ...need.subject, organization: 'other' } }],
    ['name', { dnsNames: [...need.dnsNames, 'other'] }],
    ['address', { addresses: need.addresses.slice(1) }],
    ['usage', { usages: ['server'] }],
  ];
  it.each(others)('changes with a %s', (_, other) => {
    expect(inputsOf({ ...need, ...other }, 'key')).not.toBe(inputsOf(need, 'key'));
  });

  it('changes with the key of the issuer', () => {
    expect(inputsOf(need, 'other')).not.toBe(inputsOf(need, 'key'));
  });

  it('does not change with an order, an id, a place or a lifetime', () => {
    const turned = { dnsNames: need.dnsNames.toReversed(), usages: need.usages.toReversed() };
    const same = { ...need, ...turned, id: 'other', form: null, lifetime: 'operator' as const };
    expect(inputsOf(same, 'key')).toBe(inputsOf(need, 'key'));
  });
});
