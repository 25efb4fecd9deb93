/**
 * Checks a file of CA certificates: PEM blocks (RFC 7468). Go's programs and curl silently ignore blocks that they cannot read.
 * Does not check the dates of certificates, because the result would change from day to day.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Location } from '../../diagnostics/diagnostic.ts';
import type { Report } from '../../diagnostics/report.ts';

interface Block {
  /** The label in `-----BEGIN label-----`. */
  readonly label: string;
  readonly body: string;
  /** The number of the first line, from 1. */
  readonly line: number;
  readonly isClosed: boolean;
}

/** Reports the faults of a file of CA certificates. @param at the setting that names the file */
export function reportCertificates(path: string, text: string, at: Location, report: Report): void {
  const blocks = readBlocks(text);
  const secret = blocks.find(({ label }) => label.endsWith('PRIVATE KEY'));
  if (secret) return report.add('file/private-key', { path, line: secret.line }, { at });
  const found = blocks.filter(({ label }) => label === 'CERTIFICATE');
  if (found.length === 0) return report.add('file/not-a-certificate', { path }, { at });
  const read = found.map((block) => ({ block, certificate: readCertificate(block) }));
  const broken = read.find(({ certificate }) => typeof certificate === 'string');
  if (broken && typeof broken.certificate === 'string') {
    const values = { path, line: broken.block.line, reason: broken.certificate };
    return report.add('file/broken-certificate', values, { at });
  }
  const certificates = read.flatMap(({ certificate }) => (typeof certificate === 'string' ? [] : [certificate]));
  if (!certificates.some(isAnchor)) report.add('file/not-a-ca', { path }, { at });
}

/** The line of the first private key without a passphrase, counted from 1; undefined if there is none. */
export function privateKeyLine(text: string): number | undefined {
  const isOpen = ({ label, line }: Block): boolean =>
    label.endsWith('PRIVATE KEY') &&
    label !== 'ENCRYPTED PRIVATE KEY' &&
    !/^Proc-Type: 4,ENCRYPTED/.test(text.split(/\r?\n/)[line] ?? '');
  return readBlocks(text).find(isOpen)?.line;
}

function readBlocks(text: string): readonly Block[] {
  const lines = text.split(/\r?\n/);
  return lines.flatMap((first, index) => {
    const label = /^-----BEGIN ([A-Z0-9 ]+)-----\s*$/.exec(first)?.[1];
    if (label === undefined) return [];
    const after = lines.slice(index + 1);
    const end = after.findIndex((line) => line.startsWith('-----'));
    const isClosed = end >= 0 && after[end]?.startsWith(`-----END ${label}-----`) === true;
    return [{ label, body: after.slice(0, Math.max(end, 0)).join(''), line: index + 1, isClosed }];
  });
}

/** The certificate of a block, or its fault as the end of a sentence. */
function readCertificate({ body, isClosed }: Block): X509Certificate | string {
  if (!isClosed) return 'it has no end';
  const base64 = body.replace(/\s/g, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64) || base64.length % 4 !== 0) return 'its content is not base64';
  try {
    return new X509Certificate(Buffer.from(base64, 'base64'));
  } catch {
    return 'its content is not a certificate';
  }
}

/** Whether it can verify a server: it is a CA certificate or self-signed. */
const isAnchor = (certificate: X509Certificate): boolean => certificate.ca || certificate.checkIssued(certificate);

/** Whether a text is a certificate, optionally with its chain, and the private key of the first certificate. */
export function isIdentity(text: string): boolean {
  const blocks = readBlocks(text);
  const [own, ...above] = blocks.filter(({ label }) => label === 'CERTIFICATE').map(readCertificate);
  const key = blocks.find(({ label }) => label.endsWith('PRIVATE KEY'));
  if (own === undefined || typeof own === 'string' || key === undefined) return false;
  if (above.some((certificate) => typeof certificate === 'string')) return false;
  try {
    return own.checkPrivateKey(createPrivateKey(text.slice(text.indexOf(`-----BEGIN ${key.label}-----`))));
  } catch {
    return false; // not a key, or a key with a passphrase
  }
}
