/** Certificates as OpenSSL sees them: chains, purposes, names, usages, keys. */
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { completeStore } from '../../src/pki/issue/issue.ts';
import { needsOf, type CertificateNeed } from '../../src/pki/issue/needs.ts';
import { rotate } from '../../src/pki/issue/rotate.ts';
import { reveal } from '../../src/pki/secret.ts';
import { bundle } from '../../src/pki/store/model.ts';
import { BY, clusters, lab, large, storeOf } from './clusters.ts';
import { isInstalled, run, scratch } from './oracle.ts';

const folder = scratch();
afterAll(folder.remove);

/** OpenSSL's verdict on each of some certificates, e.g. `OK`, or its error. */
function verdicts(trust: string, certificates: readonly string[], purpose: string): string[] {
  const ca = join(folder.path, 'ca.pem');
  const leaves = certificates.map((certificate, index) => {
    const path = join(folder.path, `leaf-${index}.pem`);
    writeFileSync(path, certificate);
    return path;
  });
  writeFileSync(ca, trust);
  const at = String(BY.now.getTime() / 1000);
  const args = ['verify', '-x509_strict', '-attime', at, '-purpose', purpose, '-CAfile', ca, ...leaves];
  const { stdout, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  const errors = [...stderr.matchAll(/^(error \d+ at .*)\n(?:[^]*?)error (\S+): verification failed$/gm)];
  const failed = new Map(errors.map(([, error, path]) => [path, error]));
  return leaves.map((path) => failed.get(path) ?? (stdout.includes(`${path}: OK\n`) ? 'OK' : `? ${stderr}`));
}

const verify = (trust: string, certificate: string, purpose: string) => verdicts(trust, [certificate], purpose)[0];

const PURPOSES = { server: 'sslserver', client: 'sslclient' } as const;
const UNSUITABLE = 'error 26 at 0 depth lookup: unsuitable certificate purpose';

describe.skipIf(!isInstalled('openssl'))('certificates, to OpenSSL (needs openssl)', () => {
  const cases = clusters.flatMap((cluster) =>
    (['kubernetes', 'etcd', 'front-proxy'] as const).map((authority) => [authority, cluster.name, cluster] as const),
  );
  it.each(cases)('of %s in %s are good for exactly what they are for', async (authority, _, cluster) => {
    const store = await storeOf(cluster);
    const needs = needsOf(cluster).certificates.filter((need) => need.authority === authority);
    expect(needs).not.toEqual([]);
    const certificates = needs.map(({ id }) => store.certificates[id]!.certificate);
    for (const usage of ['server', 'client'] as const) {
      const expected = needs.map(({ usages }) => (usages.includes(usage) ? 'OK' : UNSUITABLE));
      expect(verdicts(bundle(store, authority), certificates, PURPOSES[usage])).toEqual(expected);
    }
  });
});

describe.skipIf(!isInstalled('openssl'))('an authority (needs openssl)', () => {
  it('is not believed outside of its own field', async () => {
    const store = await storeOf(lab);
    const { certificate } = store.certificates['nodes/master-01/etcd-server']!;
    expect(verify(bundle(store, 'kubernetes'), certificate, 'sslserver')).toMatch(/^error 20 at 0 depth/);
  });

  it('says what it may do', async () => {
    const store = await storeOf(lab);
    const pem = store.authorities['kubernetes']!.current.certificate;
    const text = run('openssl', ['x509', '-noout', '-text', '-nameopt', 'RFC2253'], pem);
    expect(text).toContain('Subject: CN=kubernetes-ca,O=lab\n');
    expect(text).toContain('Basic Constraints: critical\n                CA:TRUE, pathlen:0\n');
    expect(text).toContain('Key Usage: critical\n                Certificate Sign, CRL Sign\n');
    expect(text).toContain('ASN1 OID: prime256v1');
    expect(text).toContain('Signature Algorithm: ecdsa-with-SHA256');
  });

  it('and its successor are both believed while it is rotated, by chains of either', async () => {
    const first = await storeOf(lab);
    const needs = needsOf(lab);
    const target = { kind: 'authorities', id: 'kubernetes' } as const;
    const id = 'nodes/worker-01/kubelet';
    const staged = await rotate(first, { ...target, step: 'stage' }, needs, BY);
    const kept = await completeStore(staged.store, needs, BY);
    expect(kept.changes).toEqual([]);
    expect(verify(bundle(kept.store, 'kubernetes'), first.certificates[id]!.certificate, 'sslserver')).toBe('OK');
    const activated = await rotate(kept.store, { ...target, step: 'activate' }, needs, BY);
    const second = await completeStore(activated.store, needs, BY);
    const trust = bundle(second.store, 'kubernetes');
    expect(verify(trust, first.certificates[id]!.certificate, 'sslserver')).toBe('OK');
    expect(verify(trust, second.store.certificates[id]!.certificate, 'sslserver')).toBe('OK');
    expect(verify(bundle(first, 'kubernetes'), second.store.certificates[id]!.certificate, 'sslserver')).toMatch(
      /^error/,
    );
    // Who has no new image yet, but knows of the successor, already believes those who have one.
    expect(verify(bundle(kept.store, 'kubernetes'), second.store.certificates[id]!.certificate, 'sslserver')).toBe(
      'OK',
    );
    const { store: retired } = await rotate(second.store, { ...target, step: 'retire' }, needs, BY);
    expect(verify(bundle(retired, 'kubernetes'), first.certificates[id]!.certificate, 'sslserver')).toMatch(/^error/);
    expect(verify(bundle(retired, 'kubernetes'), second.store.certificates[id]!.certificate, 'sslserver')).toBe('OK');
  });
});

/** The names in a certificate, as Node's own parser reads them. */
function namesIn(certificate: X509Certificate): string[] {
  const text = certificate.subjectAltName ?? '';
  const names = text === '' ? [] : text.split(', ').map((name) => name.replace(/^(DNS|IP Address):/, ''));
  return names.map((name) => (name.includes(':') ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name));
}

describe.each(clusters.map((cluster) => [cluster.name, cluster] as const))('certificates of %s', (_, cluster) => {
  const needs: readonly CertificateNeed[] = needsOf(cluster).certificates;

  it('say exactly what was asked for', async () => {
    const store = await storeOf(cluster);
    for (const need of needs) {
      const certificate = new X509Certificate(store.certificates[need.id]!.certificate);
      expect(namesIn(certificate)).toEqual([...need.dnsNames, ...need.addresses]);
      const { commonName, organization } = need.subject;
      expect(certificate.subject).toBe(`${organization === null ? '' : `O=${organization}\n`}CN=${commonName}`);
      const oids = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2', signing: '1.3.6.1.5.5.7.3.3' };
      expect(certificate.keyUsage).toEqual(need.usages.map((usage) => oids[usage])); // Node's word for the extended ones
      expect(certificate.ca).toBe(false);
    }
  });

  it('each have a key of their own that fits, and a positive serial number of their own', async () => {
    const store = await storeOf(cluster);
    const authorities = Object.values(store.authorities).map(({ current }) => current);
    const all = [...authorities, ...Object.values(store.certificates)];
    for (const { certificate, key } of all) {
      const x509 = new X509Certificate(certificate);
      expect(x509.checkPrivateKey(createPrivateKey(reveal(key)))).toBe(true);
      expect(x509.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
      expect(x509.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
    }
    expect(new Set(all.map(({ key }) => reveal(key))).size).toBe(all.length);
    expect(new Set(all.map(({ certificate }) => new X509Certificate(certificate).serialNumber)).size).toBe(all.length);
  });
});

it('the service-account key is a pair', async () => {
  const { publicKey, privateKey } = (await storeOf(large)).keyPairs['service-account']!.current;
  expect(createPublicKey(reveal(privateKey)).export({ type: 'spki', format: 'pem' })).toBe(publicKey);
});
