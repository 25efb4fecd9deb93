/** Codes about files as such: reading them, their YAML, their keys and the types of their values. */
import type { CodeTable } from './table.ts';

export const configCodes = {
  'config/not-found': {
    severity: 'error',
    message: '`{path}` does not exist.',
    hint: 'name a `cluster.yaml` or the folder that contains it',
  },
  'config/not-a-file': {
    severity: 'error',
    message: '`{path}` is a folder, but a file is needed here.',
    hint: 'name the file itself',
  },
  'config/unreadable': {
    severity: 'error',
    message: '`{path}` cannot be read: {reason}.',
    hint: 'check its owner and mode',
  },
  'config/empty-file': {
    severity: 'error',
    message: '`{path}` is empty: it contains no settings.',
    hint: 'start from one of the files under `examples/`',
  },
  'config/not-utf8': {
    severity: 'error',
    message: '`{path}` is not UTF-8 text: no character starts at byte {offset}.',
    hint: 'save the file as UTF-8',
  },
  'config/too-large': {
    severity: 'error',
    message: '`{path}` has {size} bytes; the limit is {limit}.',
    hint: 'put large contents into files of their own, and name them in `source`',
  },
  'config/yaml-syntax': {
    severity: 'error',
    message: 'This is not YAML: {reason}.',
    hint: 'check the indentation and the quotes in this line and in the line above',
  },
  'config/tab-indent': {
    severity: 'error',
    message: 'The indentation contains a tab; YAML allows only spaces.',
    hint: 'indent with spaces, two for each level',
  },
  'config/duplicate-key': {
    severity: 'error',
    message: '`{key}` is set twice in the same map.',
    hint: 'remove one of the two',
  },
  'config/several-documents': {
    severity: 'error',
    message: 'A second YAML document starts here, but a file may contain only one.',
    hint: 'remove the `---`, or move the second document into another file, e.g. `nodes/<name>.yaml`',
  },
  'config/yaml-bomb': {
    severity: 'error',
    message: 'The aliases of this file expand to too many values, or its nesting is too deep.',
    hint: 'write the repeated values out, or use fewer aliases that contain aliases',
  },
  'config/yaml-tag': {
    severity: 'error',
    message: 'The tag `{tag}` is not supported.',
    hint: 'remove it; values are text, numbers, lists and maps without tags',
  },
  'config/unknown-key': {
    severity: 'error',
    message: '`{key}` is not a setting of {parent}.',
    hint: 'the settings of {parent} are: {known}',
  },
  'config/missing-key': {
    severity: 'error',
    message: '`{setting}` is missing.',
    hint: 'add it: {meaning}',
  },
  'config/wrong-type': {
    severity: 'error',
    message: '`{setting}` must be {expected}, not {found}.',
  },
  'config/wrong-value': {
    severity: 'error',
    message: '`{setting}` must be {expected}, not `{found}`.',
  },
  'config/wrong-secret': {
    severity: 'error',
    message: '`{setting}` must be {expected}; its value is not shown because it is a secret.',
  },
  'config/wrong-key': {
    severity: 'error',
    message: '`{key}` in `{setting}` must be {expected}.',
  },
  'config/unquoted': {
    severity: 'error',
    message: '`{setting}` must be {expected}, but without quotes YAML reads `{source}` as {read}.',
    hint: "write '{source}' in quotes",
  },
  'config/conflict': {
    severity: 'error',
    message: '`{setting}` of node `{node}` has two different values: {first} here, {second} in `{file}`.',
    hint: 'remove one of the two, or set both to the same value',
  },
} as const satisfies CodeTable;
