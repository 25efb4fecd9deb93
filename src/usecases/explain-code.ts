/** `explain CODE`: what a diagnostic means, what to do, and an example. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codes } from '../diagnostics/codes.ts';
import type { CodeDefinition } from '../diagnostics/codes/table.ts';
import { suggest } from '../diagnostics/suggest.ts';
import { SYSTEM_FOLDER } from './installation.ts';
import { UsageError } from './usage.ts';

interface ExplainedCode extends Pick<CodeDefinition, 'severity' | 'message' | 'hint'> {
  readonly code: string;
  /** Its page of the documentation; Markdown. */
  readonly page: string;
}

const CODES: ReadonlyMap<string, CodeDefinition> = new Map(Object.entries(codes));
const areaOf = (code: string): string => code.split('/')[0] ?? '';
const AREAS = new Set([...CODES.keys()].map(areaOf));

/** Whether a text is meant as a code. No folder of a node has the name of an area. */
export const isCode = (text: string): boolean => /^[a-z]+\/[a-z0-9-]+$/.test(text) && AREAS.has(areaOf(text));

/** @throws UsageError for a code that is not there */
export async function explainCode(code: string): Promise<ExplainedCode> {
  const found = CODES.get(code);
  if (found === undefined) {
    const near = suggest(code, [...CODES.keys()]);
    const hint = near === undefined ? 'docs/diagnostics.md lists all codes' : `did you mean \`${near}\`?`;
    throw new UsageError(`\`${code}\` is not the code of a message.`, hint);
  }
  const { severity, message, hint } = found;
  const page = await readFile(join(SYSTEM_FOLDER, 'docs/diagnostics', `${code}.md`), 'utf8');
  return { code, severity, message, ...(hint === undefined ? {} : { hint }), page };
}
