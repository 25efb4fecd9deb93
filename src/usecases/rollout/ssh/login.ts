/** As whom to log in. A definition cannot have keys for root, so it is a user who may become root. Pure. */
import type { Node } from '../../../config/cluster.ts';

/** Null if nobody with an SSH key can become root. @param asked the user's choice */
export function loginOf({ users }: Pick<Node, 'users'>, asked: string | undefined): string | null {
  const able = users.filter(({ sshKeys, sudo }) => sshKeys.length > 0 && sudo);
  return (asked === undefined ? able[0] : able.find(({ name }) => name === asked))?.name ?? null;
}
