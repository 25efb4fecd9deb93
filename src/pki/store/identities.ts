/** Collects age identities (the keys of an encrypted store) from the files that the user names. */
import { readHandedOver } from '../../config/files/definition-folder.ts';
import { faultText } from '../../config/files/file-faults.ts';
import { SecretsError } from '../errors.ts';
import { secret, type Secret } from '../secret.ts';

/** Bytes; an identity has 74. */
const LIMIT = 2 ** 20;

const VARIABLES = ['COLDSTART_AGE_IDENTITY', 'SOPS_AGE_KEY_FILE'];

/**
 * The identities in the files of `--identity`; without that option, in the files that the environment names.
 * @throws SecretsError for a file that cannot be read or holds no identity
 */
export async function readIdentities(
  files: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly Secret[]> {
  const fromEnv = VARIABLES.flatMap((name) => (env[name] ? [{ file: env[name], named: `in ${name}` }] : []));
  const named = files.length > 0 ? files.map((file) => ({ file, named: 'with `--identity`' })) : fromEnv;
  const found = await Promise.all(named.map(({ file, named: where }) => readIdentityFile(file, where)));
  return found.flat();
}

async function readIdentityFile(file: string, named: string): Promise<Secret[]> {
  const { value, fault } = await readHandedOver(file, LIMIT);
  if (fault) {
    const reason = fault.kind === 'missing' ? 'does not exist' : faultText(fault);
    throw new SecretsError(`The identity file \`${file}\`, named ${named}, ${reason}.`);
  }
  const lines = value.content
    .toString('utf8')
    .split(/\r?\n/)
    .map((line) => line.trim());
  const identities = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (identities.length === 0) throw unusable(file, 'holds no identity');
  for (const identity of identities) await check(file, identity, lines.indexOf(identity) + 1);
  return identities.map(secret);
}

/** Never quotes the line: it may be a key with a typing error in it. */
async function check(file: string, identity: string, line: number): Promise<void> {
  if (/^-----BEGIN AGE ENCRYPTED/.test(identity)) throw unusable(file, 'is itself encrypted with a passphrase');
  if (/^-----BEGIN /.test(identity)) throw unusable(file, 'is an SSH key');
  if (identity.startsWith('AGE-PLUGIN-')) throw unusable(file, `needs an age plugin (line ${line})`);
  const { Decrypter } = await import('age-encryption');
  try {
    new Decrypter().addIdentity(identity);
  } catch {
    throw unusable(file, `has something on line ${line} that is no identity`);
  }
}

function unusable(file: string, reason: string): SecretsError {
  return new SecretsError(`The identity file \`${file}\` ${reason}.`, {
    hint: 'a file with an `AGE-SECRET-KEY-1…` is needed, as `age-keygen` writes it',
  });
}
