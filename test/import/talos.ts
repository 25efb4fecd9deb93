/** A cluster of Talos to which a test adds its patch. */
import { importTexts, type Texts } from './world.ts';

const HEAD = `clusterName: home
kubernetesVersion: v1.35.4
endpoint: https://192.168.50.10:6443
`;
const node = (name: string, number: number, isMaster: boolean, more = ''): string => `
  - hostname: ${name}
    ipAddress: 192.168.50.${String(number)}
    controlPlane: ${String(isMaster)}
    installDiskSelector: { serial: ${name.toUpperCase()} }
    networkInterfaces:
      - deviceSelector: { hardwareAddr: '52:54:00:12:34:${String(number)}' }
        addresses: [192.168.50.${String(number)}/24]
        routes: [{ network: 0.0.0.0/0, gateway: 192.168.50.1 }]
${more}`;

interface Parts {
  /** A patch for all nodes, as YAML. */
  readonly patch?: string;
  /** Further settings of the cluster, as YAML. */
  readonly top?: string;
  /** Further settings of the first node, indented by four spaces. */
  readonly first?: string;
  /** A further node, indented by two spaces. */
  readonly last?: string;
  readonly files?: Texts;
}

const indented = (text: string): string => text.trimEnd().split('\n').map((line) => `    ${line}\n`).join(''); // prettier-ignore

/** Imports two masters' and a worker's definition with these parts. */
export function importTalos({ patch, top = '', first = '', last = '', files = {} }: Parts) {
  const patches = patch === undefined ? '' : `patches:\n  - |\n${indented(patch)}`;
  const nodes = [node('alpha', 11, true, first), node('beta', 12, true), node('gamma', 13, false)];
  const result = importTexts({ ...files, 'talconfig.yaml': `${HEAD}${top}${patches}nodes:${nodes.join('')}${last}` });
  return { ...result, cluster: result.written['cluster.yaml'] ?? '', alpha: result.written['nodes/alpha.yaml'] ?? '' };
}
