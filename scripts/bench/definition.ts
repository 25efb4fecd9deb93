/** Makes definitions of any size: one master and `count - 1` workers on one network. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** 10.0.0.1 is the gateway. */
const FIRST = 2;

/** Writes a `cluster.yaml` for `count` nodes (at most 60,000) into `folder`. */
export async function writeDefinition(folder: string, count: number): Promise<string> {
  const nodes = Array.from({ length: count }, (_, index) => nodeAt(index + FIRST));
  const cluster = {
    name: 'bench',
    networking: {
      ...{ node_cidr: '10.0.0.0/16', gateway: '10.0.0.1', dns: ['10.0.0.1'], ntp: ['10.0.0.1'] },
      ...{ pod_cidr: '10.64.0.0/10', service_cidr: '10.128.0.0/16' },
    },
    kubernetes: { version: '1.35.4', delivery: 'first-boot' },
  };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'cluster.yaml'), JSON.stringify({ cluster, nodes })); // JSON is YAML
  return folder;
}

function nodeAt(index: number): object {
  const hex = index.toString(16).padStart(4, '0');
  const high = String(index >> 8);
  const low = String(index & 255);
  return {
    name: `${index === FIRST ? 'master' : 'worker'}-${String(index).padStart(5, '0')}`,
    ip: `10.0.${high}.${low}`,
    roles: [index === FIRST ? 'master' : 'worker'],
    hardware: {
      mac_addresses: [`52:54:00:be:${hex.slice(0, 2)}:${hex.slice(2)}`],
      state_disk: { serial: 'state' },
    },
  };
}
