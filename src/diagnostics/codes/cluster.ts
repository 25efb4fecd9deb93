/** Codes about Kubernetes, the bootstrap and the image. */
import type { CodeTable } from './table.ts';

export const clusterCodes = {
  'kubernetes/unsupported-version': {
    severity: 'error',
    message: 'Kubernetes {version} is not supported: {reason}.',
    hint: 'this version of coldstart builds {supported}',
  },
  'image/unsupported-format': {
    severity: 'error',
    message: 'Images of format `{format}` are not built by this version of coldstart.',
    hint: 'it builds {supported}',
  },
  'image/unsupported-install': {
    severity: 'error',
    message: 'Nodes that copy themselves to their state disk are not built by this version of coldstart.',
    hint: 'leave `install` out: nodes boot from their image each time and keep `/var` on the state disk',
  },
  'image/repeated-format': {
    severity: 'warning',
    message: 'The format `{format}` is listed twice.',
    hint: 'remove one',
  },
  'image/other-release': {
    severity: 'warning',
    message: 'This source is of `{written}`, but nodes are made of Debian {suite}.',
    hint: 'write `{suite}`; packages of two releases rarely go together',
  },
  'image/repeated-source': {
    severity: 'warning',
    message: 'This source is listed twice.',
    hint: 'remove one of them',
  },
  'image/no-firmware-source': {
    severity: 'error',
    message: 'Firmware is asked for, but no source in `mirrors` has the component `{component}`.',
    hint: 'add `{component}` behind `main` in a `deb` line, or remove `non_free_firmware`',
  },
  'package/rival': {
    severity: 'warning',
    message: 'The package `{name}` does what the nodes have a program for: {reason}.',
    hint: 'leave it out',
  },
  'package/repeated': {
    severity: 'warning',
    message: 'The package `{name}` is listed twice.',
    hint: 'remove one of them',
  },
  'package/two-versions': {
    severity: 'error',
    message: 'The package `{name}` is asked for in two versions, and apt can install one.',
    hint: 'keep one of them',
  },
  'kubernetes/mirror-unused': {
    severity: 'warning',
    message:
      '`kubernetes.mirror` has no effect: no node is a master or worker, so no program of Kubernetes is fetched.',
    hint: 'remove it',
  },
  'kubernetes/manifest-repeated': {
    severity: 'error',
    message: 'Two manifests that are downloaded are called `{name}`; the lock could not tell them apart.',
    hint: 'put one of them into a file beside `cluster.yaml`, under another name',
  },
  'kubernetes/manifest-not-yaml': {
    severity: 'error',
    message: '`{path}` is not YAML from here on, so no master could apply it.',
    hint: 'correct it until `kubectl apply --dry-run=client -f {path}` takes it',
  },
  'kubernetes/manifest-empty': {
    severity: 'error',
    message: '`{path}` holds no object of Kubernetes, so no master could apply it.',
    hint: 'write what is to be applied into it, or take it out of the list',
  },
  'kubernetes/manifest-no-object': {
    severity: 'error',
    message: 'What begins here in `{path}` is no object of Kubernetes: it does not say {missing}.',
    hint: 'every object says `apiVersion` and `kind`; objects are kept apart by lines of `---`',
  },
  'kubernetes/manifest-kustomization': {
    severity: 'error',
    message: '`{path}` is a kustomization, which is no object that can be applied by itself.',
    hint: 'name the file that `kubectl kustomize` makes of it',
  },
  'kubernetes/manifest-template': {
    severity: 'error',
    message: '`{path}` is a template, which no master can apply.',
    hint: 'name what it renders to; of a chart, the file that `helm template` makes',
  },
  'kubernetes/manifest-unknown-kind': {
    severity: 'error',
    message: 'No API server takes a `{kind}` of `{version}`: {reason}.',
    hint: '`kubectl api-resources` lists what there is',
  },
  'kubernetes/manifest-no-name': {
    severity: 'error',
    message: 'The `{kind}` that begins here in `{path}` has no `metadata.name`{reason}.',
    hint: 'give it a name',
  },
  'kubernetes/manifest-bad-name': {
    severity: 'error',
    message: '`{place}` in `{path}` must be {expected}, not `{value}`: the API server would refuse it.',
    hint: 'correct it',
  },
  'kubernetes/manifest-not-text': {
    severity: 'error',
    message:
      '`{place}` in `{path}` must be text, but YAML reads {shown} as {what}, and the API server would refuse it.',
    hint: 'put it into quotes',
  },
  'kubernetes/manifest-two-objects': {
    severity: 'error',
    message:
      '`{key}` is twice in the `{kind}` in `{path}`: kubectl would take the second, and the first would be lost.',
    hint: 'keep objects apart by a line of `---`, or remove one of the two',
  },
  'kubernetes/manifest-key-twice': {
    severity: 'warning',
    message: '`{key}` is twice in one group of `{path}`: kubectl takes the second, and the first is lost.',
    hint: 'remove one of the two',
  },
  'kubernetes/file-repeated': {
    severity: 'warning',
    message: '`{file}` is listed twice.',
    hint: 'remove one of them',
  },
  'bootstrap/external-missing': {
    severity: 'error',
    message: '`token_distribution: external` needs to know where the token is kept.',
    hint: 'add `external` with `type` and `url`',
  },
  'bootstrap/external-unused': {
    severity: 'warning',
    message: '`external` is set, but `token_distribution` is `{mode}`.',
    hint: 'set `token_distribution: external`, or remove `external`',
  },
  'bootstrap/token-unused': {
    severity: 'warning',
    message: 'A token is set here, but `token_distribution` is `{mode}`, which does not put it into images.',
    hint: 'remove `token`, or set `token_distribution: embedded`',
  },
  'bootstrap/insecure-store': {
    severity: 'error',
    message: 'The token would be read over plain http, where anyone on the way could read it too.',
    hint: 'use https, with `ca_file` for a CA of your own',
  },
  'bootstrap/shared-place': {
    severity: 'error',
    message: '{count} nodes have a token of their own each, but `url` is one place for all of them.',
    hint: 'put `{mark}` into the URL, where the name of the node belongs',
  },
  'bootstrap/no-credentials': {
    severity: 'warning',
    message: 'The nodes have nothing to show to the store, so it gives the tokens to everyone or to nobody.',
    hint: 'add `credentials_file`',
  },
  'bootstrap/bad-credentials': {
    severity: 'error',
    message: '`{file}` does not hold {expected}.',
    hint: 'look into the file; nothing of it is shown here',
  },
} as const satisfies CodeTable;
