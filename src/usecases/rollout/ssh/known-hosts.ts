/**
 * The host keys of nodes in the form of OpenSSH: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT". They come from the secrets store, so nothing is
 * trusted at first use. Pure.
 */
import { createPublicKey } from 'node:crypto';
import type { Node } from '../../../config/cluster.ts';
import { sshHost } from '../../../pki/issue/needs.ts';
import { trusted, type Store } from '../../../pki/store/model.ts';

/** The type of all host keys in the store: RFC 5656, section 3.1. */
export const HOST_KEY_TYPE = 'ecdsa-sha2-nistp256';
const CURVE = 'nistp256';
/** Bytes of an uncompressed point of P-256, at the end of a SubjectPublicKeyInfo. */
const POINT = 65;

/** One line for each trusted key of each node, by the node's name. A node without a key in the store has none. */
export function knownHosts({ keyPairs }: Store, nodes: readonly Node[]): string {
  return nodes
    .flatMap(({ name }) => {
      const pair = Object.hasOwn(keyPairs, sshHost(name)) ? keyPairs[sshHost(name)] : undefined;
      return pair === undefined ? [] : trusted(pair).map(({ publicKey }) => `${name} ${sshPublicKey(publicKey)}\n`);
    })
    .join('');
}

/** As in a file `….pub`. @param publicKey PEM of a P-256 key */
function sshPublicKey(publicKey: string): string {
  const point = createPublicKey(publicKey).export({ type: 'spki', format: 'der' }).subarray(-POINT);
  const fields = [Buffer.from(HOST_KEY_TYPE), Buffer.from(CURVE), point];
  return `${HOST_KEY_TYPE} ${Buffer.concat(fields.flatMap(withLength)).toString('base64')}`;
}

/** A string of RFC 4251, section 5. */
function withLength(bytes: Buffer): Buffer[] {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return [length, bytes];
}
