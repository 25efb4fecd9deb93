/** What users of public definitions lost without a word, or were told without reason. */
import { expect, test } from 'vitest';
import { importTexts } from './world.ts';

const INSTALL = `baseDomain: lab.example
metadata: { name: home }
controlPlane: { replicas: 1 }
`;
const AGENT = `rendezvousIP: 192.168.50.11
hosts:
  - hostname: alpha
    role: master
    interfaces: [{ name: eno1, macAddress: '52:54:00:12:34:01' }]
`;
const TALCONFIG = `clusterName: home
kubernetesVersion: v1.35.4
endpoint: https://192.168.50.10:6443
patches:
  - "machine: { features: { kubePrism: { enabled: true, port: 7445 } } }"
nodes:
  - hostname: alpha
    ipAddress: 192.168.50.11
    controlPlane: true
    networkInterfaces:
      - { interface: lo, addresses: [169.254.116.108/32] }
      - deviceSelector: { hardwareAddr: '52:54:00:12:34:01' }
        addresses: [192.168.50.11/24]
`;
const EIB = `apiVersion: 1.1
image: { arch: x86_64, imageType: iso, outputImageName: x.iso, baseImage: y.iso }
operatingSystem:
  users: [{ username: danny, encryptedPassword: made-up }]
kubernetes:
  version: v1.35.4+k3s1
  nodes: [{ hostname: alpha, type: server }]
`;

const lost = (texts: Readonly<Record<string, string>>): string => importTexts(texts).report;

test('an agent-config without a kind is one', () => {
  const { format, written } = importTexts({ 'install-config.yaml': INSTALL, 'agent-config.yaml': AGENT });
  expect([format, JSON.stringify(written)]).toEqual(['openshift', expect.stringContaining('52:54:00:12:34:01')]);
});

test('the port of KubePrism, and addresses of lo, are named once, and lo is no card', () => {
  const { report, written } = importTexts({ 'talconfig.yaml': TALCONFIG });
  expect(report.match(/127\.0\.0\.1:6443/g)).toHaveLength(1);
  expect(report.match(/coldstart gives `lo` no further addresses/g)).toHaveLength(1);
  expect(JSON.stringify(written)).not.toContain('169.254.116.108');
});

test('a user without SSH keys is named', () => {
  expect(lost({ 'definition.yaml': EIB })).toContain('nobody could log in as a user without SSH keys');
});

test('ports without an entry of their own are cards, and an address that no node has becomes the virtual one, said once', () => {
  const bridged = TALCONFIG.replace("deviceSelector: { hardwareAddr: '52:54:00:12:34:01' }", 'interface: br0\n        bridge: { interfaces: [eno1, eno2] }'); // prettier-ignore
  const { report, written } = importTexts({ 'talconfig.yaml': bridged });
  expect(JSON.stringify(written)).toMatch(/name: eno1.*name: eno2/);
  expect(report.match(/192\.168\.50\.10 of the end point becomes the virtual address/g)).toHaveLength(1);
});
