/** One process of a campaign: plays the seeds that it receives, and reports the result of each. */
import { join } from 'node:path';
import { attempt } from './attempt.ts';
import { corpus, type Definition } from './definition.ts';
import { mutant } from './mutate.ts';

const definitions = corpus();
const [folder = ''] = process.argv.slice(2);

/** A seed, or a definition that is to be tried again. */
export type Order = { readonly seed: number } | { readonly definition: readonly (readonly [string, string])[] };

process.on('message', (order: Order) => {
  void play(order).then((outcome) => process.send?.(outcome));
});
process.send?.('ready');

async function play(order: Order) {
  const definition: Definition = 'seed' in order ? mutant(order.seed, definitions) : new Map(order.definition);
  // Also where `check` refuses it, one time in eight.
  const isThorough = !('seed' in order) || order.seed % 8 === 0;
  return { ...(await attempt(join(folder, 'mutant'), definition, isThorough)), definition: [...definition] };
}
