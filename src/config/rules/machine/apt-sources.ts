/** Rules about the sources of Debian's packages and about the requested packages. */
import type { Path } from '../../../diagnostics/path.ts';
import { FIRMWARE_COMPONENT, mayHaveFirmware, readDebLine } from '../../apt-sources.ts';
import { type Facts, type Rule, repeats } from '../rule.ts';

const oneRelease: Rule = {
  name: 'sources are of the release that is built',
  check: ({ image: { mirrors, suite } }, facts, report) => {
    mirrors.forEach((source, index) => {
      const written = readDebLine(source)?.suite;
      if (written === undefined || written.endsWith('/') || new RegExp(`^(${suite}|stable)(-|$)`).test(written)) return;
      report.add('image/other-release', { written, suite }, { at: facts.at(['cluster', 'image', 'mirrors', index]) });
    });
  },
};

const firmwareFound: Rule = {
  name: 'there is a source for firmware that is asked for',
  check: ({ image: { mirrors, nonFreeFirmware } }, facts, report) => {
    if (!nonFreeFirmware || mayHaveFirmware(mirrors)) return;
    const related = [{ message: 'the sources', at: facts.key('cluster.image.mirrors') }];
    const at = facts.at('cluster.image.non_free_firmware');
    report.add('image/no-firmware-source', { component: FIRMWARE_COMPONENT }, { at, related });
  },
};

const sourcesOnce: Rule = {
  name: 'a source is listed once',
  check: ({ image: { mirrors } }, facts, report) => {
    const placed = mirrors.map((source, index) => ({ source, at: facts.at(['cluster', 'image', 'mirrors', index]) }));
    for (const { again, first } of repeats(placed, ({ source }) => source)) {
      report.add('image/repeated-source', {}, { at: again.at, related: [{ message: 'first here', at: first.at }] });
    }
  },
};

/** The packages of the cluster, which all nodes get, and those of each node. */
const requests = ({
  cluster,
  nodes,
}: Facts): readonly { readonly path: Path; readonly packages: readonly string[] }[] => [
  { path: ['cluster', 'image', 'packages'], packages: cluster.image.packages },
  ...nodes.map(({ name, packages = [] }) => ({ path: ['nodes', name, 'packages'], packages })),
];

/** The name of a package without the requested version or release. */
const bareName = (written: string): string => written.replace(/[=/].*/, '');

/**
 * Packages that conflict with a program of every node: as soon as it is installed, each configures the same NICs, packet
 * filter, clock, resolver or containers by itself. Names of Debian trixie's packages.
 */
const RIVALS: readonly (readonly [packages: string, reason: string])[] = [
  [
    'ifupdown ifupdown-ng ifupdown2 netplan.io connman wicd dhcpcd dhcpcd-base isc-dhcp-client',
    'NetworkManager configures the NICs',
  ],
  ['systemd-resolved resolvconf openresolv dnsmasq bind9 unbound', 'NetworkManager writes `/etc/resolv.conf`'],
  ['systemd-timesyncd ntpsec ntp openntpd', 'chrony sets the clock'],
  [
    'firewalld ufw iptables-persistent netfilter-persistent fail2ban',
    'it would filter packets of kube-proxy and the pod network',
  ],
  ['docker.io docker-ce podman-docker cri-o containerd.io', "Debian's containerd runs the containers"],
  ['kubelet kubeadm kubernetes-client k3s', '`kubernetes.version` determines the programs of Kubernetes'],
  ['unattended-upgrades', 'its updates restart services and are lost at the next boot'],
  ['sysvinit-core runit-init openrc', 'systemd is the init system of the nodes'],
];

const rivalOf = (name: string): string | undefined => RIVALS.find(([names]) => names.split(' ').includes(name))?.[1];

const noRivals: Rule = {
  name: 'no package undoes what the nodes are made of',
  check: (_, facts, report) => {
    for (const { path, packages } of requests(facts)) {
      packages.forEach((written, index) => {
        const reason = rivalOf(bareName(written));
        if (reason !== undefined)
          report.add('package/rival', { name: written, reason }, { at: facts.at([...path, index]) });
      });
    }
  },
};

const packagesOnce: Rule = {
  name: 'a package is asked for once',
  check: (_, facts, report) => {
    for (const { path, packages } of requests(facts)) {
      const placed = packages.map((name, index) => ({ name, at: facts.at([...path, index]) }));
      for (const { again, first } of repeats(placed, ({ name }) => bareName(name))) {
        const related = [{ message: 'first here', at: first.at }];
        const code = again.name === first.name ? 'package/repeated' : 'package/two-versions';
        report.add(code, { name: bareName(again.name) }, { at: again.at, related });
      }
    }
  },
};

export const aptRules: readonly Rule[] = [oneRelease, firmwareFound, sourcesOnce, noRivals, packagesOnce];
