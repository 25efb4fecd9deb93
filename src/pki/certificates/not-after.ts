/** When certificates expire. OpenSSL needs a tenth of a millisecond for each, so a process parses each of thousands only once. */
import { X509Certificate } from 'node:crypto';

const known = new Map<string, Date>();

/** @param certificate PEM @throws the error of OpenSSL when it is no certificate */
export function notAfter(certificate: string): Date {
  const found = known.get(certificate) ?? new Date(new X509Certificate(certificate).validTo);
  known.set(certificate, found);
  return found;
}
