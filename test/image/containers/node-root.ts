/** A rendered tree over the root file system of the base layer; tests run the real programs of a node in it. */
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { FileTree } from '../../../src/render/tree/tree.ts';

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface NodeRoot {
  /** Runs a program with a fresh copy of the node's root, without a network; what it writes is gone afterwards. */
  readonly run: (program: string, args?: readonly string[], input?: string) => Outcome;
  readonly remove: () => void;
}

const ENTER = join(import.meta.dirname, 'enter.sh');
const NAMESPACES = ['--mount', '--net', '--pid', '--uts', '--fork', '--kill-child'];

export function nodeRoot(root: string, tree: FileTree): NodeRoot {
  const folder = mkdtempSync(join(tmpdir(), 'coldstart-node-'));
  const written = join(folder, 'tree');
  const scratch = join(folder, 'scratch');
  mkdirSync(scratch);
  mkdirSync(written);
  chmodSync(written, 0o755);
  writeTree(written, tree);
  return {
    run: (program, args = [], input = '') => {
      const all = [...NAMESPACES, ENTER, root, written, scratch, program, ...args];
      const { status, stdout, stderr } = spawnSync('unshare', all, { input, encoding: 'utf8', timeout: 120_000 });
      return { status, stdout, stderr };
    },
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}

export function writeTree(folder: string, tree: FileTree): void {
  for (const entry of tree) {
    const path = join(folder, entry.path);
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    if (entry.type === 'symlink') symlinkSync(entry.target, path);
    if (entry.type === 'directory') mkdirSync(path, { recursive: true });
    if (entry.type === 'file') writeFileSync(path, entry.content);
    if (entry.type === 'symlink') continue;
    chownSync(path, entry.uid, entry.gid);
    chmodSync(path, entry.mode);
  }
}
