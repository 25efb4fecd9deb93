/** Turns zod's issues of a file into diagnostics with places. Messages of zod are never shown. */
import type * as z from 'zod';
import type { Report } from '../../diagnostics/report.ts';
import { type Path, formatPath, startsWith } from '../../diagnostics/path.ts';
import { type Checked, type Issue, narrow, valueAt } from './checked.ts';
import { kindsWith, schemaAt } from '../schema/inspect.ts';
import { reportStrangers, strangersOf, type Stranger } from './unknown-settings.ts';
import { reportWrongValue } from './wrong-value.ts';

/** Checks a file's content and reports its faults: one diagnostic for each mistake. */
export function reportIssues(checked: Checked, report: Report): void {
  const issues = (checked.schema.safeParse(checked.data).error?.issues ?? []).map(narrow);
  const strangers = issues.flatMap((issue) => strangersOf(checked, issue));
  // Keys beside their group instead of inside it: the group is empty or missing, and its diagnostic lists these keys.
  const isLost = (stranger: Stranger): boolean =>
    issues.some((issue) => isNothing(checked, issue) && isOutside(stranger, issue.path as Path));
  reportStrangers(
    checked,
    strangers.filter((stranger) => !isLost(stranger)),
    report,
  );
  for (const issue of issues.filter(({ code }) => code !== 'unrecognized_keys')) {
    const path = issue.path as Path;
    const lost = strangers.filter((stranger) => isNothing(checked, issue) && isOutside(stranger, path));
    const isMisspelt = strangers.some((stranger) => explains(checked, stranger, path));
    if (lost.length > 0 || !isMisspelt || valueAt(checked.data, path) !== undefined) {
      reportIssue(checked, issue, lost, report);
    }
  }
}

/** Whether an unknown key may be the cause of a missing setting: a misspelling, or a key for another kind of the group. */
function explains({ schema, data }: Checked, { path, guess }: Stranger, missing: Path): boolean {
  if (guess && formatPath(guess) === formatPath(missing)) return true;
  const group = path.slice(0, -1);
  if (path.length !== missing.length || !startsWith(missing, group)) return false;
  const found = schemaAt(schema, group, data);
  return !guess || (!!found && kindsWith(found, valueAt(data, group), String(path.at(-1))) !== undefined);
}

const isNothing = ({ data }: Checked, { path }: Issue): boolean => (valueAt(data, path as Path) ?? null) === null;

const isOutside = ({ path, guess }: Stranger, group: Path): boolean =>
  guess !== undefined && guess.length > group.length && startsWith(guess, group) && !startsWith(path, group);

function reportIssue(checked: Checked, issue: Issue, lost: readonly Stranger[], report: Report): void {
  const path = issue.path as Path;
  if (issue.code === 'invalid_key') return reportWrongKey(checked, path, expectedBy(issue.issues[0]), report);
  const hint = lost.length === 0 ? undefined : indentHint(path, lost);
  if (valueAt(checked.data, path) === undefined) reportMissing(checked, path, hint, report);
  else reportWrongValue(checked, path, { expected: expectedBy(issue), hint }, report);
}

const indentHint = (path: Path, lost: readonly Stranger[]): string => {
  const keys = lost.map((stranger) => `\`${String(stranger.path.at(-1))}\``).join(', ');
  return `${keys} ${lost.length === 1 ? 'belongs' : 'belong'} below \`${String(path.at(-1))}:\`, indented by two more spaces`;
};

function expectedBy(issue: Issue | undefined): string | undefined {
  if (issue?.code === 'custom') return issue.params?.['expected'] as string | undefined;
  if (issue?.code === 'invalid_union' && 'options' in issue) return oneOf(issue.options);
  return issue?.code === 'too_small' && issue.origin === 'array' ? 'a list with at least one entry' : undefined;
}

const oneOf = (options: unknown): string =>
  `one of ${(options as unknown[]).flatMap((option) => (typeof option === 'string' ? `\`${option}\`` : [])).join(', ')}`;

function reportWrongKey({ source }: Checked, path: Path, expected: string | undefined, report: Report): void {
  const values = {
    key: String(path.at(-1)),
    setting: formatPath(path.slice(0, -1)),
    expected: expected ?? 'another name',
  };
  report.add('config/wrong-key', values, { at: source.locateKey(path).at });
}

function reportMissing({ source, schema, data }: Checked, path: Path, hint: string | undefined, report: Report): void {
  const found = schemaAt(schema, path, data) as z.ZodType | undefined;
  const description = found?.description ?? 'it has no default.';
  const [sentence = ''] = description.split(/(?<!\be\.g)\.(?: |$)/);
  // An abbreviation stays in capitals.
  const meaning = /^[A-Z]{2}/.test(sentence) ? sentence : sentence.charAt(0).toLowerCase() + sentence.slice(1);
  const { at } = source.locate(path.slice(0, -1));
  report.add('config/missing-key', { setting: formatPath(path), meaning }, { at, hint });
}
