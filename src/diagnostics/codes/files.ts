/** Codes about the user's files: the files of the definition, the files that it names, and their paths on a node. */
import type { CodeTable } from './table.ts';

export const fileCodes = {
  'file/missing': {
    severity: 'error',
    message: '`{path}` does not exist.',
    hint: 'paths are relative to the folder of `cluster.yaml`',
  },
  'file/not-a-file': {
    severity: 'error',
    message: '`{path}` is a folder, but a file is needed here.',
    hint: 'name the file itself; put whole folders below `overlays/`',
  },
  'file/unreadable': {
    severity: 'error',
    message: '`{path}` cannot be read: {reason}.',
    hint: 'check its owner and mode',
  },
  'file/outside-folder': {
    severity: 'error',
    message: '`{path}` is outside of the folder of `cluster.yaml`, so the build would depend on this machine.',
    hint: 'copy the file into the folder, with `cp -L` if it is a link',
  },
  'file/special': {
    severity: 'error',
    message: '`{path}` is {what}; only regular files are read.',
    hint: 'put a regular file in its place, or remove it',
  },
  'file/not-a-folder': {
    severity: 'error',
    message: '`{path}` is {what}, but it must be a folder; none of it would be copied to a node.',
    hint: 'replace it with a folder that contains the files',
  },
  'file/illegal-name': {
    severity: 'error',
    message: 'The name of `{path}` contains characters that are not allowed; they are shown here as escapes.',
    hint: 'rename the file',
  },
  'file/too-large': {
    severity: 'error',
    message: '`{path}` has {size} bytes; the limit is {limit}.',
    hint: 'let the nodes download large files, e.g. in a hook',
  },
  'file/not-text': {
    severity: 'error',
    message: '`{path}` is not UTF-8 text.',
    hint: 'put binary files below `overlays/`',
  },
  'file/not-a-certificate': {
    severity: 'error',
    message: '`{path}` contains no certificate in PEM format.',
    hint: 'it must have a block that starts with `-----BEGIN CERTIFICATE-----`',
  },
  'file/not-an-archive': {
    severity: 'error',
    message: '`{path}` is not an archive of container images: {reason}.',
    hint: 'create it with `ctr images export`, `skopeo copy … oci-archive:FILE` or `docker save -o FILE`',
  },
  'file/broken-certificate': {
    severity: 'error',
    message: 'The block in line {line} of `{path}` is not a valid certificate: {reason}.',
    hint: 'copy the whole certificate again; `openssl x509 -noout -subject -in FILE` checks it',
  },
  'file/private-key': {
    severity: 'error',
    message: '`{path}` contains a private key (line {line}), and every user of a node could read it.',
    hint: 'keep only the blocks that start with `-----BEGIN CERTIFICATE-----`',
  },
  'file/not-a-ca': {
    severity: 'warning',
    message: '`{path}` contains no CA certificate, so it cannot verify certificates that a CA has signed.',
    hint: "use the certificate of the CA that signed the server's certificate",
  },
  'file/no-content': {
    severity: 'error',
    message: '`{name}` of {owner} has neither `content` nor `source`.',
    hint: 'set one of the two; `content: ""` creates an empty file',
  },
  'file/two-contents': {
    severity: 'error',
    message: '`{name}` of {owner} has both `content` and `source`.',
    hint: 'remove one of the two',
  },
  'file/duplicate-path': {
    severity: 'error',
    message: 'Node `{node}` would get `{path}` twice.',
    hint: 'remove one of the two; a node cannot replace a file of the cluster',
  },
  'file/below-file': {
    severity: 'error',
    message: 'Node `{node}` would get `{path}`, but `{other}` is a file and not a folder.',
    hint: 'rename one of them',
  },
  'file/lost-at-boot': {
    severity: 'error',
    message: '`{path}` is below `{folder}`, which is empty after every boot.',
    hint: 'choose a path below `/etc` or `/usr/local`; a file in `/etc/tmpfiles.d` can create files below `{folder}` at boot',
  },
  'file/on-state-disk': {
    severity: 'warning',
    message:
      '`{path}` is below `/var`, the mount point of the state disk: it is copied to the disk only if its folder does not exist there yet, and never updated.',
    hint: 'choose a path below `/etc` or `/usr/local`, or let a hook write the file',
  },
  'file/package-database': {
    severity: 'error',
    message: "`{path}` would change Debian's database of installed packages.",
    hint: 'add packages with `cluster.image.packages`',
  },
  'file/over-link': {
    severity: 'error',
    message: '`{path}` would replace the link `{link}`, which every node needs to find `{target}`.',
    hint: 'choose a path below `{target}`',
  },
  'file/over-folder': {
    severity: 'error',
    message: '`{path}` is a folder of the system; a file in its place would hide everything in the folder.',
    hint: 'choose a path below it',
  },
  'file/over-accounts': {
    severity: 'error',
    message:
      '`{path}` contains the accounts of the system; a file in its place would remove accounts that services need.',
    hint: 'add users below `cluster.users`, and other accounts with a file below `/etc/sysusers.d`',
  },
  'file/over-program': {
    severity: 'error',
    message: '`{path}` would replace `{name}`, which the node needs.',
    hint: 'choose another name; to use your own programs of Kubernetes, see `--artifacts` and `coldstart lock`',
  },
  'file/not-a-program': {
    severity: 'error',
    message: '`{path}` would replace a {kind} of the system, but it cannot work as one: {reason}.',
    hint: 'choose another path, e.g. below `/usr/local`',
  },
  'file/kept-by-system': {
    severity: 'warning',
    message: '`{path}` has no effect: {reason}.',
  },
  'file/ignored-name': {
    severity: 'warning',
    message: '`{path}` has no effect: in `{folder}` {reads}.',
    hint: 'rename it to `{meant}`',
  },
  'file/ignored-mode': {
    severity: 'warning',
    message: '`{path}` has no effect: {reads}, but this file has mode {mode} and owner {owner}.',
  },
  'file/ignored-line': {
    severity: 'warning',
    message: '{reader} ignores line {line} of `{path}`: {reason}.',
  },
  'file/readable-key': {
    severity: 'warning',
    message: '`{path}` contains a private key (line {line}), and every user of the node can read it (mode {mode}).',
  },
  'file/cannot-run': {
    severity: 'warning',
    message: '`{path}` is executable, but it cannot be run: {reason}.',
    hint: 'correct its first line and its line ends, or remove the execute bits from its mode',
  },
  'file/readable-secret': {
    severity: 'warning',
    message: '`{path}` is marked as a secret, but every user of the node can read it (mode {mode}).',
    hint: 'set `mode: "0600"`, or `"0640"` with a group',
  },
} as const satisfies CodeTable;
