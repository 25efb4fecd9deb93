/** How far the change of a node reaches when the node gets its new image. Pure. */
import { isTakenLive } from '../../render/catalog/live.ts';
import type { NodeChange } from './comparison.ts';
import type { SettingChange, SettingChanges } from './setting-changes.ts';

/**
 * - `none`: the image stays as it is.
 * - `new`: a machine that was not there before.
 * - `removed`: no image is built any more; the cluster knows the node until somebody removes it.
 * - `live`: `coldstart update` brings it while the node runs.
 * - `reboot`: takes effect at the next start; the node stays the member that it was.
 * - `re-join`: the node's name, address or role in the cluster, or the cluster itself, becomes another one.
 * - `data`: the node may start with other disks, or no longer serve the data that it has now.
 */
export type Effect = 'none' | 'new' | 'removed' | 'live' | 'reboot' | 're-join' | 'data';

/** The gravest first. */
export const EFFECTS: readonly Effect[] = ['data', 're-join', 'reboot', 'live', 'new', 'removed', 'none'];

const DATA = [/^hardware\.(state_disk|osd_disks)(\.|$)/, /^roles\.ceph-(osd|mon)$/];
const MEMBERSHIP = [
  /^(name|hostname|ip|roles)(\.|$)/,
  /^(name|domain)$/,
  /^networking\.(pod_cidr|service_cidr|cluster_domain|cni)(\.|$)/,
  /^control_plane\.(virtual_ip|endpoint|port)(\.|$)/,
  /^ceph\.(public_cidr|cluster_cidr)(\.|$)/,
  /^kubernetes\.etcd\.cidr$/,
];

/** The gravest effect of the settings that changed; otherwise that of the files and packages. */
export function effectOf(change: NodeChange, settings: SettingChanges | null): Effect {
  const { kind } = change;
  if (kind === 'unchanged') return 'none';
  if (kind !== 'changed') return kind === 'added' ? 'new' : 'removed';
  const paths = [...(settings?.node ?? []), ...(settings?.cluster ?? [])]
    .filter(isNoAddition)
    .map(({ path }) => path.join('.'));
  if (paths.some((path) => DATA.some((one) => one.test(path)))) return 'data';
  if (paths.some((path) => MEMBERSHIP.some((one) => one.test(path)))) return 're-join';
  return isLive(change) ? 'live' : 'reboot';
}

/** A further disk or role takes nothing away. */
const isNoAddition = ({ before }: SettingChange): boolean => before !== undefined;

/** The node itself decides the same: `src/render/catalog/live.ts`. */
const isLive = ({ image, files, updatesItself }: NodeChange): boolean =>
  updatesItself && image.length === 0 && files.every(({ path }) => isTakenLive(path));
