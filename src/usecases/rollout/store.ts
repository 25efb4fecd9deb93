/** What is said where the secrets store is missing. */
import { SecretsError } from '../../pki/errors.ts';

export const noStore = (file: string): SecretsError =>
  new SecretsError(`\`${file}\` does not exist, so the nodes cannot be recognised.`, {
    hint: '`coldstart build` makes it; for a running cluster, take it from your backup',
  });
