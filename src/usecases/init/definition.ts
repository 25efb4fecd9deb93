/** From answers to the files of a definition. */
import { mac, name } from '../../config/schema/forms.ts';
import { diskOf } from './disk.ts';
import { insideNetworks } from './inside-networks.ts';
import { outOf, OutMap } from '../../import/write/out.ts';
import { textOf } from '../../import/write/text.ts';
import type { Answers, Machine } from './answers.ts';

/** The account of the administrators. */
const ACCOUNT = 'admin';

export interface WholeAnswers extends Answers {
  readonly masters: readonly Machine[];
  readonly workers: readonly Machine[];
}

export interface NewDefinition {
  readonly cluster: string;
  /** By path relative to the folder of `cluster.yaml`. */
  readonly files: ReadonlyMap<string, string>;
}

const HEAD = `Made by \`coldstart init\`. docs/cluster-yaml.md describes every setting and its default.
The machines are below \`nodes\`; their network cards and disks are in nodes/<name>.yaml.`;

export function definitionOf(answers: WholeAnswers): NewDefinition {
  const { domain, network, gateway, dns, kubernetes, keys, virtualIp } = answers;
  const cluster = {
    name: answers.name,
    ...(domain === '' ? {} : { domain }),
    networking: {
      node_cidr: oneOrAll(network),
      ...(gateway.length === 0 ? {} : { gateway: oneOrAll(gateway) }),
      dns,
      ...insideNetworks(network, [...gateway, ...dns]),
    },
    ...(virtualIp === '' ? {} : { control_plane: { virtual_ip: virtualIp } }),
    kubernetes: { version: kubernetes },
    users: [{ name: ACCOUNT, sudo: true, ssh_keys: keys }],
  };
  const machines = [...answers.masters, ...answers.workers];
  const nodes = machines.map((machine) => ({
    ...{ name: machine.name, ip: oneOrAll(machine.ips), roles: rolesOf(machine, answers) },
    ...(canNameFile(machine) ? {} : { hardware: hardwareOf(machine) }),
  }));
  const text = textOf(new OutMap({ cluster: outOf(cluster), nodes: outOf(nodes) }), HEAD);
  const files = machines
    .filter(canNameFile)
    .map((machine) => [`nodes/${machine.name}.yaml`, textOf(nodeFileOf(machine), '')] as const);
  return { cluster: text, files: new Map(files) };
}

/** A text that is no name is refused by the check, and it is never a path. */
const canNameFile = ({ name: text }: Machine): boolean => name.safeParse(text).success;

const nodeFileOf = (machine: Machine): OutMap =>
  new OutMap({ node: outOf({ name: machine.name, hardware: hardwareOf(machine) }) });

const hardwareOf = ({ macs, disk, osds }: Machine) => ({
  mac_addresses: macs.map((text) => mac.safeParse(text).data ?? text),
  ...(disk === '' ? {} : { state_disk: diskOf(disk) }),
  ...(osds.length === 0 ? {} : { osd_disks: osds.map(diskOf) }),
});

/** Without workers, the masters run ordinary pods. Monitors are an odd number of masters, so that one more than half of them can be lost. */
function rolesOf(machine: Machine, { masters, workers, ceph }: WholeAnswers): readonly string[] {
  const position = masters.indexOf(machine);
  const isMaster = position >= 0;
  const monitors = masters.length - ((masters.length + 1) % 2);
  return [
    ...(isMaster ? ['master'] : []),
    ...(!isMaster || workers.length === 0 ? ['worker'] : []),
    ...(ceph && isMaster && position < monitors ? ['ceph-mon', 'ceph-mgr'] : []),
    ...(ceph && machine.osds.length > 0 ? ['ceph-osd'] : []),
  ];
}

const oneOrAll = (values: readonly string[]): string | readonly string[] =>
  values.length === 1 ? (values[0] ?? '') : values;
