/** Settings of Kubernetes' programs that have a place of another form in coldstart. */
import { expect, test } from 'vitest';
import { importTalos } from './talos.ts';
import { check, importTexts } from './world.ts';

const dropIn = (text: string) => `machine:
  files:
    - path: /etc/cri/conf.d/20-made-up.part
      op: create
      content: |
${text
  .split('\n')
  .map((line) => `        ${line}`)
  .join('\n')}
`;

test('a drop-in of containerd 2 becomes the configuration of containerd 1, without its default', () => {
  const { cluster, report } = importTalos({
    patch: dropIn('[plugins."io.containerd.cri.v1.images"]\n  discard_unpacked_layers = false\n  max_concurrent_downloads = 5\n[plugins."io.containerd.cri.v1.runtime"]\n  cdi_spec_dirs = ["/var/cdi"]'), // prettier-ignore
  });
  expect(cluster).toMatch(/containerd:\n +config:\n +plugins:\n +io\.containerd\.grpc\.v1\.cri:\n +max_concurrent_downloads: 5\n +cdi_spec_dirs: \[\/var\/cdi\]/);
  expect([cluster, report].join()).not.toMatch(/discard_unpacked_layers|drop-ins/);
}); // prettier-ignore

test('what coldstart keeps of containerd is named, and so is what only some nodes say', () => {
  const patch = dropIn('[plugins."io.containerd.cri.v1.images".registry]\n  config_path = "/srv"');
  expect(importTalos({ patch }).report).toContain('containerd 1 has no field like');
  const own = importTalos({ first: `    patches:\n      - |\n${dropIn('[debug]\nlevel = "info"').replaceAll(/^/gm, '        ')}\n` }); // prettier-ignore
  expect(own.report).toContain('all nodes have one configuration of containerd');
  expect(own.cluster).not.toContain('containerd');
});

test('arguments of OIDC become the configuration of authentication, and check accepts it', async () => {
  const { cluster, report, written } = importTalos({
    patch: 'cluster:\n  apiServer:\n    extraArgs:\n      oidc-issuer-url: https://id.lab.example\n      oidc-client-id: kubernetes\n      oidc-groups-claim: groups\n      oidc-groups-prefix: "oidc:"\n      oidc-required-claim: hd=lab.example\n',
  }); // prettier-ignore
  expect(report).not.toContain('oidc');
  expect(cluster).toMatch(/url: https:\/\/id\.lab\.example\n +audiences: \[kubernetes\]/);
  expect(cluster).toMatch(/username:\n +claim: sub\n +prefix: https:\/\/id\.lab\.example#\n +groups:\n +claim: groups\n +prefix: 'oidc:'/); // prettier-ignore
  expect(cluster).toMatch(/claim: hd\n +requiredValue: lab\.example/);
  expect((await check(written)).filter((line) => line.startsWith('error'))).toEqual([]);
});

test('an external cloud provider, sizes of pod networks and addresses of the name service have settings', async () => {
  const { cluster, written } = importTalos({
    patch: 'cluster:\n  externalCloudProvider: { enabled: true }\n  controllerManager: { extraArgs: { node-cidr-mask-size: 25 } }\nmachine:\n  kubelet: { clusterDNS: [169.254.2.53] }\n', // prettier-ignore
  });
  expect(cluster).toMatch(/node_pod_prefix: 25/);
  expect(cluster).toMatch(/clusterDNS: \[169\.254\.2\.53\]/);
  expect(cluster.match(/cloud-provider: external/g)).toHaveLength(2);
  expect((await check(written)).filter((line) => line.startsWith('error'))).toEqual([]);
});

test('`validSubnets` choose the address of a node, and one without an address is named', () => {
  const first = `    patches:
      - |
        machine:
          kubelet: { nodeIP: { validSubnets: [10.9.0.0/24, 'fd00:9::/64'] } }
          network: { interfaces: [{ interface: eno7, addresses: [10.9.0.11/24] }] }
`;
  const { cluster, report } = importTalos({ first });
  expect(cluster).toMatch(/name: alpha\n +ip: 10\.9\.0\.11/);
  expect(report).toContain('Node `alpha` has the `ip` 10.9.0.11');
  expect(report).toMatch(/validSubnets\[1\]` is not in the new definition: the definition gives the node no address/);
});

const EIB = `apiVersion: 1.1
image: { arch: x86_64, imageType: iso, outputImageName: x.iso, baseImage: y.iso }
kubernetes:
  version: v1.35.4+k3s1
  nodes: [{ hostname: alpha, type: server }, { hostname: beta, type: agent }]
`;

test('arguments in the configuration of k3s are brought as those of Talos, servers apart from agents', () => {
  const { written, report } = importTexts({
    'definition.yaml': EIB,
    'kubernetes/config/server.yaml': 'disable: [traefik, servicelb, coredns]\ndisable-kube-proxy: true\nkube-apiserver-arg: [feature-gates=ImageVolume=true]\nkube-controller-manager-arg: node-cidr-mask-size=26\nkubelet-arg: [max-pods=60]\netcd-expose-metrics: true\nnode-label: [lab.example/hall=north]\nsurprise: 1\n',
    'kubernetes/config/agent.yaml': 'kubelet-arg: [--max-pods=50]\nnode-taint: [lab.example/slow=yes:NoSchedule]\n',
  }); // prettier-ignore
  const cluster = written['cluster.yaml'];
  expect(cluster).toMatch(/feature-gates: ImageVolume=true/);
  expect(cluster).toMatch(/node_pod_prefix: 26/);
  expect(cluster).toMatch(/kube_proxy:\n +enabled: false\n +coredns:\n +enabled: false/);
  expect(cluster).toMatch(/listen-metrics-urls: http:\/\/0\.0\.0\.0:2381/);
  expect(written['nodes/alpha.yaml']).toMatch(/lab\.example\/hall: north[\s\S]*maxPods: 60/);
  expect(written['nodes/beta.yaml']).toMatch(/key: lab\.example\/slow\n +value: yes\n +effect: NoSchedule[\s\S]*maxPods: 50/); // prettier-ignore
  expect(report).toContain('k3s installs local-storage, metrics-server by itself');
  expect(report).toContain('`surprise` is not in the new definition');
});

test('files beside the definition of an edge image are brought or named', () => {
  const { written, report } = importTexts({
    'definition.yaml': EIB,
    'os-files/etc/motd': 'Hello.\n',
    'os-files/var/lib/rancher/k3s/x.yaml': 'a: 1\n',
    'custom/scripts/01.sh': 'true\n',
    'certificates/lab.pem': 'none\n',
    'network/configure-network.sh': 'true\n',
  });
  expect(written['overlays/common/etc/motd']).toBe('Hello.\n');
  for (const name of ['x.yaml', '01.sh', 'lab.pem', 'configure-network.sh']) expect(report).toContain(`${name}\` is not in the new definition`); // prettier-ignore
});

test('a KubeletConfig of OpenShift sets fields of kubelets; what only OpenShift reads is named', () => {
  const { written, report } = importTexts({
    'agent-config.yaml': "kind: AgentConfig\nrendezvousIP: 192.168.50.11\nhosts: [{ hostname: alpha, role: master, interfaces: [{ name: eno1, macAddress: '52:54:00:12:34:01' }] }]\n",
    'openshift/kubelet.yaml': 'apiVersion: machineconfiguration.openshift.io/v1\nkind: KubeletConfig\nspec: { kubeletConfig: { maxPods: 300 } }\n',
    'openshift/machine.yaml': 'apiVersion: machineconfiguration.openshift.io/v1\nkind: MachineConfig\nmetadata: { name: made-up }\nspec: { kernelArguments: [quiet] }\n',
    'openshift/space.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: { name: made-up }\n',
  }); // prettier-ignore
  expect(written['cluster.yaml']).toMatch(/maxPods: 300/);
  expect(written['manifests/space.yaml']).toContain('Namespace');
  expect(report).toContain('`MachineConfig made-up` is not in the new definition');
});

const LONGHORN = '613e1592b2da41ae5e265e8789429f22e121aab91cb4deb6bc3c0b6262961245';

test('the id of a schematic says its extensions if they are known, or if the schematic is in the folder; else it is named', () => {
  expect(importTalos({ first: `    talosImageURL: factory.talos.dev/metal-installer/${LONGHORN}\n` }).alpha).toContain('packages: [open-iscsi]'); // prettier-ignore
  const unknown = importTalos({ first: `    talosImageURL: factory.talos.dev/metal-installer/${'0'.repeat(64)}\n` });
  expect(unknown.report).toContain('it is the id of a schematic');
  const schematic = 'customization:\n  extraKernelArgs:\n    - quiet # less noise\n';
  const id = '6af4854a4c258b9884f9aa8feb95c0ad80f2efcd5e11d141aa06eb29a7c0aeb3';
  const files = { 'schematics/alpha.yaml': schematic };
  expect(importTalos({ first: `    talosImageURL: factory.talos.dev/metal-installer/${id}\n`, files }).alpha).toContain('kernel_args:\n    - quiet # less noise'); // prettier-ignore
});
