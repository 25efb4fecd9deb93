/** Codes of everything that is wrong with a file as such: reading it, its YAML, its keys and the types of its values. */
import type { CodeTable } from './table.ts';

export const configCodes = {
  'config/not-found': {
    severity: 'error',
    message: 'There is no `{path}`.',
    hint: 'name a `cluster.yaml` or the folder that holds one',
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
    message: '`{path}` is empty: it holds no settings.',
    hint: 'start from one of the files under `examples/`',
  },
  'config/not-utf8': {
    severity: 'error',
    message: '`{path}` is not UTF-8 text: byte {offset} starts no character.',
    hint: 'save the file as UTF-8',
  },
  'config/too-large': {
    severity: 'error',
    message: '`{path}` has {size} bytes; at most {limit} are read.',
    hint: 'keep large files beside the configuration and name them in `source`',
  },
  'config/yaml-syntax': {
    severity: 'error',
    message: 'This is not YAML: {reason}.',
    hint: 'check the indentation and the quotes here and in the line above',
  },
  'config/tab-indent': {
    severity: 'error',
    message: 'A tab stands where YAML wants spaces.',
    hint: 'indent with spaces, two for each level',
  },
  'config/duplicate-key': {
    severity: 'error',
    message: '`{key}` is set twice in the same place.',
    hint: 'keep one of the two',
  },
  'config/several-documents': {
    severity: 'error',
    message: 'A second YAML document starts here, but only one is read per file.',
    hint: 'remove the `---`, or move what follows into a file of its own, e.g. `nodes/<name>.yaml`',
  },
  'config/yaml-bomb': {
    severity: 'error',
    message: 'The aliases or levels of this file unfold to more than is reasonable.',
    hint: 'write the repeated values out, or use fewer aliases of aliases',
  },
  'config/yaml-tag': {
    severity: 'error',
    message: 'The tag `{tag}` means nothing here.',
    hint: 'remove it; values are plain text, numbers, lists and maps',
  },
  'config/unknown-key': {
    severity: 'error',
    message: '`{key}` is not a setting of {parent}.',
    hint: '{parent} has: {known}',
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
    message: '`{setting}` of node `{node}` is said twice and differs: {first} here, {second} in `{file}`.',
    hint: 'say it once, or the same in both places',
  },
} as const satisfies CodeTable;
