/** Templates for logins: users, keys, sshd, sudo. */
import * as access from '../views/node/access.ts';
import { entrySettings } from '../views/overridden-settings.ts';
import { ofCluster } from '../views/subject.ts';
import { clusterFile, holderFile, holderFiles, type CatalogEntry } from './entry.ts';

export const accessEntries: readonly CatalogEntry[] = [
  holderFile('users', {
    template: 'etc/sysusers.d/coldstart.conf.ejs',
    format: 'word',
    when: access.hasMadeUsers,
    view: access.usersView,
  }),
  holderFile('users', {
    template: 'etc/systemd/system/systemd-sysusers.service.d/10-coldstart.conf.ejs',
    format: 'unit',
    when: access.hasMadeUsers,
    view: () => ({}),
  }),
  holderFile('users', {
    template: 'etc/tmpfiles.d/coldstart-homes.conf.ejs',
    format: 'word',
    when: access.hasMadeUsers,
    view: access.usersView,
  }),
  holderFile('users', {
    template: 'etc/sudoers.d/coldstart.ejs',
    format: 'word',
    mode: 0o440,
    view: access.sudoersView,
  }),
  clusterFile({
    template: 'etc/ssh/sshd_config.d/10-coldstart.conf.ejs',
    format: 'word',
    view: access.sshdView,
    settings: () => ofCluster('ssh'),
  }),
  holderFiles('users', {
    template: 'etc/ssh/authorized_keys.d/user.ejs',
    format: 'line',
    outputs: (holder) =>
      holder.users.map((user, index) => ({
        path: `etc/ssh/authorized_keys.d/${user.name}`,
        view: () => access.authorizedKeysView(user),
        settings: entrySettings(holder, 'users', index, '.ssh_keys'),
      })),
  }),
  holderFile('users', {
    template: 'etc/coldstart/passwords.ejs',
    format: 'word',
    mode: 0o600,
    secret: true,
    header: false,
    when: access.hasPasswords,
    view: access.passwordsView,
  }),
  holderFile('users', {
    template: 'etc/systemd/system/cluster-passwords.service.ejs',
    format: 'unit',
    when: access.hasPasswords,
    view: () => ({}),
  }),
];
