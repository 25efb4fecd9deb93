/** Rules about the content of files: the program that reads a file accepts it, and private keys are not world-readable. */
import { suggest } from '../../../diagnostics/suggest.ts';
import { READ_LINES, type ReadLines } from '../../base-system/read-lines.ts';
import { SSHD_SETTINGS, sshdFault } from '../../base-system/sshd-settings.ts';
import { privateKeyLine } from '../../content/certificates.ts';
import { SSHD } from '../access/sshd.ts';
import { placedFiles } from './placed-files.ts';
import type { Rule } from '../rule.ts';

const readLines: Rule = {
  name: 'each line of a file has a form that its reader knows',
  check: (cluster, facts, report) => {
    for (const { path, text, place } of placedFiles(cluster, facts)) {
      const found = READ_LINES.find((one) => one.path.test(path));
      if (found === undefined || text === undefined) continue;
      const { reader } = found;
      for (const { line, reason } of faultsOf(text, found)) {
        report.add('file/ignored-line', { path, reader, line, reason }, place(line));
      }
    }
  },
};

/** A line that ends with `\` continues on the next line. */
function faultsOf(text: string, { comment, fault }: ReadLines): readonly { line: number; reason: string }[] {
  const found: { line: number; reason: string }[] = [];
  let open = '';
  let start = 1;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    if (open === '') start = index + 1;
    const whole = open + raw;
    open = whole.endsWith('\\') ? `${whole.slice(0, -1)} ` : '';
    const line = whole.trim();
    const reason = open !== '' || line === '' || comment.test(line) ? undefined : fault(line);
    if (reason !== undefined) found.push({ line: start, reason });
  }
  return found;
}

const sshdStarts: Rule = {
  name: 'sshd starts with its settings',
  check: (cluster, facts, report) => {
    for (const { path, text, place } of placedFiles(cluster, facts)) {
      if (text === undefined || !SSHD.test(path)) continue;
      for (const [index, raw] of text.split('\n').entries()) {
        const line = raw.trim();
        const reason = line === '' || line.startsWith('#') ? undefined : sshdFault(line);
        if (reason === undefined) continue;
        const meant = suggest(/^[^\s=]*/.exec(line)?.[0] ?? '', [...SSHD_SETTINGS]);
        const hint = reason.endsWith('settings') && meant !== undefined ? `did you mean \`${meant}\`?` : undefined;
        report.add('ssh/refused-line', { path, line: index + 1, reason }, { ...place(index + 1), hint });
      }
    }
  },
};

const keysAreSecret: Rule = {
  name: 'a private key is not readable for all',
  check: (cluster, facts, report) => {
    for (const { path, text = '', access, isOverlay, isSecret, place } of placedFiles(cluster, facts)) {
      const line = privateKeyLine(text);
      if (line === undefined || isSecret || (access.mode & 0o004) === 0) continue;
      const hint = isOverlay
        ? 'overlays have mode 0644 or 0755 on the node: list it below `files`, with `mode: "0600"` and `secret: true`'
        : 'set `mode: "0600"`, or `"0640"` with a group, and `secret: true`';
      const mode = `0${access.mode.toString(8)}`;
      report.add('file/readable-key', { path, line, mode }, { ...place(0), hint });
    }
  },
};

export const fileContentRules: readonly Rule[] = [readLines, sshdStarts, keysAreSecret];
