/** Options that several commands have. */
import { InvalidArgumentError, Option } from 'commander';

export const ARTIFACTS = 'folder with Kubernetes programs, images/ and manifests/ (default: $COLDSTART_ARTIFACTS)';

export function nodeOption(verb: string): Option {
  return new Option('--node <name>', `${verb} this node only; may be repeated`).argParser(several);
}

export function identityOption(): Option {
  return new Option('--identity <file>', 'age identity that decrypts the secrets store; may be repeated').argParser(
    several,
  );
}

function several(value: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), value];
}

export function positive(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('It has to be a whole number of at least 1.');
  return Number(text);
}
