/** A few thousand mutants at each run of the tests; `npm run fuzz` plays a hundred thousand. */
import { mkdtempSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { attempt } from './attempt.ts';
import { campaign } from './campaign.ts';
import { corpus } from './definition.ts';
import { mutant } from './mutate.ts';
import { leakIn, secretsOf } from './secrets.ts';
import { shrink } from './shrink.ts';

const MUTANTS = 3000;

test(
  `${String(MUTANTS)} mutants end as they may: no crash, no hang, no contradiction`,
  { timeout: 1_200_000 },
  async () => {
    const { accepted, failures } = await campaign(1, MUTANTS, availableParallelism());
    expect(failures.map(({ seed, failure }) => `COLDSTART_SEED=${String(seed)} npm run fuzz   # ${failure}`)).toEqual(
      [],
    );
    expect(accepted.length).toBeGreaterThan(MUTANTS / 20);
  },
);

test('the examples are accepted as they are', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'coldstart-fuzz-'));
  for (const definition of corpus().sound.slice(0, 3)) {
    expect(await attempt(folder, definition, true)).toEqual({ isAccepted: true, failure: null });
  }
});

test('a page with a secret is a failure', () => {
  const definition = new Map([
    [
      'cluster.yaml',
      'users: [{ password_hash: "$6$salt$hash<a>" }]\nproxy: { http: "http://me:long-password@x" }\n' +
        'files: [{ path: /a, secret: true, content: "first line\\nsecond line" }, { path: /b, content: not-a-secret }]\n' +
        'registries: [{ host: a, auth: { password: used-as-a-name } }]\nname: used-as-a-name\n',
    ],
  ]);
  const secrets = ['$6$salt$hash<a>', 'long-password', 'first line', 'second line'];
  expect([...secretsOf(definition)].toSorted()).toEqual(secrets.toSorted());
  expect(leakIn('<p>$6$salt$hash&lt;a&gt;', definition)).toBe('$6$salt$hash<a>');
  expect(leakIn('<p>not-a-secret used-as-a-name', definition)).toBeUndefined();
});

test('a seed always gives the same mutant', () => {
  const from = corpus();
  for (let seed = 1; seed < 50; seed++) expect(mutant(seed, from)).toEqual(mutant(seed, from));
});

test('what fails becomes small', async () => {
  const definition = new Map([
    ['cluster.yaml', 'a: 1\nb:\n  - c\n  - d: { e: 2, f: [3, boom] }\ng: 4\n'],
    ['nodes/x.yaml', 'node: {}\n'],
  ]);
  const small = await shrink(definition, (smaller) => Promise.resolve([...smaller.values()].join().includes('boom')));
  expect([...small.keys()]).toEqual(['cluster.yaml']);
  expect(small.get('cluster.yaml')?.length).toBeLessThan(30);
});
