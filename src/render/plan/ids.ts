/**
 * Derives every id of a node only from the names of cluster and node. So the same definition gives the same ids on any
 * machine and at any time, and a re-imaged node finds its old data.
 */
import { createHash } from 'node:crypto';

/** Namespace of coldstart's UUIDs (RFC 9562 version 5); changing it would change every node's identity. */
const NAMESPACE = '6f1f8c0e-6f0b-5e3d-9f0e-2c1d7a9b4e55';

/** Name-based UUID, version 5, of the parts joined with `/`. */
export function uuid5(...parts: readonly string[]): string {
  const hash = createHash('sha1')
    .update(Buffer.from(NAMESPACE.replaceAll('-', ''), 'hex'))
    .update(parts.join('/'));
  const bytes = hash.digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** machine-id(5): 32 hexadecimal digits. */
export function machineId(cluster: string, node: string): string {
  return uuid5('machine-id', cluster, node).replaceAll('-', '');
}

/** The NVMe qualified name of a node (NVM Express Base Specification, "NVMe Qualified Names"; nvme-gen-hostnqn(1)). */
export function nvmeHostId(cluster: string, node: string): string {
  return uuid5('nvme-host', cluster, node);
}

/** The last part of an iSCSI initiator's name: twelve hexadecimal digits, as iscsi-iname(8) makes them. */
export function iscsiInitiatorId(cluster: string, node: string): string {
  return uuid5('iscsi-initiator', cluster, node).replaceAll('-', '').slice(-12);
}

/**
 * Eight hexadecimal digits that distinguish this node's partitions from those of all others; part of every partition
 * label.
 */
export function diskId(cluster: string, node: string): string {
  return createHash('sha256').update(`${cluster}/${node}`).digest('hex').slice(0, 8);
}

/** UUID of a NetworkManager connection; ports and VLANs name their parent by it. */
export function connectionUuid(cluster: string, node: string, connection: string): string {
  return uuid5('connection', cluster, node, connection);
}

/** RAUC installs only bundles whose `compatible` is the one of the node's own configuration. Names of nodes have no slash. */
export const updateCompatible = (cluster: string, node: string): string => `coldstart/${cluster}/${node}`;
