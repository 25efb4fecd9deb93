/** All rules over the joined cluster, in the order of the documentation, and the function that applies them. */
import type { Report } from '../../diagnostics/report.ts';
import type { Cluster } from '../cluster.ts';
import type { Definition } from '../definition.ts';
import { accountRules } from './accounts.ts';
import { cephPoolRules } from './ceph-pools.ts';
import { cephRules } from './ceph.ts';
import { controlPlaneRules } from './control-plane.ts';
import { diskRules } from './disks.ts';
import { extrasRules } from './extras.ts';
import { hookRules } from './hooks.ts';
import { identityRules } from './identity.ts';
import { interfaceAddressRules } from './interface-addresses.ts';
import { interfaceRules } from './interfaces.ts';
import { joiningRules } from './joining.ts';
import { manifestRules } from './manifests.ts';
import { masterRules } from './masters.ts';
import { nameServerRules } from './name-servers.ts';
import { nameRules } from './names.ts';
import { networkRules } from './networks.ts';
import { nodeAddressRules } from './node-addresses.ts';
import { podRules } from './pods.ts';
import { kernelRules } from './kernel.ts';
import { registryRules } from './registries.ts';
import { sshKeyRules } from './ssh-keys.ts';
import { sysctlRules } from './sysctl.ts';
import { routeRules } from './routes.ts';
import { usableAddressRules } from './usable-addresses.ts';
import { userRules } from './users.ts';
import type { Facts, Rule } from './rule.ts';

export const rules: readonly Rule[] = [
  ...masterRules,
  ...identityRules,
  ...nameRules,
  ...networkRules,
  ...usableAddressRules,
  ...nodeAddressRules,
  ...nameServerRules,
  ...podRules,
  ...controlPlaneRules,
  ...manifestRules,
  ...interfaceRules,
  ...interfaceAddressRules,
  ...routeRules,
  ...diskRules,
  ...cephRules,
  ...cephPoolRules,
  ...joiningRules,
  ...registryRules,
  ...userRules,
  ...sshKeyRules,
  ...accountRules,
  ...extrasRules,
  ...hookRules,
  ...sysctlRules,
  ...kernelRules,
];

/** What lies beside the definition. */
export type Beside = Pick<Facts, 'texts' | 'overlays'>;

/** Applies every rule; those that conclude from absence only when nothing was left out. */
export function applyRules(cluster: Cluster, definition: Definition, beside: Beside, report: Report): void {
  const { places, cluster: written, nodes, files } = definition;
  const facts = { ...places, cluster: written, nodes, files, ...beside };
  for (const rule of rules) {
    if (definition.complete || !rule.needsAll) rule.check(cluster, facts, report);
  }
}
