/** Plans a lab from the definition and the user's options: machines, disks, wires, gateway. Pure; holds no secret. */
import type { Cluster, Node } from '../config/cluster.ts';
import { deviceFor, OSD_DISK_SIZE, sizeFor, STATE_DISK_SIZE, type DiskDevice } from './qemu/disks.ts';
import { planGateway, type Forward } from './network/gateway.ts';
import { unknownNics } from './network/nic.ts';
import { wire, type WiredNic } from './network/wiring.ts';

interface LabDisk {
  /** File name below the lab's folder. */
  readonly file: string;
  /** Bytes. */
  readonly size: number;
  readonly device: DiskDevice;
}

export interface LabNode {
  readonly name: string;
  /** Absolute. */
  readonly iso: string;
  readonly disks: readonly LabDisk[];
  readonly nics: readonly WiredNic[];
  /** From `firmwareArgs`. */
  readonly firmware: readonly string[];
}

export interface ApiForward extends Forward {
  readonly node: string;
}

export interface LabPlan {
  readonly schema: 1;
  readonly cluster: string;
  /** Persistent files: disks, logs, kubeconfig. Absolute. */
  readonly folder: string;
  /** Sockets, and the note that names the supervisor's process. Absolute. */
  readonly run: string;
  /** Seconds after which the lab ends by itself. */
  readonly limit: number;
  /** From `acceleratorArgs`. */
  readonly accelerator: readonly string[];
  readonly processors: number;
  /** MiB for each node. */
  readonly memory: number;
  readonly segments: number;
  readonly gateway: {
    readonly netdev: string;
    readonly segment: number;
    readonly vlan: number | null;
    readonly serviceUrl: string | null;
  } | null;
  /** The folder that is served to the nodes; null for none. */
  readonly artifacts: string | null;
  /** Ports of this machine that lead to the API servers. */
  readonly api: readonly ApiForward[];
  readonly nodes: readonly LabNode[];
}

export interface LabRequest extends Pick<
  LabPlan,
  'folder' | 'run' | 'limit' | 'accelerator' | 'processors' | 'memory' | 'artifacts'
> {
  readonly cluster: Cluster;
  readonly nodes: readonly Node[];
  readonly internet: boolean;
  /** Program that serves one connection of the service. */
  readonly service: readonly string[];
  /** By name of the node. */
  readonly isos: ReadonlyMap<string, string>;
  readonly firmware: ReadonlyMap<string, readonly string[]>;
  /** Free ports of 127.0.0.1, by name of the master. */
  readonly ports: ReadonlyMap<string, number>;
}

/** The plan, and the disks and NICs of the definition that QEMU cannot provide, e.g. `worker-01: by_id ata-…`. */
export function planLab(request: LabRequest): { readonly plan: LabPlan; readonly refused: readonly string[] } {
  const { cluster, nodes, folder, run, limit, accelerator, processors, memory } = request;
  const wiring = wire(nodes, cluster.networking.nodeCidrs);
  const api = nodes.flatMap(({ name, ips }) => {
    const hostPort = request.ports.get(name);
    const address = ips.find((ip) => !ip.includes(':'));
    return hostPort === undefined || address === undefined
      ? []
      : [{ node: name, hostPort, address, port: cluster.controlPlane.port }];
  });
  const service = request.artifacts === null ? null : request.service;
  const gateway = wiring.nodeNetwork && planGateway({ cluster, forwards: api, internet: request.internet, service });
  const disks = nodes.map((node) => ({ node, ...disksOf(node) }));
  const plan: LabPlan = {
    schema: 1,
    cluster: cluster.name,
    ...{ folder, run, limit, accelerator, processors, memory },
    segments: wiring.segments,
    gateway: gateway && wiring.nodeNetwork && { ...gateway, ...wiring.nodeNetwork },
    artifacts: (gateway?.serviceUrl ?? null) === null ? null : request.artifacts,
    api: gateway === null ? [] : api,
    nodes: disks.map(({ node: { name }, found }) => ({
      name,
      iso: prepared(request.isos, name),
      disks: found,
      nics: wiring.nics.get(name) ?? [],
      firmware: prepared(request.firmware, name),
    })),
  };
  const unknownDisks = disks.flatMap(({ node, refused }) => refused.map((which) => `${node.name}: ${which}`));
  return { plan, refused: [...unknownDisks, ...nodes.flatMap(unknownNics), ...farNetworks(cluster, nodes)] };
}

function prepared<T>(of: ReadonlyMap<string, T>, name: string): T {
  const value = of.get(name);
  if (value === undefined) throw new Error(`nothing was prepared for node ${name}`);
  return value;
}

/** The networks of nodes beside the first: the lab has no router between networks. */
function farNetworks(cluster: Cluster, nodes: readonly Node[]): readonly string[] {
  const near = nodes[0]?.nodeCidrs ?? cluster.networking.nodeCidrs;
  return nodes.flatMap(({ name, nodeCidrs }) =>
    nodeCidrs.filter((cidr) => !near.includes(cidr)).map((cidr) => `${name}: network ${cidr}`),
  );
}

function disksOf(node: Node): { found: LabDisk[]; refused: string[] } {
  const wanted = [
    ...(node.stateDisk === null ? [] : [{ selector: node.stateDisk, name: 'state', usual: STATE_DISK_SIZE }]),
    ...node.osdDisks.map((selector, index) => ({ selector, name: `osd-${index + 1}`, usual: OSD_DISK_SIZE })),
    ...node.dataDisks.map(({ name, disk }) => ({ selector: disk, name: `data-${name}`, usual: OSD_DISK_SIZE })),
  ];
  const found: LabDisk[] = [];
  const refused: string[] = [];
  for (const { selector, name, usual } of wanted) {
    const device = deviceFor(selector, name);
    const asked = { by_id: selector.byId, model: selector.model, wwn: selector.wwn };
    const words = Object.entries(asked).flatMap(([key, value]) => (value === null ? [] : [`${key} ${value}`]));
    if (device === null) refused.push(words.join(', '));
    else found.push({ file: `${node.name}.${name}.qcow2`, size: sizeFor(selector, usual), device });
  }
  return { found, refused };
}
