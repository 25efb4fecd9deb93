/** Codes about the networks of pods and services: their sizes and shares, and changes of masters that affect a running cluster. */
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
    hint: 'write one entry for each pod network, in the same order',
  },
  'network/pod-cidr-too-small': {
    severity: 'error',
    message: 'The pod network `{cidr}` has {room} shares of /{share}, but {nodes} nodes run pods.',
    hint: 'choose a larger `pod_cidr` or a longer `node_pod_prefix`',
  },
  'network/pod-cidr-too-large': {
    severity: 'error',
    message:
      'The pod network `{cidr}` has more than 65,536 shares of /{share}; the controller manager of Kubernetes refuses that.',
    hint: 'choose a `node_pod_prefix` of at most {longest}, or a `pod_cidr` of /{shortest} or smaller',
  },
  'network/unsupported-calico-families': {
    severity: 'error',
    message: "Calico's own manifest supports only IPv4, but `pod_cidr` has {families}.",
    hint: 'use one IPv4 `pod_cidr`, or `cni: routed`; or `cni: none` with your own manifest in `kubernetes.manifests`',
  },
  'network/calico-manifest-unused': {
    severity: 'warning',
    message: '`calico_manifest` is for `cni: calico`, but `cni` is `{cni}`.',
    hint: 'set `cni: calico`, or remove the manifest',
  },
  'network/master-moved': {
    severity: 'warning',
    message:
      'The address of the only master `{node}` changes from `{from}` to `{to}`: its etcd accepts that automatically, but nodes with old images cannot reach it.',
    hint: 'boot the master from its new image, then all other nodes from theirs',
  },
  'network/one-of-masters-moved': {
    severity: 'warning',
    message:
      'The address of the master `{node}` changes from `{from}` to `{to}`: its etcd tells a majority of the masters, who must be on.',
    hint: 'boot these masters from their new images one after the other, each when `check-bootstrap-status.sh` reports no problem on the one before; the others need no new image for this. If all masters change their addresses at the same time, etcd finds no majority',
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
    message: 'The service network `{cidr}` is too small: the cluster DNS has its tenth address.',
    hint: 'choose a prefix of at most /{limit}',
  },
} as const satisfies CodeTable;
