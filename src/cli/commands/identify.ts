/** `coldstart identify`. */
import { exitClass } from '../../diagnostics/codes.ts';
import { quantity } from '../../diagnostics/quantity.ts';
import { identify as identifyCards, type Card } from '../../usecases/identify.ts';
import { hostOf } from '../host.ts';
import { writeJson, type CommonOptions, type Session } from '../session.ts';

export interface IdentifyOptions extends CommonOptions {
  readonly config?: string;
}

export async function identify(macs: readonly string[], options: IdentifyOptions, session: Session): Promise<number> {
  const { value, diagnostics } = await identifyCards({ config: options.config, macs }, hostOf(options, session));
  if (value === undefined) return exitClass(diagnostics);
  if (options.json) value.cards.forEach((card) => writeJson(session, { type: 'card', ...card }));
  else session.stdout.write(value.cards.map((card) => `${lineOf(card, value.cluster)}\n`).join(''));
  return 0;
}

function lineOf({ mac, node, nearest }: Card, cluster: string): string {
  if (node !== null) return `${mac}  ${node}`;
  const similar = nearest.map(
    (near) =>
      `${near.mac} of ${near.node} (${quantity(near.digits, 'digit')} ${near.digits === 1 ? 'differs' : 'differ'})`,
  );
  return `${mac}  no node of cluster ${cluster}; nearest: ${similar.join(', ') || 'none'}`;
}
