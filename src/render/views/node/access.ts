/** Views for logins: users, their groups and keys, passwords, sudo, sshd. */
import type { Cluster, User } from '../../../config/cluster.ts';
import { UnrepresentableError } from '../../engine/error.ts';
import type { Holder } from '../overridden-settings.ts';

/** The first user's numeric id; Debian keeps 1000 to 59999 for people (deb-policy 9.2.2). */
const FIRST_UID = 1000;

/** `root` exists already; it can have keys and a password, but is not created. */
export function madeUsers(holder: Holder): readonly (User & { readonly uid: number })[] {
  return holder.users
    .filter((user) => user.name !== 'root')
    .map((user, index) => ({ ...user, uid: FIRST_UID + index }));
}

export const usersView = (holder: Holder) => ({
  users: madeUsers(holder).map(({ name, uid, shell, groups }) => ({ name, uid, shell, groups })),
});

export const sudoersView = (holder: Holder) => ({
  users: madeUsers(holder)
    .filter((user) => user.sudo)
    .map((user) => user.name),
});

export const hasMadeUsers = (holder: Holder): boolean => madeUsers(holder).length > 0;

export const hasPasswords = (holder: Holder): boolean => holder.users.some((user) => user.passwordHash !== null);

/** Lines for `chpasswd --encrypted`, which reads everything after the first colon as the hash. */
export function passwordsView(holder: Holder) {
  const withHash = holder.users.flatMap(({ name, passwordHash }) =>
    passwordHash === null ? [] : [{ name, hash: passwordHash }],
  );
  if (withHash.some(({ hash }) => hash.includes(':'))) {
    throw new UnrepresentableError('a password hash holds a colon, which no crypt(5) hash does');
  }
  return { users: withHash };
}

export const authorizedKeysView = (user: User) => ({ keys: user.sshKeys });

export const sshdView = (cluster: Cluster) => ({
  passwordAuthentication: cluster.ssh.passwordAuthentication ? 'yes' : 'no',
});
