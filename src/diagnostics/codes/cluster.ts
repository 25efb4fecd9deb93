/** Codes about Kubernetes, the bootstrap and the image. */
import type { CodeTable } from './table.ts';

export const clusterCodes = {
  'kubernetes/unsupported-version': {
    severity: 'error',
    message: 'Kubernetes {version} is not supported: {reason}.',
    hint: 'this version of coldstart builds {supported}',
  },
  'kubernetes/end-of-life': {
    severity: 'warning',
    message: "Upstream's fixes for Kubernetes {minor} ended on {date}.",
    hint: 'update, one minor version after the other; this version of coldstart builds {supported}',
  },
  'kubernetes/end-of-life-soon': {
    severity: 'warning',
    message: "Upstream's fixes for Kubernetes {minor} end on {date}.",
    hint: 'plan an update, one minor version after the other; this version of coldstart builds {supported}',
  },
  'kubernetes/minor-skipped': {
    severity: 'error',
    message: 'The last build of `{node}` has Kubernetes {from}, and {to} is more than one minor version above it.',
    hint: 'update to {next} first, as API servers cannot skip a minor version; if no machine runs that build, remove it from the output folder',
  },
  'kubernetes/minor-lowered': {
    severity: 'error',
    message: 'The last build of `{node}` has Kubernetes {from}, and {to} is a lower minor version.',
    hint: 'keep {from}, as API servers do not read what newer ones wrote to etcd; if no machine runs that build, remove it from the output folder',
  },
  'kubernetes/version-skew': {
    severity: 'error',
    message: 'After this build, `{node}` would have Kubernetes {version} and `{master}` {has}: {reason}.',
    hint: 'build the masters, too; update them first',
  },
  'kubernetes/containerd-too-old': {
    severity: 'error',
    message: 'Kubernetes {version} needs containerd {least} or newer, but Debian {suite} has containerd {has}.',
    hint: "remove `source`, or write `upstream`: then images contain upstream's containerd",
  },
  'kubernetes/containerd-unused': {
    severity: 'warning',
    message: "`{setting}` has no effect: no node has upstream's containerd.",
    hint: 'remove it, or set `source: upstream`',
  },
  'image/repeated-format': {
    severity: 'warning',
    message: 'The format `{format}` is listed twice.',
    hint: 'remove one',
  },
  'image/other-release': {
    severity: 'warning',
    message: 'This package source is for `{written}`, but nodes run Debian {suite}.',
    hint: 'write `{suite}`; packages of two releases often do not work together',
  },
  'image/repeated-source': {
    severity: 'warning',
    message: 'This package source is listed twice.',
    hint: 'remove one of them',
  },
  'image/no-firmware-source': {
    severity: 'error',
    message: '`non_free_firmware` is set, but no source in `mirrors` has the component `{component}`.',
    hint: 'add `{component}` after `main` in a `deb` line, or remove `non_free_firmware`',
  },
  'package/rival': {
    severity: 'warning',
    message: 'The package `{name}` conflicts with another program of the nodes: {reason}.',
    hint: 'remove it',
  },
  'package/repeated': {
    severity: 'warning',
    message: 'The package `{name}` is listed twice.',
    hint: 'remove one of them',
  },
  'package/two-versions': {
    severity: 'error',
    message: 'The package `{name}` is listed with two versions, but apt can install only one.',
    hint: 'remove one of them',
  },
  'kubernetes/mirror-unused': {
    severity: 'warning',
    message:
      '`kubernetes.mirror` has no effect: no node is a master or worker, so no program of Kubernetes is downloaded.',
    hint: 'remove it',
  },
  'kubernetes/manifest-repeated': {
    severity: 'error',
    message: 'Two downloaded manifests have the name `{name}`, but the lock needs different names.',
    hint: 'save one of them under another name in the folder of `cluster.yaml`, and list this file',
  },
  'kubernetes/manifest-not-yaml': {
    severity: 'error',
    message: '`{path}` has a YAML error here, so masters could not apply it.',
    hint: 'correct it until `kubectl apply --dry-run=client -f {path}` accepts it',
  },
  'kubernetes/manifest-empty': {
    severity: 'error',
    message: '`{path}` contains no Kubernetes object, so masters could not apply it.',
    hint: 'write an object into it, or remove it from the list',
  },
  'kubernetes/manifest-no-object': {
    severity: 'error',
    message: 'This document in `{path}` is not a Kubernetes object: it has no {missing}.',
    hint: 'every object needs `apiVersion` and `kind`; separate objects with a line `---`',
  },
  'kubernetes/manifest-kustomization': {
    severity: 'error',
    message: '`{path}` is a kustomization, which `kubectl apply -f` cannot apply.',
    hint: 'save the output of `kubectl kustomize` as a file and name that file',
  },
  'kubernetes/manifest-template': {
    severity: 'error',
    message: '`{path}` is a template, which masters cannot apply.',
    hint: 'save the rendered template as a file and name that file; `helm template` renders a chart',
  },
  'kubernetes/manifest-unknown-kind': {
    severity: 'error',
    message: 'The API server does not accept a `{kind}` of `{version}`: {reason}.',
    hint: '`kubectl api-resources` lists all kinds',
  },
  'kubernetes/manifest-deprecated': {
    severity: 'warning',
    message: 'The kind `{kind}` of `{version}` is deprecated since Kubernetes {by}{until}.',
  },
  'kubernetes/manifest-no-name': {
    severity: 'error',
    message: 'This `{kind}` in `{path}` has no `metadata.name`{reason}.',
    hint: 'add a name',
  },
  'kubernetes/manifest-bad-name': {
    severity: 'error',
    message: '`{place}` in `{path}` must be {expected}, not `{value}`: the API server would refuse it.',
    hint: 'correct it',
  },
  'kubernetes/manifest-not-text': {
    severity: 'error',
    message: '`{place}` in `{path}` must be text, but YAML reads {shown} as {what}; the API server would refuse it.',
    hint: 'write it in quotes',
  },
  'kubernetes/manifest-two-objects': {
    severity: 'error',
    message: '`{key}` occurs twice in the `{kind}` in `{path}`: kubectl would use the second and ignore the first.',
    hint: 'separate objects with a line `---`, or remove one of the two',
  },
  'kubernetes/manifest-key-twice': {
    severity: 'warning',
    message: '`{key}` occurs twice in the same map in `{path}`: kubectl uses the second and ignores the first.',
    hint: 'remove one of the two',
  },
  'kubernetes/file-repeated': {
    severity: 'warning',
    message: '`{file}` is listed twice.',
    hint: 'remove one of them',
  },
  'kubernetes/snapshot-store-unused': {
    severity: 'warning',
    message: '`store` has no effect: with `keep: 0`, masters make no snapshots.',
    hint: 'set `keep` to at least 1, or remove `store`',
  },
  'kubernetes/bad-store-credentials': {
    severity: 'error',
    message: '`{file}` does not contain {expected}.',
    hint: 'check the file; its content is not shown because it is a secret',
  },
  'bootstrap/external-missing': {
    severity: 'error',
    message: '`token_distribution: external` needs the place of the tokens.',
    hint: 'add `external` with `type` and `url`',
  },
  'bootstrap/external-unused': {
    severity: 'warning',
    message: '`external` is set, but `token_distribution` is `{mode}`.',
    hint: 'set `token_distribution: external`, or remove `external`',
  },
  'bootstrap/token-unused': {
    severity: 'warning',
    message: '`token` has no effect: `token_distribution` is `{mode}`, so tokens are not in the images.',
    hint: 'remove `token`, or set `token_distribution: embedded`',
  },
  'bootstrap/token-ttl-short': {
    severity: 'warning',
    message:
      'Tokens end {seconds} seconds after the first boot of the first master, so nodes may start too late to join.',
    hint: 'set `token_ttl` to at least `10m`; a token ends earlier when its node is ready',
  },
  'bootstrap/insecure-store': {
    severity: 'error',
    message: 'The nodes would read the token over plain http, so others in the network could read it, too.',
    hint: 'use https, with `ca_file` for your own CA',
  },
  'bootstrap/shared-place': {
    severity: 'error',
    message: '`url` is the same for {count} nodes, but each node has its own token.',
    hint: 'put `{mark}` into the URL in place of the name of the node',
  },
  'bootstrap/no-credentials': {
    severity: 'warning',
    message: 'The nodes have no credentials for the token store, so it gives the tokens to everyone or to nobody.',
    hint: 'add `credentials_file`',
  },
  'bootstrap/bad-credentials': {
    severity: 'error',
    message: '`{file}` does not contain {expected}.',
    hint: 'check the file; its content is not shown because it is a secret',
  },
} as const satisfies CodeTable;
