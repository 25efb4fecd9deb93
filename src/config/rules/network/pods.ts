/** Rules about the pod and service networks: large enough, not too large, families in the same order as the nodes'. */
import type { Cluster } from '../../cluster.ts';
import { contains, type Family, ipOf, rangeOf } from '../../network/net.ts';
import { specialNetwork } from '../../network/special-addresses.ts';
import { type Rule, repeats } from '../rule.ts';
import { isMember } from '../../roles.ts';

const width = (family: Family): number => (family === 4 ? 32 : 128);

const familiesOf = (cidrs: readonly string[]): readonly Family[] => cidrs.map((cidr) => rangeOf(cidr).family);

const takesPart = (cluster: Cluster) => cluster.nodes.filter(isMember);

const shareFits: Rule = {
  name: 'every Kubernetes node gets a share of the pod network',
  check: ({ networking, ...cluster }, facts, report) => {
    const { podCidrs, nodePodPrefixes } = networking;
    const at = facts.at('cluster.networking.node_pod_prefix');
    if (podCidrs.length !== nodePodPrefixes.length) {
      const values = { count: nodePodPrefixes.length, wanted: podCidrs.length };
      return report.add('network/node-pod-prefix-count', values, { at });
    }
    podCidrs.forEach((cidr, index) => {
      const range = rangeOf(cidr);
      const share = nodePodPrefixes[index] ?? 0;
      const place = facts.at(`cluster.networking.pod_cidr[${index}]`);
      if (share < range.prefix || share > width(range.family)) {
        return report.add(
          'network/node-pod-prefix',
          { share, cidr },
          { at: facts.has('cluster.networking.node_pod_prefix') ? at : place },
        );
      }
      const nodes = takesPart({ networking, ...cluster }).length;
      const room = 2 ** (share - range.prefix);
      if (nodes > room) report.add('network/pod-cidr-too-small', { cidr, share, room, nodes }, { at: place });
    });
  },
};

const enoughPods: Rule = {
  name: "a node's share holds as many pods as the kubelet allows",
  check: ({ networking }, facts, report) => {
    networking.podCidrs.forEach((cidr, index) => {
      const share = networking.nodePodPrefixes[index] ?? 0;
      const best = width(rangeOf(cidr).family) - 7;
      const addresses = Math.max(0, 2 ** (best + 7 - share) - 2);
      if (share <= best || share > best + 7) return;
      const at = facts.at(`cluster.networking.node_pod_prefix[${index}]`);
      report.add('network/few-pods', { share, addresses, best }, { at });
    });
  },
};

/** The API server refuses ranges of more than 20 bits (kubernetes, cmd/kube-apiserver, options/validation.go). */
const serviceSize: Rule = {
  name: 'the service network has a size that Kubernetes accepts',
  check: ({ networking }, facts, report) => {
    networking.serviceCidrs.forEach((cidr, index) => {
      const { family, prefix } = rangeOf(cidr);
      if (specialNetwork(rangeOf(cidr), 'own')?.severity === 'error') return;
      const at = facts.at(`cluster.networking.service_cidr[${index}]`);
      const [largest, smallest] = [width(family) - 20, width(family) - 4];
      if (prefix < largest) report.add('network/service-cidr-too-large', { cidr, limit: largest }, { at });
      if (prefix > smallest) report.add('network/service-cidr-too-small', { cidr, limit: smallest }, { at });
    });
  },
};

const listed = (cidrs: readonly string[]): string =>
  [...new Set(familiesOf(cidrs))].map((one) => `IPv${one}`).join(', ');

const sameFamilies: Rule = {
  name: 'pods and services have the same families in the same order',
  check: ({ networking }, facts, report) => {
    // `network/duplicate-family` reports two networks of one family.
    const [pods, services] = [listed(networking.podCidrs), listed(networking.serviceCidrs)];
    if (pods === services) return;
    const related = [{ message: 'the services', at: facts.at('cluster.networking.service_cidr') }];
    report.add('network/family-order', { pods, services }, { at: facts.at('cluster.networking.pod_cidr'), related });
  },
};

const nodeFamilies: Rule = {
  name: 'nodes have the families of the pods, the first of the services first',
  check: (cluster, facts, report) => {
    // `network/family-order` reports different families of pods and services: it is unknown which the nodes should have.
    if (listed(cluster.networking.podCidrs) !== listed(cluster.networking.serviceCidrs)) return;
    const wanted = new Set(familiesOf(cluster.networking.podCidrs));
    const family = familiesOf(cluster.networking.serviceCidrs)[0];
    for (const { name, ips } of takesPart(cluster).filter((node) => node.ips.length > 0)) {
      const at = facts.at(['nodes', name, 'ip']);
      const own = ips.map((address) => ipOf(address).family);
      for (const missing of [...wanted].filter((one) => !own.includes(one))) {
        report.add('network/node-family-missing', { family: missing, node: name }, { at });
      }
      const [other] = own;
      if (family === undefined || other === undefined || other === family || !own.includes(family)) continue;
      report.add('network/node-family', { family, node: name, other }, { at });
    }
  },
};

/**
 * Two aligned shares of the same length are equal or disjoint. So this check, and the check for equal shares, prove that all
 * written shares are disjoint. Nodes without a written share get free ones.
 */
const writtenShares: Rule = {
  name: "a node's written share is one of the pod network, and no other node's",
  check: ({ networking }, facts, report) => {
    const placed = facts.nodes.flatMap(({ name, pod_cidr: shares = [] }) =>
      shares.map((share, index) => ({ node: name, share, at: facts.at(['nodes', name, 'pod_cidr', index]) })),
    );
    for (const { node, share, at } of placed) {
      const own = rangeOf(share);
      const index = networking.podCidrs.findIndex((cidr) => rangeOf(cidr).family === own.family);
      const [cidr, prefix] = [networking.podCidrs[index], networking.nodePodPrefixes[index] ?? 0];
      const fits =
        cidr !== undefined && contains(rangeOf(cidr), own) && own.prefix === prefix && own.value === own.network;
      const values = { node, share, cidr: cidr ?? 'of another family', prefix };
      if (!fits) report.add('node/pod-cidr', values, { at });
    }
    for (const { again, first } of repeats(placed, ({ share }) => share)) {
      const { node, share, at } = again;
      const related = [{ message: 'first here', at: first.at }];
      report.add('node/pod-cidr-repeated', { node, share, other: first.node }, { at, related });
    }
  },
};

const sharesUsed: Rule = {
  name: 'a written share is used',
  check: ({ networking: { cni } }, facts, report) => {
    for (const { name, roles = [], pod_cidr: shares } of facts.nodes) {
      if (shares === undefined || (cni === 'routed' && isMember({ roles }))) continue;
      const reason = isMember({ roles }) ? `\`cni\` is \`${cni}\`` : 'it has no role in Kubernetes';
      report.add('node/pod-cidr-unused', { node: name, reason }, { at: facts.at(['nodes', name, 'pod_cidr']) });
    }
  },
};

export const podRules: readonly Rule[] = [
  shareFits,
  enoughPods,
  writtenShares,
  sharesUsed,
  serviceSize,
  sameFamilies,
  nodeFamilies,
];
