/** Rules about the pod and service networks: large enough, not too large, families in the same order as the nodes'. */
import type { Cluster } from '../../cluster.ts';
import { type Family, ipOf, rangeOf } from '../../network/net.ts';
import { specialNetwork } from '../../network/special-addresses.ts';
import type { Rule } from '../rule.ts';
import { isMember } from '../../roles.ts';

const width = (family: Family): number => (family === 4 ? 32 : 128);

const familiesOf = (cidrs: readonly string[]): readonly Family[] => cidrs.map((cidr) => rangeOf(cidr).family);

const takesPart = (cluster: Cluster) => cluster.nodes.filter(isMember);

/**
 * The controller manager, which gives nodes their shares, refuses more bits between the two prefixes (kubernetes:
 * pkg/controller/nodeipam/ipam/cidrset/cidr_set.go, `clusterSubnetMaxDiff`). Calico gives its own shares.
 */
const MOST_SHARE_BITS = 16;

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
      if (networking.cni !== 'calico' && share - range.prefix > MOST_SHARE_BITS) {
        const [longest, shortest] = [range.prefix + MOST_SHARE_BITS, share - MOST_SHARE_BITS];
        report.add('network/pod-cidr-too-large', { cidr, share, longest, shortest }, { at: place });
      }
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

export const podRules: readonly Rule[] = [shareFits, enoughPods, serviceSize, sameFamilies, nodeFamilies];
