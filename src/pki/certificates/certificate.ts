/**
 * Signs certificates: P-256, SHA-256, RFC 5280, accepted by `openssl verify -x509_strict`. Only this module uses the
 * X.509 library. The library takes long to load, so callers import this module only when they sign. Signatures contain
 * fresh randomness, so the same inputs give another certificate each time: the store keeps the certificates.
 */
import 'reflect-metadata'; // the library does not load without it
import { createPublicKey, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { makeKeyPair } from './key-pair.ts';
import type { CertificateNeed } from '../issue/needs.ts';
import type { Subject, Usage } from './purposes.ts';
import { serialNumber, type Randomness } from '../issue/randomness.ts';
import { reveal } from '../secret.ts';
import type { Authority, KeyPair } from '../store/model.ts';

x509.cryptoProvider.set(webcrypto);

const CURVE = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' };
const USAGES: Readonly<Record<Usage, string>> = {
  server: x509.ExtendedKeyUsage.serverAuth,
  client: x509.ExtendedKeyUsage.clientAuth,
  signing: x509.ExtendedKeyUsage.codeSigning,
};

export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** A self-signed authority that signs leaf certificates only. */
export async function makeAuthority(subject: Subject, validity: Validity, random: Randomness): Promise<Authority> {
  const pair = makeKeyPair(random);
  const publicKey = await importPublic(pair.publicKey);
  const made = await x509.X509CertificateGenerator.create({
    ...validity,
    serialNumber: serialNumber(random),
    subject: nameOf(subject),
    issuer: nameOf(subject),
    publicKey,
    signingKey: await importPrivate(reveal(pair.privateKey)),
    signingAlgorithm: SIGNING,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(publicKey),
    ],
  });
  return { certificate: pemOf(made), key: pair.privateKey };
}

/** A certificate with the contents that `need` asks for, and its key. */
export async function makeCertificate(
  need: CertificateNeed,
  authority: Authority,
  validity: Validity,
  random: Randomness,
): Promise<{ readonly certificate: string; readonly key: KeyPair['privateKey'] }> {
  const pair = makeKeyPair(random);
  const issuer = await issuerOf(authority);
  const publicKey = await importPublic(pair.publicKey);
  const made = await x509.X509CertificateGenerator.create({
    ...validity,
    serialNumber: serialNumber(random),
    subject: nameOf(need.subject),
    issuer: issuer.name,
    publicKey,
    signingKey: issuer.key,
    signingAlgorithm: SIGNING,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(need.usages.map((usage) => USAGES[usage])),
      ...alternativeNames(need),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      issuer.identifier,
    ],
  });
  return { certificate: pemOf(made), key: pair.privateKey };
}

const issuers = new WeakMap<Authority, ReturnType<typeof readIssuer>>();

/** The parsed authority, kept because a large cluster has thousands of certificates. */
function issuerOf(authority: Authority): ReturnType<typeof readIssuer> {
  const issuer = issuers.get(authority) ?? readIssuer(authority);
  issuers.set(authority, issuer);
  return issuer;
}

async function readIssuer({ certificate, key }: Authority) {
  return {
    name: new x509.X509Certificate(certificate).subjectName,
    key: await importPrivate(reveal(key)),
    identifier: await x509.AuthorityKeyIdentifierExtension.create(await importPublic(publicKeyOf(certificate))),
  };
}

function alternativeNames({ dnsNames, addresses }: CertificateNeed): x509.Extension[] {
  const names: x509.JsonGeneralNames = [
    ...dnsNames.map((value) => ({ type: 'dns' as const, value })),
    ...addresses.map((value) => ({ type: 'ip' as const, value })),
  ];
  return names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)];
}

/** As parts instead of text, so that no character of a name is read as syntax. */
function nameOf({ commonName, organization }: Subject): x509.JsonName {
  return [...(organization === null ? [] : [{ O: [organization] }]), { CN: [commonName] }];
}

const publicKeyOf = (certificate: string): string =>
  createPublicKey(certificate).export({ type: 'spki', format: 'pem' }).toString();

const importPublic = (pem: string) => webcrypto.subtle.importKey('spki', derOf(pem), CURVE, true, ['verify']);
const importPrivate = (pem: string) => webcrypto.subtle.importKey('pkcs8', derOf(pem), CURVE, false, ['sign']);

const derOf = (pem: string): Buffer => Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');

const pemOf = (certificate: x509.X509Certificate): string => `${certificate.toString('pem').trim()}\n`;
