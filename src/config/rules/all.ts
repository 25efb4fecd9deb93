/** All rules over the joined cluster, in the order of the documentation, and the function that applies them. */
import { type Report, createReport } from '../../diagnostics/report.ts';
import type { Cluster } from '../cluster.ts';
import type { Definition } from '../definition/definition.ts';
import { asFarAsKnown, known, Unknown } from '../definition/known.ts';
import { accountRules } from './access/accounts.ts';
import { bondTargetRules } from './interfaces/bond-targets.ts';
import { bondRules } from './interfaces/bonds.ts';
import { cephPoolRules } from './ceph/pools.ts';
import { cephRules } from './ceph/ceph.ts';
import { fieldRules } from './kubernetes/fields.ts';
import { componentRules } from './kubernetes/components.ts';
import { etcdRules } from './kubernetes/etcd.ts';
import { controlPlaneRules } from './kubernetes/control-plane.ts';
import { dataDiskRules } from './machine/data-disks.ts';
import { diskRules } from './machine/disks.ts';
import { conflictRules } from './units/conflicts.ts';
import { dropInRules } from './units/drop-ins.ts';
import { extrasRules } from './extras.ts';
import { fileContentRules } from './files/file-content.ts';
import { hookRules } from './files/hooks.ts';
import { identityRules } from './identity.ts';
import { interfaceAddressRules } from './interfaces/addresses.ts';
import { interfaceMtuRules } from './interfaces/mtu.ts';
import { interfaceNameRules } from './interfaces/names.ts';
import { interfacePortRules } from './interfaces/ports.ts';
import { interfaceRules } from './interfaces/interfaces.ts';
import { joiningRules } from './kubernetes/joining.ts';
import { manifestContentRules } from './kubernetes/manifest-content.ts';
import { versionRules } from './kubernetes/versions.ts';
import { manifestRules } from './kubernetes/manifests.ts';
import { masterRules } from './kubernetes/masters.ts';
import { mountHelperRules } from './units/mount-helpers.ts';
import { mountRules } from './units/mounts.ts';
import { hostRules } from './network/hosts.ts';
import { nameServerRules } from './network/name-servers.ts';
import { nameRules } from './names.ts';
import { neededUnitRules } from './units/needed-units.ts';
import { networkRules } from './network/networks.ts';
import { nodeAddressRules } from './network/node-addresses.ts';
import { nodeNetworkRules } from './network/node-networks.ts';
import { severalNetworksRules } from './network/several-networks.ts';
import { nodePathRules } from './files/node-paths.ts';
import { podSecurityRules } from './kubernetes/pod-security.ts';
import { podRules } from './network/pods.ts';
import { aptRules } from './machine/apt-sources.ts';
import { kubernetesNameRules } from './kubernetes/names.ts';
import { proxyRules } from './network/proxies.ts';
import { secretsRules } from './access/secrets.ts';
import { updateRules } from './updates.ts';
import { kernelRules } from './machine/kernel.ts';
import { registryRules } from './network/registries.ts';
import { secretsFileRules } from './access/secrets-file.ts';
import { sshKeyRules } from './access/ssh-keys.ts';
import { sshdRules } from './access/sshd.ts';
import { sudoersRules } from './access/sudoers.ts';
import { sysctlRules } from './machine/sysctl.ts';
import { routeRules } from './network/routes.ts';
import { usableAddressRules } from './network/usable-addresses.ts';
import { unitFileRules } from './units/files.ts';
import { unitOrderRules } from './units/order.ts';
import { unitRules } from './units/units.ts';
import { userRules } from './access/users.ts';
import type { Facts, Rule } from './rule.ts';

const rules: readonly Rule[] = [
  ...masterRules,
  ...identityRules,
  ...nameRules,
  ...networkRules,
  ...usableAddressRules,
  ...nodeNetworkRules,
  ...severalNetworksRules,
  ...nodeAddressRules,
  ...nameServerRules,
  ...hostRules,
  ...podRules,
  ...controlPlaneRules,
  ...versionRules,
  ...componentRules,
  ...etcdRules,
  ...fieldRules,
  ...podSecurityRules,
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
  ...dataDiskRules,
  ...cephRules,
  ...cephPoolRules,
  ...joiningRules,
  ...registryRules,
  ...userRules,
  ...sshKeyRules,
  ...sshdRules,
  ...sudoersRules,
  ...accountRules,
  ...nodePathRules,
  ...fileContentRules,
  ...secretsFileRules,
  ...extrasRules,
  ...neededUnitRules,
  ...unitRules,
  ...unitFileRules,
  ...dropInRules,
  ...conflictRules,
  ...unitOrderRules,
  ...mountHelperRules,
  ...mountRules,
  ...hookRules,
  ...sysctlRules,
  ...kernelRules,
  ...aptRules,
  ...kubernetesNameRules,
  ...proxyRules,
  ...secretsRules,
  ...updateRules,
];

/** The files beside the definition. */
type Beside = Pick<Facts, 'texts' | 'overlays'>;

/**
 * Applies every rule. A rule stops when it reads a faulty setting.
 * @param clusters one for each world of the definition
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
