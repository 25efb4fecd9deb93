/** The index of diagnostics as Markdown, from the registry of codes. */
import { codes, isUnsupported } from '../../src/diagnostics/codes.ts';
import type { CodeDefinition } from '../../src/diagnostics/codes/table.ts';

const preface = `# Diagnostics

Generated from the registry of codes by \`npm run docs\`; do not edit.

Codes are permanent. An error stops the build: with exit code 2 when the definition is wrong, with 3 when it is valid but
asks for something that this version does not do. A warning does not stop it, unless \`--strict\` is given.
Words in \`{braces}\` are filled in.
`;

/** The whole page, sorted by code. */
export function diagnosticsPage(): string {
  const entries = Object.entries<CodeDefinition>(codes).sort(([a], [b]) => (a < b ? -1 : 1));
  return [preface, ...entries.map(([code, definition]) => entry(code, definition))].join('\n');
}

function entry(code: string, { severity, message, hint }: CodeDefinition): string {
  const exit = severity === 'warning' ? 'warning' : `error, exit ${isUnsupported(code) ? 3 : 2}`;
  const lines = [`## ${code}\n`, `*${exit}* — ${message}\n`, ...(hint ? [`What to do: ${hint}.\n`] : [])];
  return lines.join('\n');
}
