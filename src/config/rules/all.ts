/** All rules over the joined cluster, in the order of the documentation, and the function that applies them. */
import { type Report, createReport } from '../../diagnostics/report.ts';
import type { Cluster } from '../cluster.ts';
import type { Definition } from '../definition.ts';
import { asFarAsKnown, known, Unknown } from '../known.ts';
import { accountRules } from './accounts.ts';
import { bondTargetRules } from './bond-targets.ts';
import { bondRules } from './bonds.ts';
import { cephPoolRules } from './ceph-pools.ts';
import { cephRules } from './ceph.ts';
import { controlPlaneRules } from './control-plane.ts';
import { diskRules } from './disks.ts';
import { extrasRules } from './extras.ts';
import { fileContentRules } from './file-content.ts';
import { hookRules } from './hooks.ts';
import { identityRules } from './identity.ts';
import { interfaceAddressRules } from './interface-addresses.ts';
import { interfaceMtuRules } from './interface-mtu.ts';
import { interfaceNameRules } from './interface-names.ts';
import { interfacePortRules } from './interface-ports.ts';
import { interfaceRules } from './interfaces.ts';
import { joiningRules } from './joining.ts';
import { manifestContentRules } from './manifest-content.ts';
import { manifestRules } from './manifests.ts';
import { masterRules } from './masters.ts';
import { mountHelperRules } from './mount-helpers.ts';
import { nameServerRules } from './name-servers.ts';
import { nameRules } from './names.ts';
import { neededUnitRules } from './needed-units.ts';
import { networkRules } from './networks.ts';
import { nodeAddressRules } from './node-addresses.ts';
import { nodePathRules } from './node-paths.ts';
import { podRules } from './pods.ts';
import { aptRules } from './apt-sources.ts';
import { kubernetesNameRules } from './kubernetes-names.ts';
import { proxyRules } from './proxies.ts';
import { secretsRules } from './secrets.ts';
import { kernelRules } from './kernel.ts';
import { registryRules } from './registries.ts';
import { secretsFileRules } from './secrets-file.ts';
import { sshKeyRules } from './ssh-keys.ts';
import { sysctlRules } from './sysctl.ts';
import { routeRules } from './routes.ts';
import { usableAddressRules } from './usable-addresses.ts';
import { unitFileRules } from './unit-files.ts';
import { unitOrderRules } from './unit-order.ts';
import { unitRules } from './units.ts';
import { userRules } from './users.ts';
import type { Facts, Rule } from './rule.ts';

const rules: readonly Rule[] = [
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
  ...manifestContentRules,
  ...interfaceNameRules,
  ...interfaceRules,
  ...interfacePortRules,
  ...bondRules,
  ...bondTargetRules,
  ...interfaceMtuRules,
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
  ...nodePathRules,
  ...fileContentRules,
  ...secretsFileRules,
  ...extrasRules,
  ...neededUnitRules,
  ...unitRules,
  ...unitFileRules,
  ...unitOrderRules,
  ...mountHelperRules,
  ...hookRules,
  ...sysctlRules,
  ...kernelRules,
  ...aptRules,
  ...kubernetesNameRules,
  ...proxyRules,
  ...secretsRules,
];

/** What lies beside the definition. */
type Beside = Pick<Facts, 'texts' | 'overlays'>;

/**
 * Applies every rule, as far as it comes without what is faulty.
 * @param clusters of each of the definition's worlds
 */
export function applyRules(clusters: readonly Cluster[], definition: Definition, beside: Beside, report: Report): void {
  const facts = factsOf(definition, beside);
  const cluster = known(clusters);
  const found = createReport();
  for (const rule of rules) asFarAsKnown(() => rule.check(cluster, facts, found));
  report.addAll(found.diagnostics().filter((diagnostic) => !definition.isSaid(diagnostic)));
}

function factsOf({ worlds, places, files, isOpen }: Definition, beside: Beside): Facts {
  const world = known(worlds);
  const has: Facts['has'] = (path) => {
    if (places.has(path)) return true;
    if (isOpen(path)) throw new Unknown();
    return false;
  };
  return {
    ...{ ...places, has, files, ...beside },
    get cluster() {
      return world.cluster;
    },
    get nodes() {
      return world.nodes;
    },
  };
}
