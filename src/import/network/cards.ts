/** How the new definition finds a network card whose MAC the input does not say. */
import { isUdevName } from '../../config/network/cluster-devices.ts';
import { Leaf, OutMap, leaf } from '../write/out.ts';
import type { Link } from './links.ts';

/** The match of a card: as the input finds it, or by a name that udev gives by its place; undefined if its MAC is known, or nothing. */
export function matchOf(link: Link): OutMap | undefined {
  if (link.type !== 'ethernet' || link.mac) return undefined;
  if (link.match?.size) return new OutMap(Object.fromEntries([...link.match].map(([key, said]) => [key, leaf(said)])));
  return isUdevName(link.name) ? new OutMap({ name: new Leaf(link.name) }) : undefined;
}
