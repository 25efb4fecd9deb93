/** The real programs that check the output of src/pki; each is skipped by name if it is not installed. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { FileEntry } from '../../src/render/tree/tree.ts';

export function isInstalled(command: string): boolean {
  return spawnSync('which', [command]).status === 0;
}

/** Runs a program to its end; its output when it succeeds. Throws with its words when it fails. */
export function run(command: string, args: readonly string[], input?: string): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: 'pipe', ...(input === undefined ? {} : { input }) });
}

/** A folder for one test file, made when it is first used, so that a file whose tests are skipped leaves none. */
export function scratch(): { readonly path: string; readonly remove: () => void } {
  let made: string | undefined;
  return {
    get path() {
      return (made ??= mkdtempSync(join(tmpdir(), 'coldstart-pki-')));
    },
    remove: () => made && rmSync(made, { recursive: true, force: true }),
  };
}

/** Lays out a node's files below a folder, as they would lie on the node. */
export function writeFiles(folder: string, files: readonly FileEntry[]): void {
  for (const { path, content, mode } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content, { mode });
  }
}
