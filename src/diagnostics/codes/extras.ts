/** Codes about what users add: accounts, units, hooks, taints. */
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
    hint: 'on a Linux machine, `systemd-analyze verify FILE` tells the same',
  },
  'unit/ignored-line': {
    severity: 'warning',
    message: 'systemd passes over a line of the unit `{name}`: {reason}.',
  },
  'unit/not-enableable': {
    severity: 'error',
    message:
      'The unit `{name}` is to be enabled, but does not say when it starts: it has no `WantedBy=` in `[Install]`.',
    hint: 'add `[Install]` with `WantedBy=multi-user.target`, or set `enabled: false` for a unit that another one starts',
  },
  'unit/no-instance': {
    severity: 'error',
    message: 'The template unit `{name}` is to be enabled, but no instance of it is named.',
    hint: 'add `DefaultInstance=` to `[Install]`, or write the unit as `{instance}`',
  },
  'unit/bad-alias': {
    severity: 'error',
    message: 'The unit `{name}` cannot have `{alias}` as another name: {reason}.',
    hint: 'correct or remove `Alias=`',
  },
  'unit/over-needed': {
    severity: 'error',
    message: 'A node cannot do without its own `{name}`, which this would replace.',
    hint: 'remove it, or give the unit another name; single settings go into `/etc/systemd/system/{name}.d/50-site.conf`',
  },
  'unit/over-login': {
    severity: 'warning',
    message: 'This replaces `{name}`, by which users log in to the node over SSH.',
    hint: 'remove it, or give the unit another name; single settings go into `/etc/systemd/system/{name}.d/50-site.conf`',
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
    hint: 'add the Debian package that brings it to `cluster.image.packages`, or the file itself to `files`',
  },
  'unit/missing-helper': {
    severity: 'warning',
    message: '`{name}` mounts a file system of type `{type}`, for which the node does not have `{helper}`.',
  },
  'unit/circular-order': {
    severity: 'error',
    message: 'The order of `{name}` is a circle, in which systemd leaves out the start of a unit: {circle}.',
    hint: 'take out one of `After=` and `Before=`; a unit that is to start early needs `DefaultDependencies=no` besides',
  },
  'unit/unknown-user': {
    severity: 'warning',
    message: 'The unit `{name}` runs as `{user}`, which is no account on the node.',
    hint: 'add it to `users`, or set `DynamicUser=yes`',
  },
  'unit/unknown-group': {
    severity: 'warning',
    message: 'The unit `{name}` runs with the group `{group}`, which is no group on the node.',
    hint: 'name one of the system, such as `nogroup`, or make it with a file in `/etc/sysusers.d`',
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
    message: 'The hook `{name}` wants `{interpreter}`, which the node does not have.',
    hint: 'add the Debian package that brings it to `cluster.image.packages`, or use `/bin/bash`',
  },
  'hook/carriage-returns': {
    severity: 'warning',
    message: 'Line {line} of the hook `{name}` ends with CR LF; the shell takes the CR for a part of the last word.',
  },
  'user/duplicate': {
    severity: 'error',
    message: 'Two users are called `{name}`.',
    hint: 'put everything into one entry',
  },
  'user/reserved-name': {
    severity: 'error',
    message: "`{name}` is an account of the system's.",
    hint: 'choose another name',
  },
  'user/group-name': {
    severity: 'warning',
    message: '`{name}` is a group of the system: the user would be in it, instead of in a group of its own.',
    hint: 'choose another name',
  },
  'user/missing-shell': {
    severity: 'warning',
    message: 'The user `{name}` cannot log in: the node does not have the shell `{shell}`.',
    hint: 'add the Debian package that brings it to `cluster.image.packages`, or use `/bin/bash`',
  },
  'user/unknown-group': {
    severity: 'warning',
    message: 'The user `{name}` is in the group `{group}`, which nothing on the node uses.',
    hint: 'check its name; `getent group` on a node lists the groups',
  },
  'user/repeated-group': {
    severity: 'warning',
    message: 'The user `{name}` has the group `{group}` twice.',
    hint: 'remove one of the two',
  },
  'user/no-login': {
    severity: 'warning',
    message: 'The user `{name}` has neither SSH keys nor a password, so it cannot log in.',
    hint: 'add `ssh_keys`',
  },
  'user/unusable-key': {
    severity: 'error',
    message: 'With this SSH key of `{name}` nobody can log in: {reason}.',
    hint: 'copy the whole line of a file `~/.ssh/id_….pub`; `ssh-keygen -t ed25519` makes a new pair',
  },
  'user/weak-key': {
    severity: 'warning',
    message: 'This SSH key of `{name}` has {bits} bits, which is too few for RSA today.',
    hint: 'make a new one with `ssh-keygen -t ed25519`',
  },
  'user/repeated-key': {
    severity: 'warning',
    message: 'The user `{name}` has this SSH key twice.',
    hint: 'remove one of them',
  },
  'user/nobody': {
    severity: 'warning',
    message: 'No user can log in to the nodes, not even to look at a problem.',
    hint: 'add a user with `ssh_keys` and `sudo: true` below `cluster.users`',
  },
  'user/nobody-on-node': {
    severity: 'warning',
    message: 'No user can log in to node `{node}`: the cluster has no users, and the node none of its own.',
    hint: 'add a user to the node, or to all nodes below `cluster.users`',
  },
  'ssh/refused-line': {
    severity: 'error',
    message: 'sshd does not start with line {line} of `{path}`, so that nobody could log in: {reason}.',
    hint: '`sshd -t` on a node tells the same',
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
