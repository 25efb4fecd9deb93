/** The server's certificate, signed by an authority of the cluster. It is made at each start and kept in memory only. */
import { isIP } from 'node:net';
import { systemRandomness } from '../../pki/issue/randomness.ts';
import { reveal } from '../../pki/secret.ts';
import { entry, type Store } from '../../pki/store/model.ts';
import type { AuthorityId } from '../../pki/certificates/purposes.ts';
import type { Identity } from '../../serve/http/settings.ts';
import { UsageError } from '../usage.ts';

const DAY = 86_400_000;
const LIFETIME = 365 * DAY;

/** The authorities that may sign it, the preferred one first. */
const AUTHORITIES: readonly AuthorityId[] = ['kubernetes', 'ceph'];

/**
 * @param name name or address of the server
 * @throws UsageError when the cluster has no authority, as one of Ceph without dashboards
 */
export async function signedFor(name: string, store: Store): Promise<Identity> {
  const authority = AUTHORITIES.find((id) => Object.hasOwn(store.authorities, id));
  if (authority === undefined) {
    const hint = 'give a certificate of your own with --cert and --key';
    throw new UsageError('This cluster has no authority that could sign the certificate of the server.', hint);
  }
  const { makeCertificate } = await import('../../pki/certificates/certificate.ts');
  const { current } = entry(store.authorities, authority);
  const isAddress = isIP(name) !== 0;
  const need = {
    ...{ id: 'operator/serve', authority, subject: { commonName: 'coldstart-serve', organization: null } },
    ...{ usages: ['server'] as const, dnsNames: isAddress ? [] : [name], addresses: isAddress ? [name] : [] },
    ...{ lifetime: 'operator' as const, form: null },
  };
  const now = Date.now();
  const validity = { notBefore: new Date(now - DAY), notAfter: new Date(now + LIFETIME) };
  const { certificate, key } = await makeCertificate(need, current, validity, systemRandomness);
  return { certificate: certificate + current.certificate, key: reveal(key) };
}
