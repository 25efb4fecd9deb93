/** How far the change of a node reaches when the node gets its new image. Pure. */
import type { NodeChange } from './comparison.ts';
import type { SettingChange, SettingChanges } from './setting-changes.ts';

/**
 * - `none`: the image stays as it is.
 * - `new`: a machine that was not there before.
 * - `removed`: no image is built any more; the cluster knows the node until somebody removes it.
 * - `reboot`: takes effect at the next start; the node stays the member that it was. `coldstart update` brings every change by a
 *   restart (`Way` in `src/usecases/rollout/plan.ts`), so nothing is applied live.
 * - `re-join`: the node's name, address or role in the cluster, or the cluster itself, becomes another one.
 * - `data`: the node may start with other disks, or no longer serve the data that it has now.
 */
export type Effect = 'none' | 'new' | 'removed' | 'reboot' | 're-join' | 'data';

/** The gravest first. */
export const EFFECTS: readonly Effect[] = ['data', 're-join', 'reboot', 'new', 'removed', 'none'];

const DATA = [/^hardware\.(state_disk|osd_disks)(\.|$)/, /^roles\.ceph-(osd|mon)$/];
const MEMBERSHIP = [
  /^(name|hostname|ip|roles)(\.|$)/,
  /^(name|domain)$/,
  /^networking\.(pod_cidr|service_cidr|cluster_domain|cni)(\.|$)/,
  /^control_plane\.(virtual_ip|endpoint|port)(\.|$)/,
  /^ceph\.(public_cidr|cluster_cidr)(\.|$)/,
];

/** The gravest effect of the settings that changed. Another file or package has the effect `reboot`. */
export function effectOf({ kind }: NodeChange, settings: SettingChanges | null): Effect {
  if (kind === 'unchanged') return 'none';
  if (kind !== 'changed') return kind === 'added' ? 'new' : 'removed';
  const paths = [...(settings?.node ?? []), ...(settings?.cluster ?? [])]
    .filter(isNoAddition)
    .map(({ path }) => path.join('.'));
  if (paths.some((path) => DATA.some((one) => one.test(path)))) return 'data';
  return paths.some((path) => MEMBERSHIP.some((one) => one.test(path))) ? 're-join' : 'reboot';
}

/** A further disk or role takes nothing away. */
const isNoAddition = ({ before }: SettingChange): boolean => before !== undefined;
