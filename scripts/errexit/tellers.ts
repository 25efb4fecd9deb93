/** Functions of the node's scripts whose words are only read by people: where one of these is empty, a message says less. */
export const TELLERS: ReadonlySet<string> = new Set([
  'ledger',
  'stop',
  'refuse',
  'refused',
  'osd_trouble',
  'say',
  'missing',
]);

/** Commands that fail themselves where a word of theirs is missing. */
export const SELF_EVIDENT: ReadonlySet<string> = new Set(['source']);
