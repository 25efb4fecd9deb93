/** The ledger: one line per transition, kept when it moves from memory to disk, readable after a power cut. */
import { describe, expect, it } from 'vitest';
import { machine } from '../machine.ts';

const KEEP = 'var/lib/cluster-state/ledger.jsonl';

describe('ledger', () => {
  it('writes a line with everything that a machine or a person wants to know', async () => {
    const made = await machine();
    await made.bash('ledger disk waiting no-matching-disk "no disk \\"fits\\"" "attach one"');
    const [entry, ...others] = await made.ledger();
    expect(others).toEqual([]);
    expect(entry).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string,
      boot: '6f6b1c0e-0000-4000-8000-000000000001',
      ...{ step: 'disk', state: 'waiting', cause: 'no-matching-disk', message: 'no disk "fits"' },
      ...{ since: entry?.time, todo: 'attach one' },
    });
  });

  it('says a repetition once, and keeps since while the cause is the same', async () => {
    const made = await machine();
    const { output } = await made.bash(`ledger network failed address-missing one ""
ledger network failed address-missing one ""
date() { printf '2099-01-01T00:00:00Z\\n'; }
ledger network failed address-missing two ""
ledger network done '' up`);
    expect(output.split('\n')).toEqual([
      'coldstart: network failed (address-missing): one',
      'coldstart: network failed (address-missing): two',
      'coldstart: network done: up',
    ]);
    const [first, second, third] = await made.ledger();
    expect([second?.since, third?.since]).toEqual([first?.since, '2099-01-01T00:00:00Z']);
  });

  it('escapes what a disk or a card may call itself', async () => {
    const made = await machine();
    await made.bash(`ledger disk failed foreign-disk $'tab\\t quote" back\\\\slash \\x1b[31m\\nnext' 'do \\n'`);
    expect((await made.ledger())[0]?.message).toBe('tab\t quote" back\\slash \u001b[31m\nnext');
    const issue = await made.read('run/issue.d/50-cluster.issue');
    expect(issue.split('\n').slice(2)).toEqual([
      ...['    tab quote" back\\\\slash [31m', '    next', '    what to do: do \\\\n', '', ''],
    ]);
  });

  it('keeps status.json and the worst state current', async () => {
    const made = await machine();
    await made.bash(
      "ledger detect done '' fine; ledger disk waiting no-matching-disk m t; ledger detect done nic-missing m t",
    );
    const status = JSON.parse(await made.read('run/cluster/status.json')) as Record<string, unknown>;
    const since = expect.any(String) as string;
    expect(status).toEqual({
      time: since,
      boot: '6f6b1c0e-0000-4000-8000-000000000001',
      ...{ cluster: 'lab', node: 'master-01', boot_role: 'master-first', state: 'uninitialized', health: 'waiting' },
      steps: [
        { step: 'detect', state: 'done', cause: 'nic-missing', message: 'm', since, todo: 't' },
        { step: 'disk', state: 'waiting', cause: 'no-matching-disk', message: 'm', since, todo: 't' },
      ],
    });
  });

  it('loses no line when several scripts write at once', async () => {
    const made = await machine();
    await made.bash('for i in {1..12}; do ledger "step-$i" running "" m & done; wait');
    expect((await made.steps()).length).toBe(12);
  });

  it('reloads the login prompts', async () => {
    const made = await machine();
    await made.command('agetty', `echo "$@" >>${made.path('agetty-called')}`);
    await made.bash("ledger detect done '' fine");
    expect(await made.read('agetty-called')).toBe('--reload\n');
  });
});

describe('the ledger on the state disk', () => {
  it('takes over what was written before, once', async () => {
    const made = await machine();
    await made.bash("ledger detect done '' early; persist_ledger; persist_ledger; ledger state done '' late");
    expect(await made.read(KEEP)).toBe(await made.read('run/cluster/ledger.jsonl'));
    expect(await made.steps()).toEqual(['detect done', 'state done']);
  });

  it('keeps earlier boots and closes a line that a power cut tore', async () => {
    const torn = '{"boot":"earlier","step":"detect","state":"done"}\n{"boot":"earlier","st';
    const made = await machine({ files: { [KEEP]: torn } });
    await made.bash("ledger detect done '' early; persist_ledger; ledger state done '' late");
    const lines = (await made.read(KEEP)).split('\n');
    expect(lines.slice(0, 2)).toEqual(torn.split('\n'));
    expect(lines.slice(2).join('\n')).toBe(await made.read('run/cluster/ledger.jsonl'));
  });

  it('is not written before it is there', async () => {
    const made = await machine();
    await made.bash("ledger detect done '' early");
    await expect(made.read(KEEP)).rejects.toThrow('ENOENT');
  });
});

it('a script that dies leaves a word', async () => {
  const made = await machine();
  expect((await made.bash('guard disk; false')).status).toBe(1);
  expect(await made.steps()).toEqual(['disk failed unexpected-end']);
});
