/** Codes about container registries. */
import type { CodeTable } from './table.ts';

export const registryCodes = {
  'registry/duplicate': {
    severity: 'error',
    message: 'The registry `{host}` is configured twice.',
    hint: 'put all its mirrors into one entry; `index.docker.io` and `registry-1.docker.io` are `docker.io`',
  },
  'registry/password-in-clear': {
    severity: 'warning',
    message: 'The credentials of `{host}` would be sent over plain http to `{url}`.',
    hint: 'use https, with `ca_file` for a CA of your own',
  },
  'registry/verify-contradiction': {
    severity: 'warning',
    message: '`skip_verify` accepts any certificate, so `ca_file` has no effect.',
    hint: 'remove one of the two',
  },
  'registry/tls-unused': {
    severity: 'warning',
    message: '`{name}` has no effect: this mirror is reached over plain http, without a certificate.',
    hint: 'write `https://` in `url`, or remove `{name}`',
  },
  'registry/mirror-repeated': {
    severity: 'error',
    message: '`{url}` is listed twice as a mirror of `{host}`, and containerd would read none of them.',
    hint: 'remove one of them',
  },
  'registry/in-cluster': {
    severity: 'warning',
    message: '`{address}` is in `{cidr}`, the network of the {of}: images come from there only once the cluster is up.',
    hint: 'name a registry outside of the cluster; one that runs in it goes by the address of its service, as `host` and as `url`',
  },
  'registry/says-nothing': {
    severity: 'warning',
    message: 'The entry of the registry `{host}` has neither mirrors nor credentials, so it changes nothing.',
    hint: 'add `mirrors` or `auth`, or remove the entry',
  },
  'registry/auth-for-all': {
    severity: 'error',
    message: '`_default` stands for every registry that has no entry, and containerd keeps credentials by host.',
    hint: 'move `auth` to an entry with the host of the registry or of the mirror, e.g. `host: mirror.lab.example`',
  },
} as const satisfies CodeTable;
