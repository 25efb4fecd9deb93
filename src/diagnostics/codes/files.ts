/** Codes about the user's files: those beside the definition that it consists of or names, and where they would lie on a node. */
import type { CodeTable } from './table.ts';

export const fileCodes = {
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
  'file/not-an-archive': {
    severity: 'error',
    message: '`{path}` is no archive of images: {reason}.',
    hint: 'make it with `ctr images export`, `skopeo copy … oci-archive:FILE` or `docker save -o FILE`',
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
  'file/not-a-program': {
    severity: 'error',
    message: '`{path}` would take the place of a {kind} of the system, and cannot be one: {reason}.',
    hint: 'choose another path, e.g. below `/usr/local`',
  },
  'file/kept-by-system': {
    severity: 'warning',
    message: '`{path}` has no effect: {reason}.',
  },
  'file/ignored-name': {
    severity: 'warning',
    message: '`{path}` has no effect: in `{folder}` {reads}.',
    hint: 'call it `{meant}`',
  },
  'file/ignored-mode': {
    severity: 'warning',
    message: '`{path}` has no effect: {reads}, and this one has mode {mode} and owner {owner}.',
  },
  'file/ignored-line': {
    severity: 'warning',
    message: '{reader} passes over line {line} of `{path}`: {reason}.',
  },
  'file/readable-key': {
    severity: 'warning',
    message: '`{path}` holds a private key (line {line}), and its mode {mode} lets every user of the node read it.',
  },
  'file/cannot-run': {
    severity: 'warning',
    message: '`{path}` cannot be run as it is: {reason}.',
    hint: 'correct its first line and its line ends, or take the execute bits out of its mode',
  },
  'file/readable-secret': {
    severity: 'warning',
    message: '`{path}` is marked as a secret, but its mode {mode} lets every user of the node read it.',
    hint: 'set `mode: "0600"`, or `"0640"` with a group',
  },
} as const satisfies CodeTable;
