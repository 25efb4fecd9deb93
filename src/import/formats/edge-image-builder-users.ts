/** Users of Edge Image Builder's definition. */
import type { Field } from '../input/field.ts';
import type { Draft } from '../model.ts';
import { Leaf, OutList, OutMap } from '../write/out.ts';

export function readUsers(field: Field | undefined, { cluster }: Draft): void {
  const users = (field?.items() ?? []).flatMap((item) => {
    const name = item.get('username')?.text();
    const keys = item.get('sshKeys')?.texts() ?? [];
    item
      .get('encryptedPassword')
      ?.lose(
        'a password is no part of the new definition',
        'set `password_hash` of the user, if somebody must log in at the console',
      );
    const groups = (item.get('secondaryGroups')?.texts() ?? []).filter(({ value }) => value !== 'wheel');
    for (const key of ['uid', 'createHomeDir', 'primaryGroup'])
      item.get(key)?.skip('coldstart chooses numbers and groups of users');
    if (keys.length === 0 && name !== 'root')
      item.lose('nobody could log in as a user without SSH keys', 'add it to `cluster.users`, with `ssh_keys`');
    if (name === undefined || keys.length === 0) return [];
    if (name === 'root')
      item.assume(
        'The keys of `root` go to a user `admin`, who may become root',
        'give the user another name, if you like',
      );
    const list = new OutList(keys.map(({ value, from }) => new Leaf(value, from)));
    const more = groups.length === 0 ? undefined : new OutList(groups.map(({ value, from }) => new Leaf(value, from)));
    const isAdmin =
      name === 'root' || (item.get('secondaryGroups')?.texts() ?? []).some(({ value }) => value === 'wheel');
    return [
      new OutMap(
        {
          name: new Leaf(name === 'root' ? 'admin' : name),
          ssh_keys: list,
          groups: more,
          sudo: isAdmin ? new Leaf(true) : undefined,
        },
        item,
      ),
    ];
  });
  if (users.length > 0) cluster.put(['users'], new OutList(users));
}
