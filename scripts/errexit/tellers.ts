/**
 * Functions of the node's scripts whose arguments only people read: an empty argument makes a message shorter, and
 * harms nothing.
 */
export const TELLERS: ReadonlySet<string> = new Set([
  'ledger',
  'stop',
  'refuse',
  'refused',
  'osd_trouble',
  'say',
  'missing',
]);

/** Commands that fail themselves when an argument is missing. */
export const SELF_EVIDENT: ReadonlySet<string> = new Set(['source']);
