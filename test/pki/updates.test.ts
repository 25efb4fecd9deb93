/** What updates need of the store: numbers that only grow, an authority of their own, and signatures that are the same each time. */
import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { signCms } from '../../src/pki/certificates/cms.ts';
import { expiries } from '../../src/pki/certificates/expiry.ts';
import { completeStore } from '../../src/pki/issue/issue.ts';
import { needsOf, UPDATE_SIGNER } from '../../src/pki/issue/needs.ts';
import { countReleases, releaseOf } from '../../src/pki/issue/releases.ts';
import { formatStore, parseStore } from '../../src/pki/store/format.ts';
import { emptyStore } from '../../src/pki/store/model.ts';
import { BY, lab, NOW, storeOf } from './clusters.ts';

const updating = { ...lab, image: { ...lab.image, formats: ['iso', 'update'] as const } };
const [A, B] = ['a'.repeat(64), 'b'.repeat(64)];

describe('release numbers', () => {
  it('grow when the definition of a node changes, also back to an earlier one', () => {
    let store = emptyStore('lab');
    const numbers = [A, A, B, A].map((inputs) => {
      ({ store } = countReleases(store, new Map([['master-01', inputs]])));
      return releaseOf(store, 'master-01');
    });
    expect(numbers).toEqual([1, 1, 2, 3]);
  });

  it('change nothing for the same definition, stay for removed nodes, and are kept in the file', () => {
    const { store } = countReleases(emptyStore('lab'), new Map([['master-01', A]]));
    expect(countReleases(store, new Map([['master-01', A]]))).toEqual({ store, changes: [] });
    const later = countReleases(store, new Map([['worker-01', B]]));
    expect(parseStore(formatStore(later.store), 'store').releases).toEqual({
      'master-01': { number: 1, inputs: A },
      'worker-01': { number: 1, inputs: B },
    });
  });

  it('are not in the file of a cluster that takes no updates, which earlier versions read', async () => {
    expect(formatStore(await storeOf(lab))).not.toContain('releases');
  });
});

describe('the signer of updates', () => {
  it('exists only where nodes take updates, and its end matters for bundles in a drawer', async () => {
    expect(needsOf(lab).authorities.map(({ id }) => id)).not.toContain('update');
    const { store } = await completeStore(null, needsOf(updating), BY);
    const { certificate } = store.certificates[UPDATE_SIGNER]!;
    expect(new X509Certificate(certificate).keyUsage).toEqual(['1.3.6.1.5.5.7.3.3']); // code signing (RFC 5280 §4.2.1.12)
    expect(expiries(store, NOW).find(({ id }) => id.endsWith(UPDATE_SIGNER))?.inImages).toBe(true);
  });

  it('gives the same signature for the same content', async () => {
    const { store } = await completeStore(null, needsOf(updating), BY);
    const signer = store.certificates[UPDATE_SIGNER]!;
    const [one, again, other] = ['one', 'one', 'other'].map((text) => signCms(Buffer.from(text), signer));
    expect(again).toEqual(one);
    expect(other).not.toEqual(one);
  });
});
