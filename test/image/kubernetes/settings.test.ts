/**
 * Settings of Kubernetes' programs, as the real programs see them: a master and a worker in containers, with the real
 * etcd, API server, controller manager and scheduler; kubelet and kube-proxy only read their configuration, as these
 * containers run no pods.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderNode } from '../../../src/render/plan/plan.ts';
import { settings } from '../../render/settings.ts';
import { SOURCES } from '../../render/sources.ts';
import { ARTIFACTS, needsArtifacts, versionOf } from '../build/artifact-folder.ts';
import { file } from '../containers/container.ts';
import { eventually, PATIENCE, Rack, treesOf, type RackNode } from '../containers/rack.ts';
import { testRoot } from '../containers/root.ts';

const root = ARTIFACTS === '' ? null : await testRoot();
const missing = root === null ? needsArtifacts || ' (needs root and a base layer)' : '';
const WAIT = PATIENCE * 150;
const PROGRAMS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl'];
const names = ['master-01', 'worker-01'];
const macOf = (index: number): string => `52:54:00:12:56:0${String(index + 1)}`;

const KUBECONFIG = `
        apiVersion: v1
        kind: Config
        clusters: [{ name: none, cluster: { server: 'http://127.0.0.1:1' } }]
        contexts: [{ name: none, context: { cluster: none, user: none } }]
        current-context: none
        users: [{ name: none, user: {} }]`;

const definition = (version: string): string => `
cluster:
  name: settings
  networking: { node_cidr: 192.168.50.0/24, cni: none }
  control_plane: { cert_sans: [lb.lab.example, 203.0.113.7] }
  kubernetes:
    version: ${version}
    delivery: embedded
    kube_proxy: { enabled: false }
    coredns: { enabled: false }
    api_server:
      extra_args:
        audit-webhook-config-file: /etc/kubernetes/audit-webhook.conf
        enable-admission-plugins: AlwaysPullImages
        service-account-issuer: https://issuer.lab.example
        external-hostname: 'a $HOME %n "b" \\c'
      admission:
        plugins:
          - name: PodSecurity
            configuration:
              apiVersion: pod-security.admission.config.k8s.io/v1
              kind: PodSecurityConfiguration
              defaults: { enforce: baseline }
              exemptions: { namespaces: [kube-system] }
      authentication:
        jwt:
          - issuer: { url: 'https://login.lab.example', audiences: [kubernetes] }
            claimMappings: { username: { claim: email, prefix: 'oidc:' } }
      audit_policy: { rules: [{ level: Metadata }] }
    controller_manager:
      extra_args: { bind-address: 0.0.0.0, allocate-node-cidrs: false, controllers: [-ttl-after-finished-controller] }
    scheduler:
      extra_args: { bind-address: 0.0.0.0, v: 2 }
      config: { profiles: [{ schedulerName: other }] }
    etcd:
      extra_args: { listen-metrics-urls: 'http://0.0.0.0:2381', heartbeat-interval: 100, election-timeout: 1000 }
  files:
    - path: /etc/kubernetes/audit-webhook.conf
      mode: '0600'
      secret: true
      content: |${KUBECONFIG}
nodes:${names
  .map(
    (name, index) => `
  - name: ${name}
    ip: 192.168.50.${String(11 + index)}
    roles: [${name.startsWith('master') ? 'master' : 'worker'}]
    hardware: { mac_addresses: ["${macOf(index)}"], state_disk: { path: /dev/test-disk } }
    annotations: { lab.example/note: 'a "b" of ${name}' }`,
  )
  .join('')}
`;

const kubelet = readFileSync(join(import.meta.dirname, '../containers/stand-ins/kubelet.sh'));

const PRIVILEGED = {
  ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'privileged' } },
  spec: {
    automountServiceAccountToken: false,
    containers: [{ name: 'one', image: 'registry.k8s.io/pause:3.10.1', securityContext: { privileged: true } }],
  },
};

describe.skipIf(root === null)(`a master and a worker${missing}`, () => {
  let layer: string;
  let rack: Rack;
  let nodes: readonly RackNode[];
  const master = (): RackNode => nodes[0] as RackNode;
  const said = async (line: string): Promise<string> => {
    const { stdout, stderr } = await master().run(
      'bash',
      '-c',
      `export KUBECONFIG=/etc/kubernetes/admin.conf; ${line}`,
    );
    return `${stdout}${stderr}`;
  };
  const argumentsOf = (program: string) => said(`tr '\\0' '\\n' </proc/$(pidof ${program})/cmdline`);

  beforeAll(async () => {
    layer = mkdtempSync(join(tmpdir(), 'coldstart-programs-'));
    mkdirSync(join(layer, 'usr/local/bin'), { recursive: true });
    for (const name of PROGRAMS) cpSync(join(ARTIFACTS, name), join(layer, 'usr/local/bin', name));
    const trees = await treesOf(definition(await versionOf(ARTIFACTS)));
    rack = new Rack(`${layer}:${root ?? ''}`);
    const standIn = file('usr/local/bin/kubelet', kubelet, 0o755);
    nodes = names.map((name, index) => rack.add(name, macOf(index), [...(trees.get(name) ?? []), standIn], 0));
  });
  afterAll(async () => {
    await rack.remove();
    rmSync(layer, { recursive: true });
  });

  it('form a cluster without a service proxy', async () => {
    for (const node of nodes) node.switchOn();
    for (const node of nodes) {
      const isDone = (steps: readonly string[]): boolean => steps.includes('bootstrap done');
      expect(await eventually(WAIT, () => node.steps(), isDone)).toContain('bootstrap done');
    }
    expect(await said('kubectl get nodes --output name')).toBe('node/master-01\nnode/worker-01');
  });

  it('the API server has the arguments, and reads a file that only root may read', async () => {
    const words = (await argumentsOf('kube-apiserver')).split('\n');
    expect(words).toContain('--external-hostname=a $HOME %n "b" \\c');
    expect(words).toContain('--enable-admission-plugins=NodeRestriction,AlwaysPullImages');
    expect(words).toContain(
      '--audit-webhook-config-file=/run/credentials/kube-apiserver.service/etc-kubernetes-audit-webhook.conf',
    );
    expect(await said('kubectl create token default')).toMatch(/^ey/);
    expect(await said("kubectl create token default | cut -d. -f2 | base64 -d 2>/dev/null | jq -r '.iss'")).toContain(
      'https://issuer.lab.example',
    );
  });

  it('the certificate of the API server has further names, and nodes have annotations', async () => {
    const names = await said('openssl x509 -in /etc/kubernetes/pki/apiserver.crt -noout -ext subjectAltName');
    expect(names).toContain('DNS:lb.lab.example');
    expect(names).toContain('IP Address:203.0.113.7');
    const path = String.raw`{range .items[*]}{.metadata.annotations.lab\.example/note}{"\n"}{end}`;
    const notes = (): Promise<string> => said(`kubectl get nodes --output 'jsonpath=${path}'`);
    const both = 'a "b" of master-01\na "b" of worker-01';
    expect(await eventually(WAIT, notes, (text) => text.trim() === both)).toContain(both);
  });

  it('the admission configuration holds: no privileged pods, except in kube-system', async () => {
    const create = (namespace: string): Promise<string> =>
      said(`kubectl create --dry-run=server --namespace ${namespace} --filename - <<<'${JSON.stringify(PRIVILEGED)}'`);
    const isAnswered = (text: string): boolean => !text.includes('serviceaccount');
    expect(await eventually(WAIT, () => create('default'), isAnswered)).toContain('violates PodSecurity "baseline');
    expect(await eventually(WAIT, () => create('kube-system'), isAnswered)).toContain('pod/privileged created');
  });

  it('etcd, controller manager and scheduler listen where the definition says', async () => {
    expect(await said('curl -s http://192.168.50.11:2381/health')).toContain('"health":"true"');
    for (const port of [10_257, 10_259])
      expect(await said(`curl -sk https://192.168.50.11:${String(port)}/healthz`)).toBe('ok');
    expect(await argumentsOf('kube-controller-manager')).toContain('--allocate-node-cidrs=false\n');
    const leader = "kubectl -n kube-system get lease kube-scheduler -o jsonpath='{.spec.leaseDurationSeconds}'";
    expect(await eventually(WAIT, () => said(leader), (text) => text === '60')).toBe('60'); // prettier-ignore
  });
});

/** What a program says of a configuration until it looks for its cluster. */
function reads(program: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'coldstart-settings-'));
  try {
    writeFileSync(join(folder, 'config.yaml'), text);
    const kubeconfig = program === 'kubelet' ? ['--kubeconfig', join(folder, 'none'), '--root-dir', folder] : [];
    const args = ['--config', join(folder, 'config.yaml'), ...kubeconfig];
    return spawnSync(join(ARTIFACTS, program), args, { encoding: 'utf8', timeout: 30_000 }).stderr;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe.skipIf(ARTIFACTS === '')(`what the programs say of their configuration${needsArtifacts}`, () => {
  const treeFile = async (name: string, path: string, proxy = false): Promise<string> => {
    const cluster = await settings();
    const kubeProxy = {
      enabled: true,
      config: { mode: 'ipvs', ipvs: { strictARP: true }, metricsBindAddress: '0.0.0.0:10249' },
    };
    const of = proxy ? { ...cluster, kubernetes: { ...cluster.kubernetes, kubeProxy } } : cluster;
    const node = of.nodes.find((one) => one.name === name);
    const found = node && renderNode(of, node, SOURCES).find((entry) => entry.path === path);
    return found?.type === 'file' ? new TextDecoder().decode(found.content) : '';
  };

  it('the kubelet', async () => {
    // The machine of the test may have the old cgroups.
    const said = reads('kubelet', `${await treeFile('worker-01', 'etc/kubernetes/kubelet.yaml')}failCgroupV1: false\n`);
    expect(said).not.toMatch(/lenient|unknown field|failed to (load|validate|decode)/);
    expect(said).not.toBe('');
  });

  it.skipIf(root === null)('containerd', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'coldstart-settings-'));
    writeFileSync(join(folder, 'config.toml'), await treeFile('worker-01', 'etc/containerd/config.toml'));
    const args = ['--config', join(folder, 'config.toml'), 'config', 'dump'];
    const { stdout, stderr } = spawnSync(join(root ?? '', 'usr/bin/containerd'), args, { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect(stderr).not.toMatch(/level=(warn|error)/);
    for (const line of [
      ...['discard_unpacked_layers = true', 'runtime_type = "io.containerd.runsc.v1"', 'SystemdCgroup = true'],
      ...['config_path = "/etc/containerd/certs.d"', 'sandbox_image = "registry.k8s.io/pause:3.10', 'oom_score = -900'],
    ])
      expect(stdout).toContain(line);
  });

  it('kube-proxy', async () => {
    const said = reads('kube-proxy', await treeFile('worker-01', 'etc/kubernetes/kube-proxy.yaml', true));
    expect(said).not.toMatch(/lenient|unknown field|failed to (load|validate|decode)/);
    expect(said).toMatch(/no such file/);
  });
});
