/** Talos's newer documents, its patches that take away, its disks, and configurations of single machines. */
import { expect, test } from 'vitest';
import { importTalos } from './talos.ts';
import { check, importTexts } from './world.ts';

const documents = (...texts: readonly string[]): string => `    patches:\n${texts.map((text) => `      - |\n${text.trimEnd().split('\n').map((line) => `        ${line}\n`).join('')}`).join('')}`; // prettier-ignore
const kind = (name: string, text: string): string => `apiVersion: v1alpha1\nkind: ${name}\n${text}`;

test('a document for each interface becomes an interface', () => {
  const { alpha, cluster, report } = importTalos({
    first: documents(
      kind('LinkAliasConfig', 'name: lan7\nselector: { match: \'mac(link.permanent_addr) == "52:54:00:AA:34:01"\' }'),
      kind('BondConfig', 'name: bond7\nlinks: [lan7]\nbondMode: 802.3ad\nxmitHashPolicy: layer3+4\n'),
      kind('VLANConfig', 'name: bond7.30\nvlanID: 30\nparent: bond7\nmtu: 1400\naddresses: [{ address: 10.9.30.11/24 }]\nroutes: [{ destination: 10.8.0.0/16, gateway: 10.9.30.1 }]'),
      kind('DHCPv4Config', 'name: lan8\nrouteMetric: 2048'),
      kind('StaticHostConfig', 'name: 192.168.50.5\nhostnames: [cache.lab.example]'),
      kind('RegistryMirrorConfig', 'name: docker.io\nendpoints: [{ url: "http://cache.lab.example:5000" }]'),
      kind('RawVolumeConfig', 'name: raw'),
    ),
  }); // prettier-ignore
  expect(alpha).toMatch(/name: lan7\n +mac: '52:54:00:aa:34:01'/);
  expect(alpha).toMatch(/type: bond\n[^]*mode: 802\.3ad\n +ports: \[lan7\]\n +options:\n +xmit_hash_policy: layer3\+4/);
  expect(alpha).toMatch(/name: bond7\.30\n +type: vlan\n +mtu: 1400\n +addresses: \[10\.9\.30\.11\/24\][^]*to: 10\.8\.0\.0\/16\n +via: 10\.9\.30\.1/);
  expect(alpha).toMatch(/name: lan8\n +dhcp4: true\n +route_metric: 2048/);
  expect([alpha, cluster].join()).toMatch(/hostnames: \[cache\.lab\.example\][^]*host: docker\.io/);
  expect(report).toContain('`RawVolumeConfig raw` is not in the new definition: coldstart makes no partitions without');
}); // prettier-ignore

test('a node in another network says it, and its gateway', () => {
  const cloud = `
  - hostname: delta
    ipAddress: 10.7.0.14
    controlPlane: false
    installDiskSelector: { serial: DELTA }
    networkInterfaces:
      - deviceSelector: { hardwareAddr: '52:54:00:12:34:14' }
        addresses: [10.7.0.14/24]
        routes: [{ network: 0.0.0.0/0, gateway: 10.7.0.1 }]`;
  const { cluster, written, report } = importTalos({ last: cloud });
  expect(cluster).toContain('node_cidr: 192.168.50.0/24');
  expect(written['nodes/delta.yaml']).toMatch(/network:\n +node_cidr: 10\.7\.0\.0\/24[^]*gateway: 10\.7\.0\.1/);
  expect(report).not.toContain('network/node-outside');
});

test('what a patch takes away is not brought, and is named unless only Talos has it', () => {
  const { cluster, report } = importTalos({
    patch: 'cluster:\n  apiServer:\n    admissionControl:\n      - name: PodSecurity\n        $$patch: delete\nmachine:\n  sysctls:\n    $patch: delete\n', // prettier-ignore
  });
  expect(cluster).not.toMatch(/PodSecurity|patch/);
  expect(report).toContain('`patches[0].machine.sysctls` is not in the new definition: coldstart has nothing to remove there'); // prettier-ignore
});

test('disks that are selected by their transport are named by the comparison', () => {
  const volume = '    userVolumes:\n      - name: fast\n        provisioning: { diskSelector: { match: \'!system_disk && disk.transport == "nvme"\' } }\n'; // prettier-ignore
  expect(importTalos({ first: volume }).report).toContain('coldstart does not select disks by `disk.transport == "nvme"`'); // prettier-ignore
  const install = 'machine:\n  install: { diskSelector: { type: nvme } }\n';
  expect(importTalos({ patch: install }).report).toContain('coldstart selects no disks by their transport');
});

test('a template in a value is named, also in several lines', () => {
  const { report, alpha } = importTalos({ first: '    nodeLabels:\n      lab.example/a: |\n        {{ .Made |\n        up }}\n' }); // prettier-ignore
  expect(report).toContain('import/unset-variable');
  expect(alpha).not.toContain('{{');
});

const machine = (type: string, number: number, name: string): string => `version: v1alpha1
machine:
  type: ${type}
  token: made-up-too
  kubelet: { image: 'ghcr.io/siderolabs/kubelet:v1.35.4' }
  install: { diskSelector: { serial: DISK-${String(number)} } }
  network:
    nameservers: [192.168.50.1]
    interfaces:
      - deviceSelector: { hardwareAddr: '52:54:00:12:34:${String(number)}' }
        addresses: [192.168.50.${String(number)}/24]
        routes: [{ network: 0.0.0.0/0, gateway: 192.168.50.1 }]
cluster:
  clusterName: home
  controlPlane: { endpoint: 'https://192.168.50.10:6443' }
---
apiVersion: v1alpha1
kind: HostnameConfig
hostname: ${name}
`;

test('configurations of single machines become one cluster, which check accepts', async () => {
  const { format, written, report } = importTexts({
    'one.yaml': machine('controlplane', 11, 'alpha.lab.example'),
    'two.yaml': machine('worker', 12, 'beta'),
    'three.yaml': machine('worker', 13, 'gamma').replace(/---[^]*/, ''),
  });
  expect([format, Object.keys(written)]).toEqual([
    'talos',
    ['cluster.yaml', 'nodes/alpha.yaml', 'nodes/beta.yaml', 'nodes/three.yaml'],
  ]);
  expect(written['cluster.yaml']).toMatch(/name: home\n[^]*virtual_ip: 192\.168\.50\.10[^]*name: beta\n +ip: 192\.168\.50\.12\n +roles: \[worker\]/); // prettier-ignore
  expect(report).toContain('`three` is that of its file');
  expect((await check(written)).filter((line) => line.startsWith('error'))).toEqual([]);
});

test('a talconfig.yaml wins over the configurations that talhelper writes beside it', () => {
  const files = { 'home-alpha.yaml': machine('controlplane', 11, 'alpha') };
  expect(importTalos({ files }).format).toBe('talconfig');
});
