/** Options of `build` that name parts: `--format` and `--shard`. */
import { InvalidArgumentError } from 'commander';
import { parseShard, type Shard } from '../../usecases/shard.ts';

export function commaList(text: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), ...text.split(',').filter((word) => word !== '')];
}

export function shard(text: string): Shard {
  const parsed = parseShard(text);
  if (parsed === null) throw new InvalidArgumentError('It has to be i/n with i from 1 to n, e.g. 2/3.');
  return parsed;
}
