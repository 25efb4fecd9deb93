/** Codes about additions of the user: accounts, units, hooks, taints. */
import type { CodeTable } from './table.ts';

export const extrasCodes = {
  'unit/duplicate': {
    severity: 'error',
    message: 'Node `{node}` would get the unit `{name}` twice.',
    hint: 'rename one of them',
  },
  'unit/refused': {
    severity: 'error',
    message: 'systemd does not load the unit `{name}`: {reason}.',
    hint: 'on a Linux machine, `systemd-analyze verify FILE` reports the same',
  },
  'unit/ignored-line': {
    severity: 'warning',
    message: 'systemd ignores a line of the unit `{name}`: {reason}.',
  },
  'unit/not-enableable': {
    severity: 'error',
    message: 'The unit `{name}` cannot be enabled: it has no `WantedBy=` in `[Install]`.',
    hint: 'add `[Install]` with `WantedBy=multi-user.target`, or set `enabled: false` for a unit that another one starts',
  },
  'unit/no-instance': {
    severity: 'error',
    message: 'The template unit `{name}` cannot be enabled without an instance.',
    hint: 'add `DefaultInstance=` to `[Install]`, or write the unit as `{instance}`',
  },
  'unit/bad-alias': {
    severity: 'error',
    message: 'The unit `{name}` cannot have `{alias}` as another name: {reason}.',
    hint: 'correct or remove `Alias=`',
  },
  'unit/over-needed': {
    severity: 'error',
    message: 'This unit would replace `{name}`, which a node needs.',
    hint: 'remove it, or rename it; change single settings with `/etc/systemd/system/{name}.d/50-site.conf`',
  },
  'unit/stops-needed': {
    severity: 'warning',
    message:
      '`{name}` starts at boot and conflicts with `{other}`, which the node needs: starting one of them stops the other.',
    hint: 'remove it from `Conflicts=`; for an order, write `After=`',
  },
  'unit/over-login': {
    severity: 'warning',
    message: 'This unit replaces `{name}`, which users need to log in over SSH.',
    hint: 'remove it, or rename it; change single settings with `/etc/systemd/system/{name}.d/50-site.conf`',
  },
  'unit/starts-nothing': {
    severity: 'warning',
    message: '`{name}` starts `{other}`, which the node does not have.',
    hint: 'add that unit, or name another one',
  },
  'unit/unknown-unit': {
    severity: 'warning',
    message: '`{key}=` of the unit `{name}` names `{other}`, which the node does not have.',
    hint: 'check its name; `systemctl list-unit-files` on a node lists the units',
  },
  'unit/missing-program': {
    severity: 'warning',
    message: 'The unit `{name}` starts `{program}`, which the node does not have.',
    hint: 'add its Debian package to `cluster.image.packages`, or the file itself to `files`',
  },
  'unit/missing-helper': {
    severity: 'warning',
    message: '`{name}` mounts a file system of type `{type}`, which needs `{helper}`, but the node does not have it.',
  },
  'unit/mount-hides': {
    severity: 'error',
    message: '`{name}` mounts a file system over `{path}`, which hides files that the node needs.',
    hint: 'mount it elsewhere, e.g. below `/srv`, `/mnt` or `/var/lib`',
  },
  'unit/mount-empties': {
    severity: 'warning',
    message: '`{name}` mounts a file system in memory over `{path}`, so the node loses {what} at each reboot.',
    hint: 'remove it; without it, `{path}` is on the state disk',
  },
  'unit/circular-order': {
    severity: 'error',
    message: 'The order of `{name}` is a cycle, so systemd would not start one of its units: {circle}.',
    hint: 'remove one `After=` or `Before=`; a unit that has to start early also needs `DefaultDependencies=no`',
  },
  'unit/unknown-user': {
    severity: 'warning',
    message: 'The unit `{name}` runs as user `{user}`, which does not exist on the node.',
    hint: 'add it to `users`, with `shell: /usr/sbin/nologin`, or set `DynamicUser=yes`',
  },
  'unit/unknown-group': {
    severity: 'warning',
    message: 'The unit `{name}` runs with the group `{group}`, which does not exist on the node.',
    hint: 'use an existing group, such as `nogroup`, or create it with a file in `/etc/sysusers.d`',
  },
  'hook/duplicate': {
    severity: 'error',
    message: 'Node `{node}` would get the hook `{name}` twice.',
    hint: 'rename one of them',
  },
  'hook/no-interpreter': {
    severity: 'error',
    message: 'The node cannot run the hook `{name}`: {reason}.',
    hint: 'start it with `#!/bin/bash`',
  },
  'hook/missing-interpreter': {
    severity: 'warning',
    message: 'The hook `{name}` needs `{interpreter}`, which the node does not have.',
    hint: 'add its Debian package to `cluster.image.packages`, or use `/bin/bash`',
  },
  'hook/carriage-returns': {
    severity: 'warning',
    message: 'Line {line} of the hook `{name}` ends with CR LF; the shell reads the CR as part of the last word.',
  },
  'user/duplicate': {
    severity: 'error',
    message: 'Two users have the name `{name}`.',
    hint: 'merge them into one entry',
  },
  'user/reserved-name': {
    severity: 'error',
    message: '`{name}` is an account of the system.',
    hint: 'choose another name',
  },
  'user/group-name': {
    severity: 'warning',
    message: '`{name}` is a group of the system, so the user would get this group and not a new one.',
    hint: 'choose another name',
  },
  'user/missing-shell': {
    severity: 'warning',
    message: 'The user `{name}` cannot log in: the node does not have the shell `{shell}`.',
    hint: 'add its Debian package to `cluster.image.packages`, or use `/bin/bash`',
  },
  'user/unknown-group': {
    severity: 'warning',
    message: 'The group `{group}` of the user `{name}` has no effect: no program on the node uses it.',
    hint: 'check its name; `getent group` on a node lists the groups',
  },
  'user/repeated-group': {
    severity: 'warning',
    message: 'The user `{name}` has the group `{group}` twice.',
    hint: 'remove one of the two',
  },
  'user/no-login': {
    severity: 'warning',
    message: 'The user `{name}` cannot log in: it has neither SSH keys nor a password.',
    hint: 'add `ssh_keys`',
  },
  'user/unusable-key': {
    severity: 'error',
    message: 'This SSH key of `{name}` cannot be used to log in: {reason}.',
    hint: 'copy the whole line of a file `~/.ssh/id_….pub`; `ssh-keygen -t ed25519` creates a new pair',
  },
  'user/weak-key': {
    severity: 'warning',
    message: 'This RSA key of `{name}` has only {bits} bits, which is not secure any more.',
    hint: 'create a new one with `ssh-keygen -t ed25519`',
  },
  'user/repeated-key': {
    severity: 'warning',
    message: 'The user `{name}` has this SSH key twice.',
    hint: 'remove one of them',
  },
  'user/nobody': {
    severity: 'warning',
    message: 'No user can log in to the nodes, not even to examine a problem.',
    hint: 'add a user with `ssh_keys`, `sudo: true` and a login shell below `cluster.users`',
  },
  'user/nobody-on-node': {
    severity: 'warning',
    message: 'No user can log in to node `{node}`: neither the cluster nor the node has a user with a login shell.',
    hint: 'add a user to the node, or to all nodes below `cluster.users`',
  },
  'ssh/refused-line': {
    severity: 'error',
    message: 'sshd does not start because of line {line} of `{path}`, so nobody could log in: {reason}.',
    hint: '`sshd -t` on a node reports the same',
  },
  'ssh/nobody': {
    severity: 'warning',
    message: 'No user can log in to {nodes} over SSH because of line {line} of `{path}`: {reason}.',
    hint: 'correct or remove the line; `sshd -T` on a node shows the settings in effect',
  },
  'user/no-sudo': {
    severity: 'warning',
    message: '`sudo: true` of `{name}` has no effect: this `/etc/sudoers` does not include `/etc/sudoers.d`.',
    hint: 'add the line `@includedir /etc/sudoers.d`, or put only your own rules into a file below `/etc/sudoers.d`',
  },
  'ssh/no-password': {
    severity: 'warning',
    message: 'SSH accepts passwords, but no user has one.',
    hint: 'remove `password_authentication`, or give a user a `password_hash`',
  },
  'node/taint-repeated': {
    severity: 'error',
    message: 'Node `{node}` has the taint `{key}` with effect `{effect}` twice.',
    hint: 'Kubernetes allows one value for each key and effect',
  },
} as const satisfies CodeTable;
