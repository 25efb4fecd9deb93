/** `coldstart explain`. */
import { exitClass } from '../../diagnostics/codes.ts';
import { quantity } from '../../diagnostics/quantity.ts';
import { inventory } from '../../render/tree/inventory.ts';
import type { Origin } from '../../render/tree/tree.ts';
import { explainCode, isCode } from '../../usecases/explain-code.ts';
import { explain as explainFile, type Explanation } from '../../usecases/explain.ts';
import { hostOf, type IdentityOptions } from '../host.ts';
import { plainPage } from '../text/page.ts';
import { writeClosed } from '../text/secrets.ts';
import { writeJson, type CommonOptions, type Session } from '../session.ts';

export interface ExplainOptions extends IdentityOptions {
  readonly node?: string;
}

export async function explain(
  config: string | undefined,
  path: string,
  options: CommonOptions & ExplainOptions,
  session: Session,
): Promise<number> {
  if (config === undefined && options.node === undefined && isCode(path)) return writeCode(path, options, session);
  const request = { config, path, node: options.node };
  const { value, diagnostics } = await explainFile(request, hostOf(options, session));
  if (value === undefined) return exitClass(diagnostics);
  writeClosed(value.closed, options, session);
  if (options.json) writeJson(session, { type: 'explanation', ...recordOf(value.explanation) });
  else session.stdout.write(linesOf(value.explanation).join('\n') + '\n');
  return 0;
}

async function writeCode(code: string, options: CommonOptions, session: Session): Promise<number> {
  const explained = await explainCode(code);
  if (options.json) writeJson(session, { type: 'explanation', ...explained });
  else session.stdout.write(plainPage(explained.page));
  return 0;
}

const KINDS: Readonly<Record<Origin['kind'], string>> = {
  template: 'rendered from',
  overlay: 'copied from',
  'user-overlay': 'copied from your',
  setting: 'made from',
  'secrets-store': 'issued from',
};

function recordOf(explanation: Explanation): Record<string, unknown> {
  const { node, path } = explanation;
  switch (explanation.kind) {
    case 'entry': {
      const { entry, settings } = explanation;
      const { kind: origin, source, holes = [] } = entry.origin;
      return { node, path, origin, source, settings, holes, secret: isSecret(entry), inventory: lineOf(entry) };
    }
    case 'folder': {
      const entries = explanation.entries.map((entry) => ({ path: entry.path, source: entry.origin.source }));
      return { node, path, origin: 'folder', entries };
    }
    case 'base-layer': {
      const { sets, names } = explanation.packages;
      return { node, path, origin: 'base-layer', sets, packages: names };
    }
  }
}

function linesOf(explanation: Explanation): string[] {
  const { node, path } = explanation;
  switch (explanation.kind) {
    case 'entry': {
      const { entry, settings } = explanation;
      const { kind, source, holes = [] } = entry.origin;
      const width = Math.max(0, ...settings.map(({ setting }) => setting.length));
      return [
        `/${path} of ${node}${isSecret(entry) ? ' (secret)' : ''}`,
        `  ${KINDS[kind]} ${source}`,
        ...(settings.length > 0 ? ['  depends on'] : []),
        ...settings.map(({ setting, at }) => `    ${setting.padEnd(width)}  ${at ?? 'not set (default)'}`),
        ...(holes.length > 0 ? [`  with ${holes.join(', ')} of the secrets store`] : []),
        `  ${lineOf(entry)}`,
      ];
    }
    case 'folder': {
      const { entries } = explanation;
      return [
        `/${path} of ${node} is a folder; ${quantity(entries.length, 'entry', 'entries')} of the node layer below it:`,
        ...entries.map((entry) => `  /${entry.path}  (${entry.origin.source})`),
      ];
    }
    case 'base-layer': {
      const { packages, near } = explanation;
      return [
        `/${path} is not in the node layer of ${node}.`,
        `  If the machine has it, it comes from the base layer: ${quantity(packages.names.length, 'Debian package')}`,
        `  (${packages.sets.join(', ')}), or the running machine has created it.`,
        ...(near === undefined ? [] : [`  = hint: did you mean /${near}?`]),
      ];
    }
  }
}

type Entry = Extract<Explanation, { kind: 'entry' }>['entry'];

const isSecret = (entry: Entry): boolean => 'secret' in entry && entry.secret;
const lineOf = (entry: Entry): string => inventory([entry]).trimEnd();
