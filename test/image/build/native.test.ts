/**
 * The real programs of the base layer check rendered trees: systemd, sshd, chronyd, containerd, sudo and systemd-repart
 * report here every fault that they would report at boot.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cluster, Node } from '../../../src/config/cluster.ts';
import { majorOf } from '../../../src/config/kubernetes/containerd.ts';
import { serverOf } from '../../../src/config/network/registry-hosts.ts';
import { releaseOf } from '../../../src/config/kubernetes/releases.ts';
import { isMember } from '../../../src/config/roles.ts';
import { renderNode } from '../../../src/render/plan/plan.ts';
import type { FileTree } from '../../../src/render/tree/tree.ts';
import { acceptedMutants } from '../../fuzz/sample.ts';
import { everything } from '../../render/everything.ts';
import { example, EXAMPLES } from '../../render/examples.ts';
import { ask, isInstalled } from '../../render/oracle.ts';
import { SOURCES } from '../../render/sources.ts';
import { nodeRoot, type NodeRoot, type Outcome } from '../containers/node-root.ts';
import { testRoot } from '../containers/root.ts';

const root = await testRoot();
const FINE = { status: 0, stderr: '' };
const faults = ({ status, stderr }: Outcome) => ({ status, stderr });

const CLUSTERS = [everything(), ...(await Promise.all(EXAMPLES.map(example)))];
/** Beside them one node of each of some mutants; `npm run fuzz -- --native N` asks for more. */
const MUTANTS = await acceptedMutants(Number(process.env['COLDSTART_MUTANTS'] ?? 4));
const CASES: readonly [string, Cluster, Node][] = [
  ...CLUSTERS.flatMap((of) => of.nodes.map((node): [string, Cluster, Node] => [`${of.name}/${node.name}`, of, node])),
  ...MUTANTS.flatMap(([name, of]) => of.nodes.slice(0, 1).map((node): [string, Cluster, Node] => [name, of, node])),
];

describe.skipIf(root === null).each(CASES)('the tree of %s, in the root of a base layer', (_, of, node) => {
  let tree: FileTree;
  let on: NodeRoot;
  beforeAll(() => {
    tree = renderNode(of, node, SOURCES);
    on = nodeRoot(root ?? '', tree);
  });
  afterAll(() => {
    on.remove();
  });
  const has = (path: string): boolean => tree.some((entry) => entry.path === path);
  const namesIn = (folder: string): string[] =>
    tree.flatMap(({ type, path }) => (type === 'file' && path.startsWith(folder) ? [path.slice(folder.length)] : []));

  test('systemd-analyze verify has nothing to say about any unit', () => {
    // Those of Ceph's packages are in another base layer: native-ceph.test.ts.
    const all = namesIn('etc/systemd/system/').filter((name) => !/^ceph-\w+@\.service\.d/.test(name));
    const units = all.map((name) => name.replace(/\.d\/.*$/, '').replace('@.', '@verify.'));
    expect(units).toContain('cluster-detect.service');
    // Programs that Debian lacks are in another layer.
    const verify = `mkdir -p /usr/local/bin; for name in kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy containerd; do
      ln -sf /bin/true /usr/local/bin/$name; done; systemd-analyze --man=no verify "$@"`;
    expect(faults(on.run('bash', ['-c', verify, 'verify', ...new Set(units)]))).toEqual(FINE);
  });

  test('chronyd accepts its configuration', () => {
    expect(faults(on.run('chronyd', ['-p', '-f', '/etc/chrony/chrony.conf']))).toEqual(FINE);
  });

  test('sshd accepts its configuration and looks for keys where they are', () => {
    // Where nothing was issued, the own key of the node is missing, or a placeholder.
    const script = `grep -qs PRIVATE /etc/ssh/ssh_host_ecdsa_key || rm -f /etc/ssh/ssh_host_ecdsa_key
      ssh-keygen -A && mkdir -p /run/sshd /var/lib/coldstart/ssh
      cp /etc/ssh/ssh_host_* /var/lib/coldstart/ssh && sshd -t && sshd -T`;
    const { status, stderr, stdout } = on.run('bash', ['-ec', script]);
    expect({ status, stderr }).toEqual(FINE);
    expect(stdout).toContain('\nauthorizedkeysfile /etc/ssh/authorized_keys.d/%u\n');
    expect(stdout).toContain(`\npasswordauthentication ${of.ssh.passwordAuthentication ? 'yes' : 'no'}\n`);
    expect(stdout).toContain(
      '\nhostkey /etc/ssh/ssh_host_ecdsa_key\nhostkey /var/lib/coldstart/ssh/ssh_host_ed25519_key\n',
    );
  });

  test('visudo accepts the rules', () => {
    // It wants mode 0440. sudo also reads others (src/config/base-system/read-modes.ts).
    const script = 'chmod 0440 /etc/sudoers.d/*; visudo --check --quiet';
    expect(faults(on.run('bash', ['-c', script]))).toEqual(FINE);
  });

  test('systemd-sysusers, chpasswd and systemd-tmpfiles make the users', () => {
    const script = `systemd-sysusers 2>/dev/null
      if [[ -e /etc/coldstart/passwords ]]; then chpasswd --encrypted </etc/coldstart/passwords; fi
      if [[ -e /etc/tmpfiles.d/coldstart-homes.conf ]]; then systemd-tmpfiles --create coldstart-homes.conf; fi
      for user in ${of.users.map(({ name }) => name).join(' ')}; do
        getent shadow "$user" | cut -d : -f 1,2; id -nG "$user"; stat -c '%U:%G %a' ~root /home/"$user" 2>/dev/null | tail -n 1
      done`;
    const { status, stdout } = on.run('bash', ['-c', script]);
    const expected = of.users.flatMap(({ name, groups, passwordHash }) => [
      `${name}:${passwordHash ?? '!*'}`,
      [name, ...groups.toSorted()].join(' '),
      name === 'root' ? 'root:root 700' : `${name}:${name} 750`,
    ]);
    expect({ status, lines: stdout.split('\n').slice(0, -1).map(sortedGroups) }).toEqual({
      status: 0,
      lines: expected,
    });
  });

  test('sysctl and modprobe know the kernel settings and modules', () => {
    const settings = '/etc/sysctl.d/90-coldstart.conf';
    expect(faults(on.run('sysctl', ['--dry-run', '--ignore', `--load=${settings}`]))).toEqual(FINE);
    const modules = `version=$(ls /lib/modules)
      grep -v '^#' /etc/modules-load.d/coldstart.conf | xargs --no-run-if-empty modprobe --dry-run --all --set-version "$version"`;
    expect(faults(on.run('bash', ['-c', modules]))).toEqual(FINE);
  });

  test('bash reads the env files', () => {
    const script = `set -eu; . /etc/cluster-config/node.env
      printf '%s|' "$CLUSTER_NAME" "$NODE_NAME" "$NODE_IPS" "$NODE_ROLES" "$BOOT_ROLE"
      if [ -e /etc/cluster-config/state-disk.env ]; then
        . /etc/cluster-config/state-disk.env; printf '%s|' "$STATE_DISK_SERIAL" "$STATE_DISK_MODEL"
      fi`;
    const { serial = '', model = '' } = node.stateDisk ?? {};
    const disk = node.stateDisk === null ? [] : [serial ?? '', model ?? ''];
    const expected = [of.name, node.name, node.ips.join(' '), node.roles.join(' '), node.bootRole, ...disk, ''].join(
      '|',
    );
    expect(on.run('bash', ['-c', script])).toEqual({ ...FINE, stdout: expected });
  });

  // kubernetes/containerd-2.test.ts has the configuration of containerd 2.
  test.runIf(isMember(node) && majorOf(of.kubernetes.containerd) === 1)('containerd loads its configuration', () => {
    const { status, stdout, stderr } = on.run('containerd', ['config', 'dump']);
    expect({ status, stderr }).toEqual(FINE);
    expect(stdout).toContain(`sandbox_image = "registry.k8s.io/pause:${releaseOf(of.kubernetes.version).pause}"`);
    expect(stdout).toContain('SystemdCgroup = true');
    for (const { host, auth } of of.registries) {
      if (auth !== null) expect(stdout).toContain(`registry.configs."${serverOf(host) ?? ''}".auth]`);
    }
  });

  test.runIf(node.stateDisk !== null)('systemd-repart would make the five partitions', () => {
    const script = `truncate -s 20G /tmp/disk
      systemd-repart --dry-run=yes --empty=force --json=short --offline=yes --definitions=/etc/repart.d /tmp/disk 2>/dev/null`;
    const { status, stdout } = on.run('bash', ['-ec', script]);
    expect(status).toBe(0);
    const made = (JSON.parse(stdout) as { label: string; type: string }[]).map(({ label, type }) => [
      label.replace(/-[0-9a-f]{8}$/, ''),
      type,
    ]);
    expect(made).toEqual([
      ['bios', '21686148-6449-6e6f-744e-656564454649'],
      ['esp', 'esp'],
      ['slot-a', 'linux-generic'],
      ['slot-b', 'linux-generic'],
      ['var', 'var'],
    ]);
    expect(has('etc/systemd/system/local-fs.target.wants/var.mount')).toBe(true);
  });

  test.skipIf(!isInstalled('shellcheck', '--version'))('shellcheck has nothing to say about rendered scripts', () => {
    const rendered = tree.filter(({ path, origin }) => origin.kind === 'template' && path.endsWith('.sh'));
    for (const entry of rendered) {
      if (entry.type === 'file') ask('shellcheck', ['--shell=sh', '-'], new TextDecoder().decode(entry.content));
    }
    expect(rendered.length).toBe(of.networking.proxy === null ? 0 : 1);
  });

  test('a login shell gets the proxy', () => {
    const { stdout } = on.run('bash', ['-lc', 'printf %s "${http_proxy-}"']);
    expect(stdout).toBe(of.networking.proxy?.http ?? '');
  });
});

/** `id -nG` names groups in the order of their numbers, after the user's own. */
function sortedGroups(line: string): string {
  if (line.includes(':')) return line;
  const [own = '', ...others] = line.split(' ');
  return [own, ...others.toSorted()].join(' ');
}
