/**
 * Reads a unit file like systemd: sections and assignments with their lines, and syntax errors. Sources:
 * systemd.syntax(7); src/shared/conf-parser.c, config_parse().
 */

export interface Assignment {
  readonly section: string;
  readonly key: string;
  readonly value: string;
  /** Counted from 1; for an assignment over several lines (`\`), the first one. */
  readonly line: number;
}

/** A fault of a unit: systemd does not load the unit, or ignores a line. */
export interface UnitFault {
  /** 0 if the fault concerns the unit as a whole. */
  readonly line: number;
  readonly weight: 'refused' | 'ignored';
  /** A clause without a full stop. */
  readonly reason: string;
  readonly hint?: string | undefined;
}

export interface UnitFile {
  readonly sections: readonly { readonly name: string; readonly line: number }[];
  readonly assignments: readonly Assignment[];
  readonly faults: readonly UnitFault[];
}

/** Reads a whole file. A fault of weight `refused` means that systemd does not load it. */
export function readUnitFile(text: string): UnitFile {
  const sections: { name: string; line: number }[] = [];
  const assignments: Assignment[] = [];
  const faults: UnitFault[] = [];
  const ignore = (line: number, reason: string, hint?: string): void =>
    void faults.push({ line, weight: 'ignored', reason, hint });
  for (const { text: content, line } of logicalLines(text)) {
    const at = content.indexOf('=');
    if (content.startsWith('[')) {
      const name = /^\[(.*)\]$/s.exec(content)?.[1];
      if (name !== undefined) sections.push({ name, line });
      else {
        const reason = `\`${content}\` is not a section: nothing may follow its \`]\``;
        faults.push({ line, weight: 'refused', reason, hint: 'write comments on separate lines' });
      }
    } else if (at === -1) ignore(line, `\`${shorten(content)}\` is not an assignment: it has no \`=\``);
    else if (at === 0) ignore(line, 'no name of a setting stands before the `=`');
    else {
      const section = sections.at(-1)?.name;
      const assignment = { key: content.slice(0, at).trim(), value: content.slice(at + 1).trim(), line };
      if (section === undefined) ignore(line, `\`${assignment.key}=\` stands before the first section`);
      else assignments.push({ section, ...assignment });
    }
  }
  return { sections, assignments, faults };
}

/** Lines without comments, each joined with its continuation lines. CR, LF and both together end a line. */
function logicalLines(text: string): { readonly text: string; readonly line: number }[] {
  const lines: { text: string; line: number }[] = [];
  let open: { text: string; line: number } | undefined;
  text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n\r?|\r/)
    .forEach((raw, index) => {
      const start = raw.replace(/^[ \t]+/, '');
      if (/^[#;]/.test(start)) return;
      const whole = { text: (open?.text ?? '') + start, line: open?.line ?? index + 1 };
      const continues = /(?:^|[^\\])(?:\\\\)*\\$/.test(whole.text);
      open = continues ? { ...whole, text: `${whole.text.slice(0, -1)} ` } : undefined;
      if (!continues) lines.push(whole);
    });
  if (open !== undefined) lines.push(open);
  return lines.map((one) => ({ ...one, text: one.text.trim() })).filter((one) => one.text !== '');
}

const shorten = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

/** The values of a setting. An empty value removes those before it, as in systemd for all settings that may be repeated. */
export function valuesOf({ assignments }: UnitFile, section: string, key: string): readonly Assignment[] {
  const all = assignments.filter((one) => one.section === section && one.key === key);
  return all.slice(all.findLastIndex(({ value }) => value === '') + 1);
}

/** The last value of a setting; undefined if it is missing or empty. */
export function lastValue(unit: UnitFile, section: string, key: string): string | undefined {
  return valuesOf(unit, section, key).at(-1)?.value;
}
