/** Turns diagnostics into text with source lines, and into JSON. */
import type { Diagnostic, Location } from './diagnostic.ts';
import type { Frame, FrameOf } from './frame.ts';
import { countDiagnostics } from './report.ts';

interface FormatOptions {
  readonly colour: boolean;
  /** Returns the source line of a place, with secrets masked. */
  readonly frame: FrameOf;
}

/** All diagnostics, separated by blank lines, and a last line with their number; empty when there are none. */
export function formatDiagnostics(diagnostics: readonly Diagnostic[], options: FormatOptions): string {
  if (diagnostics.length === 0) return '';
  const blocks = diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, options));
  return `${blocks.join('\n')}\n${summary(diagnostics)}\n`;
}

/**
 * One diagnostic as a block of lines, each ended by a line feed:
 * `severity code: message`, the place, the framed line, related places, the hint.
 */
function formatDiagnostic(diagnostic: Diagnostic, options: FormatOptions): string {
  const { severity, code, message, hint, at, related = [] } = diagnostic;
  const paint = options.colour ? colours : plain;
  const framed = [{ message: '', at }, ...related].filter((place) => place.at !== undefined);
  const gutter = Math.max(1, ...framed.map((place) => String(place.at?.line ?? 0).length));
  const lines = [
    `${paint[severity](`${severity} ${code}`)}: ${message}`,
    ...(at ? place(at, options.frame(at), gutter, '', paint) : []),
    ...related.flatMap((other) => place(other.at, options.frame(other.at), gutter, other.message, paint)),
    ...(hint ? [`${' '.repeat(gutter + 2)}${paint.faint('=')} ${paint.hint('hint')}: ${hint}`] : []),
  ];
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

/** One JSON object without a line feed; keys in a fixed order. */
export function diagnosticToJson({ code, severity, message, hint, at, related }: Diagnostic): string {
  return JSON.stringify({ type: 'diagnostic', severity, code, message, hint, at, related });
}

function place(at: Location, frame: Frame | undefined, gutter: number, note: string, paint: Paint): string[] {
  const blank = ' '.repeat(gutter + 2);
  const where = `${at.file}:${at.line}:${at.column}${at.path ? `  ${at.path}` : ''}`;
  const head = `${' '.repeat(gutter + 1)}${paint.faint('-->')} ${where}${note ? `  (${note})` : ''}`;
  if (!frame || frame.text.trim() === '') return [head];
  const number = String(at.line).padStart(gutter + 1);
  const indent = frame.text.slice(0, frame.column - 1).replace(/[^\t]/g, ' ');
  return [
    head,
    `${blank}${paint.faint('|')}`,
    `${paint.faint(`${number} |`)} ${frame.text}`,
    `${blank}${paint.faint('|')} ${indent}${paint.mark('^'.repeat(frame.length))}`,
  ];
}

/** The last line, e.g. `2 errors, 1 warning`. */
function summary(diagnostics: readonly Diagnostic[]): string {
  const { errors, warnings } = countDiagnostics(diagnostics);
  const parts = [
    ...(errors > 0 ? [plural(errors, 'error')] : []),
    ...(warnings > 0 ? [plural(warnings, 'warning')] : []),
  ];
  return parts.join(', ') || 'no errors';
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

type Paint = Readonly<Record<'error' | 'warning' | 'hint' | 'mark' | 'faint', (text: string) => string>>;

const same = (text: string): string => text;
const plain: Paint = { error: same, warning: same, hint: same, mark: same, faint: same };
const sgr =
  (code: string) =>
  (text: string): string =>
    `\x1b[${code}m${text}\x1b[0m`;
const colours: Paint = { error: sgr('1;31'), warning: sgr('1;33'), hint: sgr('36'), mark: sgr('31'), faint: sgr('2') };
