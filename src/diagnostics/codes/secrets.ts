/** Codes about the secrets store: missing entries, access to its file, and certificates that expire. */
import type { CodeTable } from './table.ts';

const HINT = 'renew them with `coldstart secrets rotate`, then build and boot new images; see docs/SECRETS.md';

export const secretsCodes = {
  'secrets/expired': {
    severity: 'error',
    message: '{count} of the certificates in `{file}` for images have expired; the first was `{first}`, on {date}.',
    hint: HINT,
  },
  'secrets/expiring': {
    severity: 'warning',
    message: '{count} of the certificates in `{file}` expire within {days} days; the first is `{first}`, on {date}.',
    hint: HINT,
  },
  'secrets/ageing': {
    severity: 'warning',
    message:
      '{count} of the certificates in `{file}` expire within {days} days, so use images of this build soon; the first is `{first}`, on {date}.',
    hint: HINT,
  },
  'secrets/operator-expired': {
    severity: 'warning',
    message:
      "The operator's certificate in `{file}` expired on {date}, so the kubeconfig beside the images gives no access.",
    hint: 'renew it with `coldstart secrets rotate certificates/operator`; no image changes',
  },
  'secrets/in-image': {
    severity: 'error',
    message: '`{path}` is the secrets store: everyone with an image would have all keys of the cluster.',
    hint: 'name another file; each node gets the keys that it needs automatically',
  },
  'secrets/in-overlays': {
    severity: 'error',
    message: 'The secrets store `{path}` is below `overlays`, so it would be copied into images.',
    hint: 'move it to the folder of `cluster.yaml`',
  },
  'secrets/of-definition': {
    severity: 'error',
    message: '`{path}` is another file of the definition, so it cannot be the secrets store.',
    hint: 'choose another file, e.g. `cluster.secrets.yaml`; coldstart creates it',
  },
  'secrets/unusable': {
    severity: 'error',
    message: '{reason}',
  },
  'secrets/unsupported-version': {
    severity: 'error',
    message: '{reason}',
  },
  'secrets/not-issued': {
    severity: 'error',
    message: '`{file}` would change ({first}; {count} in total), but `--locked` was given.',
    hint: 'run `coldstart secrets issue` and commit the encrypted file; `--locked` keeps a build from creating keys that are lost with its folder',
  },
  'secrets/not-shared': {
    severity: 'error',
    message:
      '`{file}` would change ({first}; {count} in total), and with `--shard` each job would make keys of its own.',
    hint: 'run `coldstart secrets issue` once, and give all jobs the same file',
  },
  'secrets/exposed': {
    severity: 'warning',
    message: '`{file}` contains all keys of the cluster without encryption, and other users can read it.',
    hint: 'chmod 600 {file}, or name age recipients in `cluster.secrets.recipients`',
  },
  'secrets/recipient-repeated': {
    severity: 'warning',
    message: 'This recipient is listed twice.',
    hint: 'remove one of them',
  },
} as const satisfies CodeTable;
