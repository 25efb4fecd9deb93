/** Codes about trees: overlays and files with the same path, and values that a format cannot represent. */
import type { CodeTable } from './table.ts';

export const renderCodes = {
  'render/unrepresentable': {
    severity: 'error',
    message: 'A value cannot be written into `{template}` for {node}: {reason}.',
    hint: 'check {settings}',
  },
  'render/illegal-path': {
    severity: 'error',
    message: 'The path `/{path}` from `{source}` {fault}.',
    hint: 'rename the file',
  },
  'render/path-taken': {
    severity: 'error',
    message: '`{source}` would create `/{path}`, but `{standing}` already creates this file.',
    hint: 'choose another path',
  },
  'render/not-a-directory': {
    severity: 'error',
    message:
      '`/{path}` from `{source}` conflicts with `/{other}` from `{standing}`: one of them needs a folder where the other has a file.',
    hint: 'rename one of them',
  },
  'overlay/overwrites-rendered': {
    severity: 'error',
    message: '`{source}` would overwrite `/{path}`, which `{standing}` creates.',
    hint: 'choose another path',
  },
  'overlay/stray-file': {
    severity: 'warning',
    message: '`{path}` is copied to no node: it is in none of the folders below `overlays/`.',
    hint: 'move it to `overlays/common`, `overlays/role-<role>` or `overlays/node-<name>`, with its path on the node',
  },
  'overlay/left-over': {
    severity: 'warning',
    message: '`{path}` is copied to nodes, although {program} created it for itself.',
    hint: 'remove it, or move it out of `overlays`',
  },
  'overlay/misnamed-folder': {
    severity: 'warning',
    message: 'The folder `{path}` has no effect: its name is not `{meant}`.',
    hint: 'rename it to `{meant}`; if it is a copy, move it elsewhere',
  },
  'overlay/unknown-root': {
    severity: 'error',
    message: '`overlays/{root}` applies to no node: {reason}.',
    hint: 'move its files to `overlays/common`, `overlays/role-<role>` or `overlays/node-<name>`',
  },
} as const satisfies CodeTable;
