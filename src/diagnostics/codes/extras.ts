/** Codes about what users add: accounts, files, units, hooks, and the files that settings refer to. */
import type { CodeTable } from './table.ts';

export const extrasCodes = {
  'file/missing': {
    severity: 'error',
    message: 'There is no `{path}`.',
    hint: 'paths are relative to the folder of `cluster.yaml`',
  },
  'file/not-a-file': {
    severity: 'error',
    message: '`{path}` is a folder, but a file is needed here.',
    hint: 'name the file itself; whole folders go below `overlays/`',
  },
  'file/unreadable': {
    severity: 'error',
    message: '`{path}` cannot be read: {reason}.',
    hint: 'check its owner and mode',
  },
  'file/outside-folder': {
    severity: 'error',
    message: '`{path}` leads out of the folder of `cluster.yaml`, which would make the build depend on this machine.',
    hint: 'copy the file itself into the folder, with `cp -L` where a link leads to it',
  },
  'file/special': {
    severity: 'error',
    message: '`{path}` is {what}; only regular files are read.',
    hint: 'put a regular file in its place, or remove it',
  },
  'file/not-a-folder': {
    severity: 'error',
    message: '`{path}` is {what}, but a folder is needed here; nothing of it would reach a node.',
    hint: 'make it a folder, and put into it what belongs there',
  },
  'file/illegal-name': {
    severity: 'error',
    message: 'The name of `{path}` is not plain UTF-8 text; what is not is written out here.',
    hint: 'rename the file',
  },
  'file/too-large': {
    severity: 'error',
    message: '`{path}` has {size} bytes; at most {limit} are read.',
    hint: 'let the nodes fetch what is as large, e.g. in a hook',
  },
  'file/not-text': {
    severity: 'error',
    message: '`{path}` is not UTF-8 text.',
    hint: 'files that are not text go below `overlays/`',
  },
  'file/not-a-certificate': {
    severity: 'error',
    message: '`{path}` holds no certificate in PEM form.',
    hint: 'it must have a block that starts with `-----BEGIN CERTIFICATE-----`',
  },
  'file/broken-certificate': {
    severity: 'error',
    message: '`{path}` has a block in line {line} that is no certificate: {reason}.',
    hint: 'copy the certificate anew, whole, or make it anew; `openssl x509 -noout -subject -in FILE` reads a good one',
  },
  'file/private-key': {
    severity: 'error',
    message: '`{path}` holds a private key (line {line}), and every user of a node could read it.',
    hint: 'keep only the blocks that start with `-----BEGIN CERTIFICATE-----`',
  },
  'file/not-a-ca': {
    severity: 'warning',
    message: '`{path}` holds no certificate of a CA, so it proves no certificate that a CA has signed.',
    hint: "take the certificate of the CA that signed the server's, not the server's own",
  },
  'file/no-content': {
    severity: 'error',
    message: '`{name}` of {owner} has neither `content` nor `source`.',
    hint: 'give one of the two; `content: ""` makes an empty file',
  },
  'file/two-contents': {
    severity: 'error',
    message: '`{name}` of {owner} has both `content` and `source`.',
    hint: 'keep one of the two',
  },
  'file/duplicate-path': {
    severity: 'error',
    message: 'Node `{node}` would get `{path}` twice.',
    hint: "remove one; a node cannot replace a file of the cluster's",
  },
  'file/below-file': {
    severity: 'error',
    message: 'Node `{node}` would get `{path}`, but `{other}` is a file and not a folder.',
    hint: 'rename one of them',
  },
  'file/lost-at-boot': {
    severity: 'error',
    message: '`{path}` lies below `{folder}`, which is empty after every boot.',
    hint: 'choose a path below `/etc` or `/usr/local`; what is needed below `{folder}` itself, a file in `/etc/tmpfiles.d` can make',
  },
  'file/on-state-disk': {
    severity: 'warning',
    message:
      '`{path}` lies below `/var`, where the state disk is mounted: it reaches the disk only if its folder is not there yet, and is never changed again.',
    hint: 'choose a path below `/etc` or `/usr/local`, or have a hook write the file',
  },
  'file/package-database': {
    severity: 'error',
    message: "`{path}` would change Debian's database of the packages that are in the image.",
    hint: 'name further packages in `cluster.image.packages`',
  },
  'file/over-link': {
    severity: 'error',
    message: '`{path}` would hide the link `{link}`, by which every node finds `{target}`.',
    hint: 'choose a path below `{target}`',
  },
  'file/over-folder': {
    severity: 'error',
    message: '`{path}` is a folder of the system: a file in its place would hide all that is in it.',
    hint: 'choose a path below it',
  },
  'file/over-accounts': {
    severity: 'error',
    message:
      '`{path}` holds the accounts of the system: another file in its place would lose those that services need.',
    hint: 'say who may log in below `cluster.users`; further accounts go into a file below `/etc/sysusers.d`',
  },
  'file/over-program': {
    severity: 'error',
    message: '`{path}` would take the place of `{name}`, by which the node works.',
    hint: 'choose another name; other programs of Kubernetes come with `--artifacts` and `coldstart lock`',
  },
  'file/kept-by-system': {
    severity: 'warning',
    message: '`{path}` has no effect: {reason}.',
  },
  'file/cannot-run': {
    severity: 'warning',
    message: 'The script `{path}` cannot be run as it is: {reason}.',
    hint: 'correct its first line and its line ends, or take the execute bits out of its mode',
  },
  'file/readable-secret': {
    severity: 'warning',
    message: '`{path}` is marked as a secret, but its mode {mode} lets every user of the node read it.',
    hint: 'set `mode: "0600"`, or `"0640"` with a group',
  },
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
  'unit/unknown-user': {
    severity: 'warning',
    message: 'The unit `{name}` runs as `{user}`, which is no account on the node.',
    hint: 'add it to `users`, or set `DynamicUser=yes`',
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
