/** Codes about the networks of pods and services: their size and shares, and what a running cluster holds against a change. */
import type { CodeTable } from './table.ts';

export const podNetworkCodes = {
  'network/node-pod-prefix': {
    severity: 'error',
    message: "A node's share of /{share} does not fit into the pod network `{cidr}`.",
    hint: 'choose a longer `node_pod_prefix` or a larger `pod_cidr`',
  },
  'network/node-pod-prefix-count': {
    severity: 'error',
    message: '`node_pod_prefix` has {count} entries, but `pod_cidr` has {wanted}.',
    hint: 'give one per pod network, in the same order',
  },
  'network/pod-cidr-too-small': {
    severity: 'error',
    message: 'The pod network `{cidr}` holds {room} shares of /{share}, but {nodes} nodes take part in Kubernetes.',
    hint: 'choose a larger `pod_cidr` or a longer `node_pod_prefix`',
  },
  'network/unsupported-calico-families': {
    severity: 'error',
    message: "Calico's own manifest is for IPv4 alone, but pods are to have {families}.",
    hint: 'choose one IPv4 `pod_cidr`, or `cni: routed`; or `cni: none` with a manifest of yours in `kubernetes.manifests`',
  },
  'network/calico-manifest-unused': {
    severity: 'warning',
    message: '`calico_manifest` is for `cni: calico`, but `cni` is `{cni}`.',
    hint: 'set `cni: calico`, or remove the manifest',
  },
  'network/pod-share-moved': {
    severity: 'warning',
    message: 'Shares of the pod network move: {moves}. Pods there keep their old addresses until they are made anew.',
    hint: 'write `pod_cidr: SHARE` into these nodes to let them keep what they had; else boot all nodes from their new images at once',
  },
  'network/master-moved': {
    severity: 'warning',
    message:
      'The only master `{node}` moves from `{from}` to `{to}`: until all nodes run their new images, they look for it at its old address.',
    hint: 'boot the master from its new image first; its etcd notes the new address by itself; then boot the other nodes',
  },
  'network/one-of-masters-moved': {
    severity: 'warning',
    message:
      'The master `{node}` moves from `{from}` to `{to}`: its etcd tells the others, which a majority of them has to note.',
    hint: 'boot masters that move one after the other, each when `check-bootstrap-status.sh` is well on the one before: etcd loses its data for good when too many move at once; then boot the other nodes from their new images',
  },
  'network/few-pods': {
    severity: 'warning',
    message: 'A share of /{share} gives a node {addresses} pod addresses; the kubelet allows 110 pods.',
    hint: 'choose a `node_pod_prefix` of at most {best}',
  },
  'network/service-cidr-too-large': {
    severity: 'error',
    message: 'The service network `{cidr}` is larger than Kubernetes accepts: at most /{limit}.',
    hint: 'choose a prefix of /{limit} or longer',
  },
  'network/service-cidr-too-small': {
    severity: 'error',
    message: "The service network `{cidr}` has no room for the cluster's own services, whose DNS is its tenth address.",
    hint: 'choose a prefix of at most /{limit}',
  },
} as const satisfies CodeTable;
