/** The list of all templates; a test compares it with the folder `templates/`. */
import { accessEntries } from './access.ts';
import { cephEntries } from './ceph.ts';
import { controlPlaneEntries } from './control-plane.ts';
import { credentialEntries } from './credentials.ts';
import type { CatalogEntry } from './entry.ts';
import { identityEntries } from './identity.ts';
import { joiningEntries } from './joining.ts';
import { memberEntries } from './member.ts';
import { networkEntries } from './network.ts';
import { runtimeEntries } from './runtime.ts';
import { storageEntries } from './storage.ts';
import { updateEntries } from './update.ts';

export const CATALOG: readonly CatalogEntry[] = [
  ...identityEntries,
  ...networkEntries,
  ...accessEntries,
  ...runtimeEntries,
  ...storageEntries,
  ...updateEntries,
  ...memberEntries,
  ...controlPlaneEntries,
  ...joiningEntries,
  ...credentialEntries,
  ...cephEntries,
];
