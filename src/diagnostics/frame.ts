/** The source line of a place with its underline, with secrets masked. */
import type { Location } from './diagnostic.ts';
import type { Span } from './secrets.ts';

/** One line without secrets; the column counts from 1. */
export interface Frame {
  readonly text: string;
  readonly column: number;
  readonly length: number;
}

/** Finds the frame of a place; undefined when the file's text is not available. */
export type FrameOf = (at: Location) => Frame | undefined;

const cover = '******';

/** Returns a function that makes frames for places in `text`. */
export function createFrames(text: string, secrets: readonly Span[]): FrameOf {
  const lines = text.split('\n');
  const starts: number[] = [];
  lines.reduce((offset, line) => (starts.push(offset), offset + line.length + 1), 0);
  return ({ line, column, length }) => {
    const raw = lines[line - 1];
    const start = starts[line - 1];
    if (raw === undefined || start === undefined) return undefined;
    const shown = raw.replace(/\r$/, '');
    return clip(coverLine(shown, onLine(secrets, start, shown.length), { from: column - 1, to: column - 1 + length }));
  };
}

const widest = 120;

/** The part of a long line around the underline. */
function clip({ text, column, length }: Frame): Frame {
  if (text.length <= widest) return { text, column, length };
  const start = Math.max(0, Math.min(column - 1 - widest / 4, text.length - widest));
  const end = start + widest;
  const shown = `${start > 0 ? '…' : ''}${text.slice(start, end)}${end < text.length ? '…' : ''}`;
  const moved = column - start + (start > 0 ? 1 : 0);
  return { text: shown, column: moved, length: Math.max(1, Math.min(length, shown.length - moved + 1)) };
}

/** The secret parts of a line as offsets, sorted and merged; leading blanks stay visible. */
function onLine(secrets: readonly Span[], start: number, length: number): readonly Span[] {
  const clipped = secrets
    .map((span) => ({ start: Math.max(0, span.start - start), end: Math.min(length, span.end - start) }))
    .filter((span) => span.end > span.start)
    .sort((a, b) => a.start - b.start);
  const joined: { start: number; end: number }[] = [];
  for (const span of clipped) {
    const last = joined.at(-1);
    if (last && span.start <= last.end) last.end = Math.max(last.end, span.end);
    else joined.push({ ...span });
  }
  return joined;
}

interface Piece extends Span {
  readonly text: string;
  /** Offset of the piece in the masked line. */
  readonly shownAt: number;
  readonly covered: boolean;
}

function coverLine(line: string, spans: readonly Span[], mark: { from: number; to: number }): Frame {
  const pieces: Piece[] = [];
  const push = (start: number, end: number, covered: boolean): void => {
    const last = pieces.at(-1);
    const shownAt = last ? last.shownAt + last.text.length : 0;
    if (end > start) pieces.push({ start, end, covered, shownAt, text: covered ? cover : line.slice(start, end) });
  };
  let done = 0;
  for (const span of spans) {
    const start = span.start + leadingBlanks(line, span);
    push(done, start, false);
    push(start, span.end, true);
    done = span.end;
  }
  push(done, line.length, false);
  const text = pieces.map((piece) => piece.text).join('');
  const from = shownPosition(pieces, mark.from, 'start', text.length);
  const to = shownPosition(pieces, mark.to, 'end', text.length);
  return { text, column: from + 1, length: Math.max(1, to - from) };
}

/** An underline that starts or ends inside a mask covers the whole mask. */
function shownPosition(pieces: readonly Piece[], at: number, edge: 'start' | 'end', fallback: number): number {
  const piece = pieces.find(({ start, end }) => (edge === 'start' ? at >= start && at < end : at > start && at <= end));
  if (!piece) return fallback;
  if (!piece.covered) return piece.shownAt + at - piece.start;
  return edge === 'start' ? piece.shownAt : piece.shownAt + cover.length;
}

const leadingBlanks = (line: string, { start, end }: Span): number =>
  /^\s*/.exec(line.slice(start, end))?.[0].length ?? 0;
