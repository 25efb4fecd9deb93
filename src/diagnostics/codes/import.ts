/** Codes about definitions of other tools that `coldstart import` reads. */
import type { CodeTable } from './table.ts';

export const importCodes = {
  'import/not-brought': {
    severity: 'warning',
    message: '`{setting}` is not in the new definition: {reason}.',
    hint: '{todo}',
  },
  'import/file-not-brought': {
    severity: 'warning',
    message: '`{path}` is not in the new definition: {reason}.',
    hint: '{todo}',
  },
  'import/assumed': {
    severity: 'warning',
    message: '{what}.',
    hint: '{todo}',
  },
  'import/secret': {
    severity: 'warning',
    message: '`{setting}` is a secret, so it is not in the new definition.',
    hint: 'coldstart makes its own keys and tokens; give passwords that you still need in a file that is not committed',
  },
  'import/unset-variable': {
    severity: 'warning',
    message: '`{setting}` is not in the new definition: the variable `{name}` has its value from elsewhere.',
    hint: 'write the value into the new definition, unless it is a secret',
  },
  'import/unknown-mac': {
    severity: 'warning',
    message: 'The input does not say all MACs of {names}.',
    hint: 'read them on the machines, e.g. with `ip link`, and add them as `hardware.mac_addresses`, and as `mac` of listed interfaces',
  },
  'import/unreadable': {
    severity: 'error',
    message: '`{path}` cannot be read: {reason}.',
    hint: 'repair the file, and import again',
  },
  'import/unknown-format': {
    severity: 'error',
    message: '`{path}` is no definition that coldstart knows.',
    hint: 'it can be {formats}',
  },
  'import/several-formats': {
    severity: 'error',
    message: '`{path}` has several definitions: {found}.',
    hint: 'name one of the files, or choose a format with `--format`',
  },
  'import/no-nodes': {
    severity: 'error',
    message: '`{path}` names no machine, so there is no node to write.',
    hint: '{todo}',
  },
} as const satisfies CodeTable;
