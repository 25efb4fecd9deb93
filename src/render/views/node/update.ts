/** The view of what checks and installs a node's updates: RAUC's configuration. */
import type { Cluster, Node } from '../../../config/cluster.ts';
import { takesUpdates } from '../../../config/formats.ts';
import { release } from '../../../pki/holes.ts';
import type { Values } from '../../engine/values.ts';
import { updateCompatible } from '../../plan/ids.ts';
import type { Subject } from '../subject.ts';
import { partitionView } from './storage.ts';

/** A node without a state disk has no slots. */
export const updatesItself = (cluster: Cluster, node: Node): boolean =>
  takesUpdates(cluster) && node.stateDisk !== null;

/** Holds the release number, so it is left out where files are compared to find out whether there is a new release. */
export const UPDATE_CONFIG = 'etc/rauc/system.conf';

export const updateView = (subject: Subject, values: Values) => ({
  ...partitionView(subject),
  compatible: updateCompatible(subject.cluster.name, subject.node.name),
  release: values(release(subject.node.name)),
});
