/** Which slot the boot loader of an installed node starts (overlays/…/install/grub.cfg): its script up to the menu, run by bash. */
import { describe, expect, it } from 'vitest';
import { start, type Environment } from './boot-loader.ts';

/** The environment block, as installing writes it. */
const INSTALLED = { ORDER: 'A B', A_OK: 1, A_TRY: 0, A_TRIED: 1, B_OK: 0, B_TRY: 0, B_TRIED: 0 };
/** What RAUC writes when an update is in slot B, or in slot A. */
const UPDATED = { B: { ORDER: 'B A', B_OK: 1, B_TRY: 0 }, A: { ORDER: 'A B', A_OK: 1, A_TRY: 0 } };
const MARKED_GOOD = { A: { A_OK: 1, A_TRY: 0 }, B: { B_OK: 1, B_TRY: 0 } };

/** Starts once for each step, with what is written before it. @returns the slot of each start, and the one after it */
async function starts(...steps: readonly Environment[]): Promise<string[]> {
  let environment: Environment = INSTALLED;
  const slots: string[] = [];
  for (const step of steps) {
    const started = await start({ ...environment, ...step });
    environment = started.environment;
    slots.push(started.slots);
  }
  return slots;
}

describe('the boot loader of an installed node', () => {
  it('starts the slot that was installed, again after any power cut', async () => {
    expect(await starts({}, {}, {})).toEqual(['AB', 'AB', 'AB']);
  });

  it('tries an update once, and returns for good', async () => {
    expect(await starts({}, UPDATED.B, {}, {}, {})).toEqual(['AB', 'BA', 'AB', 'AB', 'AB']);
  });

  it('keeps an update that was found good, after power cuts, too', async () => {
    expect(await starts(UPDATED.B, MARKED_GOOD.B, {}, {})).toEqual(['BA', 'BA', 'BA', 'BA']);
  });

  it('tries each later update once, in either slot', async () => {
    expect(await starts(UPDATED.B, MARKED_GOOD.B, UPDATED.A, {}, {})).toEqual(['BA', 'BA', 'AB', 'BA', 'BA']);
    expect(await starts(UPDATED.B, MARKED_GOOD.B, UPDATED.A, MARKED_GOOD.A, UPDATED.B, {})).toEqual([
      'BA',
      'BA',
      'AB',
      'AB',
      'BA',
      'AB',
    ]);
    // The same slot again, after a try that failed.
    expect(await starts(UPDATED.B, {}, UPDATED.B, MARKED_GOOD.B, {})).toEqual(['BA', 'AB', 'BA', 'BA', 'BA']);
  });

  it('tells the system that it is tried', async () => {
    const first = await start({ ...INSTALLED, ...UPDATED.B });
    expect([first.slots, first.isTry]).toEqual(['BA', true]);
    const good = await start({ ...first.environment, ...MARKED_GOOD.B });
    expect([good.slots, good.isTry]).toEqual(['BA', false]);
  });

  it('does not start a slot that is being written', async () => {
    expect(await starts({ B_OK: 0, ORDER: 'A B' }, {})).toEqual(['AB', 'AB']);
    expect(await starts(UPDATED.B, MARKED_GOOD.B, { A_OK: 0, ORDER: 'B A' }, {})).toEqual(['BA', 'BA', 'BA', 'BA']);
  });

  it('starts slot A where the environment is lost, and B if A cannot be loaded', async () => {
    expect(await start(null)).toEqual({ slots: 'AB', isTry: false, environment: {} });
  });

  it('starts the former slot where each was tried', async () => {
    expect(await starts({ ...UPDATED.B, A_TRY: 1, B_TRY: 1 })).toEqual(['AB']);
    expect(await starts({ ...UPDATED.B, A_OK: 0, B_TRY: 1 })).toEqual(['BA']);
  });
});
