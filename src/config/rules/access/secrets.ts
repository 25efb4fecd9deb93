/** Rules about the secrets store. */
import { type Rule, repeats } from '../rule.ts';

const recipientsOnce: Rule = {
  name: 'a recipient of the store is listed once',
  check: ({ secrets: { recipients } }, facts, report) => {
    const placed = recipients.map((name, index) => ({
      name,
      at: facts.at(['cluster', 'secrets', 'recipients', index]),
    }));
    for (const { again, first } of repeats(placed, ({ name }) => name)) {
      report.add(
        'secrets/recipient-repeated',
        {},
        { at: again.at, related: [{ message: 'first here', at: first.at }] },
      );
    }
  },
};

export const secretsRules: readonly Rule[] = [recipientsOnce];
