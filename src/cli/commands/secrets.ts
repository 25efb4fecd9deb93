/** `coldstart secrets`. */
import { exitClass } from '../../diagnostics/codes.ts';
import type { Kept } from '../../pki/store/keep.ts';
import { day } from '../../pki/certificates/findings.ts';
import type { RotationStep } from '../../pki/store/model.ts';
import { keepSecrets, showSecrets, type ShownSecrets } from '../../usecases/secrets.ts';
import { readTarget } from '../../usecases/secrets/store-entries.ts';
import { UsageError } from '../../usecases/usage.ts';
import { hostOf, type IdentityOptions } from '../host.ts';
import { keptText, protection } from '../text/secrets.ts';
import { writeJson, type CommonOptions, type Session } from '../session.ts';

export interface SecretsOptions extends CommonOptions, IdentityOptions {
  readonly step?: RotationStep;
}

export type SecretsAction = 'show' | 'issue' | 'rotate';

/** Runs one action on the store of a definition. @param words the arguments after the action: `[WHAT] [CONFIG]` */
export async function secrets(
  action: SecretsAction,
  words: readonly string[],
  options: SecretsOptions,
  session: Session,
): Promise<number> {
  const [what, config] = action === 'rotate' ? words : [undefined, ...words];
  if (words.length > (action === 'rotate' ? 2 : 1))
    throw new UsageError(`\`secrets ${action}\` has too many arguments.`);
  if (action === 'rotate' && what === undefined)
    throw new UsageError('The entry to rotate is missing.', '`coldstart secrets show` lists all entries');
  if (action !== 'rotate' && options.step) throw new UsageError(`\`--step\` is only for \`secrets rotate\`.`);
  const rotation = what === undefined ? undefined : readTarget(what, options.step);
  return action === 'show' ? show(config, options, session) : keep({ config, rotation }, options, session);
}

async function show(config: string | undefined, options: SecretsOptions, session: Session): Promise<number> {
  const { value, diagnostics } = await showSecrets({ config }, hostOf(options, session));
  if (value !== undefined) writeShown(value, options, session);
  return exitClass(diagnostics);
}

function writeShown({ file, store }: ShownSecrets, options: SecretsOptions, session: Session): void {
  if (store === null) {
    if (!options.json) session.stdout.write(`${file} does not exist yet; the first build creates it.\n`);
    return;
  }
  const { entries, cluster, encrypted } = store;
  if (options.json) {
    for (const { id, rotation, expiry: end } of entries) {
      const expiry = end && { notAfter: end.notAfter.toISOString(), state: end.state };
      writeJson(session, { type: 'secret', id, rotation, ...expiry });
    }
    return;
  }
  const width = Math.max(...entries.map(({ id }) => id.length));
  const lines = entries.map(({ id, rotation, expiry }) => {
    const until = expiry ? `until ${day(expiry.notAfter)}${expiry.state === 'good' ? '' : `, ${expiry.state}`}` : '';
    const words = [until, rotation === null ? '' : ROTATIONS[rotation]].filter((word) => word !== '');
    return `  ${id.padEnd(width)}  ${words.join('; ')}`.trimEnd();
  });
  const head = `secrets of cluster ${cluster} in ${file}, ${protection(encrypted)}`;
  session.stdout.write(`${[head, ...lines].join('\n')}\n`);
}

const ROTATIONS = { staged: 'the new one is staged', activated: 'the old one is still trusted' };

/** Writes all changes to stdout, because they are the result of this command. */
async function keep(
  request: Parameters<typeof keepSecrets>[0],
  options: SecretsOptions,
  session: Session,
): Promise<number> {
  const onSecretsKept = (kept: Kept, file: string): void => {
    if (options.json)
      kept.changes.forEach(({ did, what, why }) => writeJson(session, { type: 'change', did, what, why }));
    else session.stdout.write(keptText(kept, file));
  };
  const { diagnostics } = await keepSecrets(request, { ...hostOf(options, session), onSecretsKept });
  return exitClass(diagnostics);
}
