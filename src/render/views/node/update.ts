/** Views of a node's updates: RAUC's configuration, which checks and installs them, and where the node fetches them. */
import { fetchesUpdates } from '../../../config/fetching.ts';
import { release } from '../../../pki/holes.ts';
import type { Values } from '../../engine/values.ts';
import { linesOf } from '../kubernetes/joining.ts';
import { updateCompatible } from '../../plan/ids.ts';
import type { Subject } from '../subject.ts';
import { partitionView } from './storage.ts';

/** Holds the release number, so it is left out where files are compared to find out whether there is a new release. */
export const UPDATE_CONFIG = 'etc/rauc/system.conf';

export const updateView = (subject: Subject, values: Values) => ({
  ...partitionView(subject),
  compatible: updateCompatible(subject.cluster.name, subject.node.name),
  release: values(release(subject.node.name)),
});

export const fetches = ({ cluster, node }: Subject): boolean => fetchesUpdates(cluster, node);

export const fetchView = ({ cluster }: Subject) => ({
  url: cluster.update?.url ?? '',
  hours: (cluster.update?.hours ?? []).join(' '),
  port: String(cluster.bootstrap.port),
});

export const fetchAuthorityView = ({ cluster }: Subject) => ({ lines: linesOf(cluster.update?.ca ?? '') });
export const hasFetchAuthority = (subject: Subject): boolean =>
  fetches(subject) && fetchAuthorityView(subject).lines.length > 0;
