/** Codes about the secrets store: what it lacks, who can read it, and certificates that end too soon. */
import type { CodeTable } from './table.ts';

const HINT = 'make new ones with `coldstart secrets rotate`, and build and boot new images; see docs/SECRETS.md';

export const secretsCodes = {
  'secrets/expired': {
    severity: 'error',
    message: '{count} of the certificates in `{file}` that lie in images ended; the first was `{first}`, on {date}.',
    hint: HINT,
  },
  'secrets/expiring': {
    severity: 'warning',
    message: '{count} of the certificates in `{file}` end within {days} days; the first is `{first}`, on {date}.',
    hint: HINT,
  },
  'secrets/ageing': {
    severity: 'warning',
    message:
      '{count} of the certificates in `{file}` end within {days} days, so an image that is built now must not lie unused for that long; the first is `{first}`, on {date}.',
    hint: HINT,
  },
  'secrets/operator-expired': {
    severity: 'warning',
    message:
      "The operator's certificate in `{file}` ended on {date}, so the kubeconfig beside the images opens nothing.",
    hint: '`coldstart secrets rotate certificates/operator` makes a new one; no image changes',
  },
  'secrets/in-image': {
    severity: 'error',
    message: '`{path}` is the secrets store: whoever has an image would have every key of the cluster.',
    hint: 'name another file; each node gets the keys that it needs without being told',
  },
  'secrets/in-overlays': {
    severity: 'error',
    message: 'The secrets store `{path}` would lie below `overlays`, and so be copied into images.',
    hint: 'keep it beside `cluster.yaml`',
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
    message: '`{file}` would change ({first}; {count} in all), and `--locked` was given.',
    hint: 'run `coldstart secrets issue` and commit the file, encrypted; a store that changes here is lost with this folder',
  },
  'secrets/exposed': {
    severity: 'warning',
    message: '`{file}` holds every key of the cluster in clear, and others than its owner may read it.',
    hint: 'chmod 600 {file}, or name age recipients in `cluster.secrets.recipients`',
  },
  'secrets/recipient-repeated': {
    severity: 'warning',
    message: 'This recipient is listed twice.',
    hint: 'remove one of them',
  },
} as const satisfies CodeTable;
