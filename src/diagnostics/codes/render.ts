/** Codes about trees: overlays and files that are in each other's way, and values that a format cannot hold. */
import type { CodeTable } from './table.ts';

export const renderCodes = {
  'render/unrepresentable': {
    severity: 'error',
    message: 'A value cannot be written into `{template}` for {node}: {reason}.',
    hint: 'look at {settings}',
  },
  'render/illegal-path': {
    severity: 'error',
    message: 'The path `/{path}` from `{source}` {fault}.',
    hint: 'rename the file',
  },
  'render/path-taken': {
    severity: 'error',
    message: '`{source}` asks for `/{path}`, which is made from `{standing}` already.',
    hint: 'choose another path',
  },
  'render/not-a-directory': {
    severity: 'error',
    message:
      '`/{path}` from `{source}` and `/{other}` from `{standing}` cannot both be: one is a file where the other has a folder.',
    hint: 'rename one of them',
  },
  'overlay/overwrites-rendered': {
    severity: 'error',
    message: '`{source}` would overwrite `/{path}`, which is made from `{standing}`.',
    hint: 'choose another path',
  },
  'overlay/stray-file': {
    severity: 'warning',
    message: '`{path}` reaches no node: it lies in none of the folders below `overlays/`.',
    hint: 'move it to `overlays/common`, `overlays/role-<role>` or `overlays/node-<name>`, below the path that it has on the node',
  },
  'overlay/unknown-root': {
    severity: 'error',
    message: '`overlays/{root}` applies to no node: {reason}.',
    hint: 'move its files to `overlays/common`, `overlays/role-<role>` or `overlays/node-<name>`',
  },
} as const satisfies CodeTable;
