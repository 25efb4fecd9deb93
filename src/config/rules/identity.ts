/** Rules about identifiers of nodes: MACs, names, addresses. Each belongs to one node only. */
import type { Cluster, Node } from '../cluster.ts';
import type { Facts, Rule } from './rule.ts';
import { asListed, isFileless, lacksHardware, repeats } from './rule.ts';
import { hasRole } from '../roles.ts';

const someMac: Rule = {
  name: 'every node has a MAC, or says how its NICs are found',
  check: (cluster, facts, report) => {
    for (const node of cluster.nodes.filter(({ macs }) => macs.length === 0)) {
      const { name } = node;
      // `interface/no-nic` has said it.
      if (node.interfaces.some((one) => one.type === 'ethernet' && one.mac === null && one.match === null)) continue;
      if (hasMatch(node)) {
        if (!hasOwnDisk(node))
          report.add('node/any-machine', { node: name }, { at: facts.at(['nodes', name, 'name']) });
        continue;
      }
      // `node/no-file` has reported a node without a file.
      if (isFileless(facts, name)) continue;
      const rest = hasRole(node, 'ceph-osd') ? ', `state_disk` and `osd_disks`' : ' and `state_disk`';
      const hint = lacksHardware(facts, node) ? `add \`hardware\` with \`mac_addresses\`${rest}` : undefined;
      report.add('node/no-mac', { node: name }, { at: facts.at(['nodes', name, 'hardware']), hint });
    }
  },
};

const hasMatch = ({ interfaces }: Node): boolean =>
  interfaces.some((one) => one.type === 'ethernet' && one.match !== null);

/** Whether only one machine can have the state disk. */
const hasOwnDisk = ({ stateDisk }: Node): boolean =>
  [stateDisk?.serial, stateDisk?.wwn, stateDisk?.byId].some((one) => typeof one === 'string');

const allMacs = (facts: Facts) =>
  facts.nodes.flatMap(({ name, hardware }) =>
    (hardware?.mac_addresses ?? []).map((mac, index) => {
      return { node: name, mac, at: facts.at(['nodes', name, 'hardware', 'mac_addresses', index]) };
    }),
  );

const uniqueMacs: Rule = {
  name: 'a MAC belongs to one node',
  check: (_, facts, report) => {
    for (const { again, first } of repeats(allMacs(facts), ({ mac }) => mac)) {
      const placement = { at: again.at, related: [{ message: 'first here', at: first.at }] };
      const { mac, node } = again;
      if (node === first.node) report.add('node/repeated-mac', { mac, node }, placement);
      else report.add('node/duplicate-mac', { mac, node, other: first.node }, placement);
    }
  },
};

const unicastMacs: Rule = {
  name: 'a MAC is one that a NIC can have',
  check: (_, facts, report) => {
    for (const { mac, at } of allMacs(facts)) {
      const isGroup = (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
      const kind =
        mac === 'ff:ff:ff:ff:ff:ff' ? 'the broadcast address' : isGroup ? 'a multicast address' : 'all zeros';
      if (isGroup || mac === '00:00:00:00:00:00') report.add('node/mac-not-unicast', { mac, kind }, { at });
    }
  },
};

/** All names of a node: its name, its host name and the first label of the host name. */
export const namesOf = ({ name, hostname }: Node): readonly string[] => [
  ...new Set([name, hostname.toLowerCase(), hostname.toLowerCase().split('.')[0] ?? '']),
];

const uniqueHostnames: Rule = {
  name: 'host names are unique without case',
  check: (cluster, facts, report) => {
    const said = asListed(cluster, facts).flatMap((node) =>
      namesOf(node).map((hostname) => ({ node: node.name, hostname })),
    );
    const reported = new Set<string>();
    for (const { again, first } of repeats(said, ({ hostname }) => hostname)) {
      const pair = `${first.node} ${again.node}`;
      if (again.node === first.node || reported.has(pair)) continue;
      reported.add(pair);
      const [at, other] = [again, first].map(({ node }) => hostnamePlace(facts, node));
      const values = { node: again.node, other: first.node, hostname: again.hostname };
      report.add('node/duplicate-hostname', values, { at, related: [{ message: 'the other', at: other }] });
    }
  },
};

export const hostnamePlace = (facts: Facts, node: string) =>
  facts.at(['nodes', node, facts.has(['nodes', node, 'hostname']) ? 'hostname' : 'name']);

const plainHostnames: Rule = {
  name: 'no host name looks like an address',
  check: (cluster, facts, report) => {
    for (const { name, hostname } of cluster.nodes.filter((node) => /^\d+(\.|$)/.test(node.hostname))) {
      report.add('node/numeric-hostname', { node: name, hostname }, { at: hostnamePlace(facts, name) });
    }
  },
};

/** The output folder contains a folder for each node and a kubeconfig, so no node may have one of these names. */
const freeNames: Rule = {
  name: 'no node has the name of a file in the output folder',
  check: ({ nodes }, facts, report) => {
    const taken = nodes.find(({ name }) => name === 'kubeconfig');
    if (taken) report.add('node/reserved-name', { node: taken.name }, { at: facts.at(['nodes', taken.name, 'name']) });
  },
};

/** Every static address of every node; for each node, its `ip` comes first. */
function allAddresses(cluster: Cluster, facts: Facts) {
  return asListed(cluster, facts).flatMap(({ name, ips, interfaces }) => [
    ...ips.map((address, index) => ({ node: name, address, at: facts.at(['nodes', name, 'ip', index]) })),
    ...interfaces.flatMap((one, i) =>
      one.addresses.map((cidr, a) => {
        const at = facts.at(['nodes', name, 'network', 'interfaces', i, 'addresses', a]);
        return { node: name, address: cidr.split('/')[0], at };
      }),
    ),
  ]);
}

const uniqueAddresses: Rule = {
  name: 'an address belongs to one node',
  check: (cluster, facts, report) => {
    const reported = new Set<string>();
    for (const { again, first } of repeats(allAddresses(cluster, facts), ({ address }) => address)) {
      const key = `${first.node} ${again.node} ${again.address}`;
      if (again.node === first.node || reported.has(key)) continue;
      reported.add(key);
      const values = { node: again.node, other: first.node, address: again.address ?? '' };
      report.add('node/duplicate-ip', values, { at: again.at, related: [{ message: 'first here', at: first.at }] });
    }
  },
};

export const identityRules: readonly Rule[] = [
  someMac,
  uniqueMacs,
  unicastMacs,
  uniqueHostnames,
  plainHostnames,
  freeNames,
  uniqueAddresses,
];
