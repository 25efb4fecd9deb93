/** `coldstart diff`. */
import { relative } from 'node:path';
import { exitClass } from '../../diagnostics/codes.ts';
import { diff as compare } from '../../usecases/diff.ts';
import { writeComparison } from '../text/comparison-product.ts';
import { hostOf, type IdentityOptions } from '../host.ts';
import { writeClosed } from '../text/secrets.ts';
import type { CommonOptions, Session } from '../session.ts';

export interface DiffOptions extends IdentityOptions {
  readonly node?: readonly string[];
  readonly out?: string;
  readonly verbose?: true;
  readonly markdown?: true;
}

/** Returns 0 whether or not there are differences. */
export async function diff(
  [a, b]: readonly (string | undefined)[],
  options: CommonOptions & DiffOptions,
  session: Session,
): Promise<number> {
  const request = { a, b, out: options.out, nodes: options.node };
  const { value, diagnostics } = await compare(request, hostOf(options, session));
  if (value === undefined) return exitClass(diagnostics);
  const { changes, emptyOutput, closed } = value;
  closed.forEach((one) => {
    writeClosed(one, options, session);
  });
  if (emptyOutput !== null && options.log !== 'silent') {
    const folder = relative(session.cwd, emptyOutput) || '.';
    session.stderr.write(`${folder} contains no output yet, so all files are new.\n`);
  }
  writeComparison(changes, options, session);
  return 0;
}
