/** Rules about mounts of file systems for which mount(8) needs a helper program, e.g. `mount.nfs`. */
import type { Placement } from '../../../diagnostics/codes.ts';
import type { Report } from '../../../diagnostics/report.ts';
import type { Node } from '../../cluster.ts';
import { lacks } from '../files/programs.ts';
import type { Facts, Rule } from '../rule.ts';
import { mountsOf } from './mounts.ts';

/** The Debian packages of these programs, by type of file system. */
const HELPERS: Readonly<Record<string, string>> = {
  cifs: 'cifs-utils',
  smb3: 'cifs-utils',
  davfs: 'davfs2',
  glusterfs: 'glusterfs-client',
  nfs: 'nfs-common',
  nfs4: 'nfs-common',
  'ntfs-3g': 'ntfs-3g',
  sshfs: 'sshfs',
};

const mountHelpers: Rule = {
  name: 'what mounts a network share is there',
  check: (cluster, facts, report) => {
    for (const { node, name, type, typeAt } of mountsOf(cluster, facts)) {
      if (type !== undefined) prove(node, name, type, typeAt, { facts, report });
    }
  },
};

function prove(
  node: Node,
  name: string,
  written: string,
  placement: Placement,
  { facts, report }: { readonly facts: Facts; readonly report: Report },
): void {
  const type = written.replace(/^fuse\./, '');
  const [helper, bringing] = [`mount.${type}`, HELPERS[type]];
  if (bringing === undefined || !lacks(node, `/usr/sbin/${helper}`, facts)) return;
  const hint = `add the Debian package \`${bringing}\` to \`cluster.image.packages\``;
  report.add('unit/missing-helper', { name, type: written, helper }, { ...placement, hint });
}

export const mountHelperRules: readonly Rule[] = [mountHelpers];
