/** Which releases must run before a step of a rotation may reach a node: over the store's file, as the commands write it. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { preconditions } from '../../src/pki/issue/rotation-releases.ts';
import type { RotationStep, Store } from '../../src/pki/store/model.ts';
import { keepStore } from '../../src/pki/store/keep.ts';
import { openStore } from '../../src/pki/store/store.ts';
import { temporaryFolder } from '../builder/temporary.ts';
import { BY, lab } from './clusters.ts';
import { digestOf } from '../../src/builder/system/digest.ts';

const updating = { ...lab, image: { ...lab.image, formats: ['iso', 'update'] as const } };
const identities = (): Promise<[]> => Promise.resolve([]);

/** As if only the two masters had the certificate of etcd's authority, and all nodes the label. */
function definitions(label: string): (store: Store) => ReadonlyMap<string, string> {
  return ({ authorities }) => {
    const { etcd, ...others } = authorities;
    const [all, masters] = [digestOf({ others, label }), digestOf({ others, etcd, label })];
    return new Map([
      ['master-01', masters],
      ['master-02', masters],
      ['worker-01', all],
    ]);
  };
}

it('counts the nodes that a step changes, also when another change comes with it', async () => {
  const path = join(await temporaryFolder(), 'secrets.yaml');
  const keep = async (label: string, step?: RotationStep): Promise<unknown> => {
    const rotation = step === undefined ? {} : { rotation: { kind: 'authorities', id: 'etcd', step } as const };
    await keepStore({
      cluster: updating,
      path,
      identities,
      by: BY,
      save: true,
      definitions: definitions(label),
      ...rotation,
    });
    const opened = await openStore(path, identities);
    return preconditions(opened!.store);
  };
  expect(await keep('a')).toEqual([]);
  expect(await keep('b', 'stage')).toEqual([]);
  const staged = { 'master-01': 3, 'master-02': 3 };
  const activate = { id: 'authorities/etcd', step: 'activate', before: 'stage', releases: staged };
  expect(await keep('b', 'activate')).toEqual([activate]);
  expect(await keep('c')).toEqual([activate]);
  const activated = { 'master-01': 4, 'master-02': 4 };
  expect(await keep('c', 'retire')).toEqual([{ ...activate, step: 'retire', before: 'activate', releases: activated }]);
  expect(await keep('c', 'stage')).toEqual([]);
});

it('a cluster that takes no updates has none, and its store stays as earlier versions know it', async () => {
  const path = join(await temporaryFolder(), 'secrets.yaml');
  const keep = { cluster: lab, path, identities, by: BY, save: true };
  await keepStore(keep);
  for (const step of ['stage', 'activate'] as const) {
    const { store } = await keepStore({ ...keep, rotation: { kind: 'authorities', id: 'etcd', step } });
    expect([preconditions(store), store.rotations]).toEqual([[], {}]);
  }
});
