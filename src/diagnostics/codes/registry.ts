/** Codes about container registries. */
import type { CodeTable } from './table.ts';

export const registryCodes = {
  'registry/duplicate': {
    severity: 'error',
    message: 'The registry `{host}` has two entries.',
    hint: 'put all its mirrors into one entry; `index.docker.io` and `registry-1.docker.io` are the same as `docker.io`',
  },
  'registry/password-in-clear': {
    severity: 'warning',
    message: 'Nodes would send the credentials of `{host}` over plain http to `{url}`.',
    hint: 'use https, with `ca_file` for your own CA',
  },
  'registry/verify-contradiction': {
    severity: 'warning',
    message: '`skip_verify` accepts any certificate, so `ca_file` has no effect.',
    hint: 'remove one of the two',
  },
  'registry/tls-unused': {
    severity: 'warning',
    message: '`{name}` has no effect: the URL of this mirror is plain http, without a certificate.',
    hint: 'write `https://` in `url`, or remove `{name}`',
  },
  'registry/mirror-repeated': {
    severity: 'error',
    message: '`{url}` is listed twice as a mirror of `{host}`, so containerd would ignore all its mirrors.',
    hint: 'remove one of them',
  },
  'registry/in-cluster': {
    severity: 'warning',
    message: '`{address}` is in `{cidr}`, the network of the {of}: it has images only after the cluster has started.',
    hint: 'name a registry outside of the cluster; for a registry in the cluster, use the address of its service as `host` and `url`',
  },
  'registry/says-nothing': {
    severity: 'warning',
    message: 'The entry of the registry `{host}` has no effect: it has neither mirrors nor credentials.',
    hint: 'add `mirrors` or `auth`, or remove the entry',
  },
  'registry/auth-for-all': {
    severity: 'error',
    message:
      '`_default` cannot have `auth`: it is for all registries without an entry, but credentials belong to one host.',
    hint: 'move `auth` to an entry with the host of the registry or of the mirror, e.g. `host: mirror.lab.example`',
  },
} as const satisfies CodeTable;
