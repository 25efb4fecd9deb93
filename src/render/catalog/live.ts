/**
 * Which files a running node takes without a restart. The node decides, and does it: `live_action` in
 * `overlays/common/usr/local/lib/coldstart/update/live.sh` has the same paths, and says who is told of the new file. A file belongs here
 * if the node is afterwards as after a restart. The certificates and tokens of a node do not: with a new authority, the node asks for its
 * certificate when it starts.
 */
import { UPDATE_CONFIG } from '../views/node/update.ts';

const LIVE: readonly RegExp[] = [
  /^etc\/kubernetes\/own-(labels|annotations\.json)$/,
  /^etc\/kubernetes\/(restricted-labels|bootstrap-tokens)\.tsv$/,
  /^etc\/kubernetes\/addons\//,
  /^etc\/ssh\/authorized_keys\.d\//,
  // For people.
  /^etc\/cluster-config\/(cluster\.yaml$|nodes\/)/,
  new RegExp(`^${UPDATE_CONFIG.replaceAll('.', String.raw`\.`)}$`),
];

/** @param path relative to the node's root */
export const isTakenLive = (path: string): boolean => LIVE.some((one) => one.test(path));
