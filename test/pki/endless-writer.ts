/** Overwrites a file with two stores in turn until it is killed; started by store.test.ts. */
import { openStore, saveStore } from '../../src/pki/store/store.ts';

const path = process.argv[2] ?? '';
for (let round = 0; ; round++) {
  const opened = await openStore(path, () => Promise.resolve([]));
  if (opened === null) throw new Error('the store is gone');
  const ids = { cluster: String(round % 2).repeat(32) };
  await saveStore(path, { ...opened.store, ids }, [], opened);
  if (round === 0) process.stdout.write('begun\n');
}
