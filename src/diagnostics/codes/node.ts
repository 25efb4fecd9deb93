/** Codes about nodes: their files, names, roles, MACs and disks, and the first master. */
import type { CodeTable } from './table.ts';

export const nodeCodes = {
  'node/not-listed': {
    severity: 'error',
    message: '`{file}` describes `{node}`, but `nodes` in `{cluster}` does not list this node.',
    hint: 'add `- name: {node}` to `nodes`, or remove the file',
  },
  'node/no-file': {
    severity: 'error',
    message: 'Node `{node}` has no MAC: neither here nor in a file `nodes/{node}.yaml`.',
    hint: 'write `nodes/{node}.yaml` with `hardware.mac_addresses`, or add them here',
  },
  'node/file-name': {
    severity: 'error',
    message: '`{file}` describes `{node}`, but has another name.',
    hint: 'rename the file to `nodes/{node}.yaml`, or correct the name',
  },
  'node/unread-file': {
    severity: 'error',
    message: '`{file}` is not read, so node `{node}` has no settings: only `nodes/*.yaml` are read.',
    hint: 'rename it to `nodes/{node}.yaml`',
  },
  'node/ignored-file': {
    severity: 'warning',
    message: '`{file}` is not read: only `nodes/*.yaml` are.',
    hint: 'rename it so that it ends in `.yaml`',
  },
  'node/duplicate-name': {
    severity: 'error',
    message: 'Two nodes have the name `{node}`.',
    hint: 'give every node a different name',
  },
  'node/duplicate-hostname': {
    severity: 'error',
    message: 'Nodes `{other}` and `{node}` both have the name `{hostname}`.',
    hint: 'a node has its name and its host name; upper and lower case make no difference',
  },
  'node/duplicate-ip': {
    severity: 'error',
    message: 'Nodes `{other}` and `{node}` both have the address `{address}`.',
    hint: 'give every node a different address',
  },
  'node/duplicate-mac': {
    severity: 'error',
    message: 'Nodes `{other}` and `{node}` both have the MAC `{mac}`.',
    hint: 'machines are recognised by their MACs, so give each MAC to one node only',
  },
  'node/repeated-mac': {
    severity: 'error',
    message: 'The MAC `{mac}` is listed twice for `{node}`.',
    hint: 'remove one; separators and case make no difference',
  },
  'node/no-mac': {
    severity: 'error',
    message: 'Node `{node}` has no MAC, so no machine can be recognised as it.',
    hint: 'add `mac_addresses` below `hardware`; if they are not known, list `network.interfaces` with `match`',
  },
  'node/any-machine': {
    severity: 'warning',
    message:
      'Any machine whose NICs match takes the image of node `{node}`: the definition has neither a MAC nor a disk that only its machine has.',
    hint: 'add `hardware.mac_addresses`, or a `serial`, `wwn` or `by_id` to `hardware.state_disk`',
  },
  'node/mac-not-unicast': {
    severity: 'error',
    message: '`{mac}` is {kind}, which no NIC can have.',
    hint: "a NIC's MAC has an even second digit; copy it from the sticker or from `ip link`",
  },
  'node/no-ip': {
    severity: 'error',
    message: 'Node `{node}` has no address.',
    hint: 'add `ip`; if it comes by DHCP, reserve it at the server, and set `dhcp4` at the interface',
  },
  'node/no-roles': {
    severity: 'error',
    message: 'Node `{node}` has no roles, so it would run nothing.',
    hint: 'add `roles: [worker]`, or other roles',
  },
  'node/reserved-name': {
    severity: 'error',
    message: 'A node cannot have the name `{node}`: a file in the output folder has this name.',
    hint: 'choose another name; `hostname` may have this value',
  },
  'node/long-hostname': {
    severity: 'error',
    message: 'The host name `{hostname}` of node `{node}` has {length} characters; the limit of Linux is {limit}.',
    hint: 'choose a shorter name or `cluster.domain`, or give the node a `hostname`',
  },
  'node/numeric-hostname': {
    severity: 'warning',
    message: 'The host name `{hostname}` of `{node}` starts with a number, so some programs take it for an address.',
    hint: 'start it with a letter',
  },
  'cluster/no-master': {
    severity: 'error',
    message: 'No node has the role `master`, so the cluster cannot start.',
    hint: 'give one or three nodes the role `master`',
  },
  'cluster/even-masters': {
    severity: 'warning',
    message: '{count} masters tolerate no more failures than {fewer}.',
    hint: 'etcd needs a majority; use an odd number of masters',
  },
  'cluster/many-masters': {
    severity: 'warning',
    message: 'With {count} masters, every write waits for {majority} of them.',
    hint: 'etcd recommends at most seven members; five tolerate two failures',
  },
  'cluster/several-first-masters': {
    severity: 'error',
    message: 'Both `{other}` and `{node}` have `first_master: true`, so they would form two clusters.',
    hint: 'keep it for one node only',
  },
  'cluster/first-master-no-master': {
    severity: 'error',
    message: '`{node}` has `first_master: true`, but not the role `master`.',
    hint: 'add the role, or remove `first_master`',
  },
  'cluster/first-master-order': {
    severity: 'warning',
    message: '`{node}` is the first master, because names are sorted as text: `{node}` comes before `{other}`.',
    hint: 'set `first_master: true` for the intended node, or use leading zeros (`{padded}`)',
  },
  'cluster/no-worker': {
    severity: 'warning',
    message: 'No node has the role `worker`, so only the control plane would run.',
    hint: 'give a node the role `worker`; a master may have it, too',
  },
  'disk/empty-selector': {
    severity: 'error',
    message: 'This disk selector of `{node}` is empty, so it would match any disk.',
    hint: 'set `serial`, `by_id` or `wwn`; `lsblk -o NAME,SERIAL,WWN,SIZE` on the machine lists them',
  },
  'disk/selected-twice': {
    severity: 'error',
    message: 'This disk selector of `{node}` selects only disks that `{other}` selects, too.',
    hint: 'select each disk by a unique property, e.g. its `serial`',
  },
  'disk/not-a-disk': {
    severity: 'error',
    message: '`{name}` is not a whole disk, so no disk of `{node}` can match: {reason}.',
    hint: 'select the whole disk, preferably by its `serial`; `lsblk -d -o NAME,SERIAL,WWN,SIZE` on the machine lists the disks',
  },
  'disk/unfit': {
    severity: 'error',
    message: 'No disk of `{node}` can match because of `{key}: {value}`: {reason}.',
    hint: 'copy the value from `lsblk -d -o NAME,SERIAL,WWN,SIZE` or `ls /dev/disk/by-id` on the machine',
  },
  'disk/odd-serial': {
    severity: 'warning',
    message: 'The serial number `{serial}` of a disk of `{node}` contains blanks, but {reason}.',
    hint: 'copy it from `lsblk -d -o NAME,SERIAL` on the machine',
  },
  'disk/of-two-nodes': {
    severity: 'error',
    message:
      '`{other}` and `{node}` both select the disk with the {kind} `{value}`, but it can be in one machine only.',
    hint: 'correct one of them; `lsblk -d -o NAME,SERIAL,WWN,SIZE` on each machine lists its disks',
  },
  'disk/same-serial': {
    severity: 'warning',
    message:
      '`{other}` and `{node}` both select a disk with the {kind} `{value}`, but one disk cannot be in two machines.',
    hint: 'correct one of them; for virtual machines with equal numbers on purpose, write one of them in lower case',
  },
  'disk/sizes-swapped': {
    severity: 'error',
    message: '`min_size` is larger than `max_size`, so no disk of `{node}` can match.',
    hint: 'swap the two',
  },
  'disk/too-small': {
    severity: 'error',
    message:
      'The state disk of `{node}` has at most {most}, but a boot partition, two system slots and `/var` need at least {needed}.',
    hint: 'choose a larger disk',
  },
  'disk/unstable-path': {
    severity: 'warning',
    message: '`{path}` of `{node}` may be another disk after the next boot.',
    hint: 'select it by `serial`, `by_id` or `wwn`, or by a path below `/dev/disk/by-path/`',
  },
  'disk/no-state-disk': {
    severity: 'error',
    message: 'Node `{node}` has the role `{role}` but no `hardware.state_disk`, so a reboot would delete {what}.',
    hint: "add `hardware.state_disk`, e.g. with the disk's `serial`",
  },
  'disk/volatile-worker': {
    severity: 'warning',
    message:
      'Worker `{node}` has no `hardware.state_disk`: container images and logs are kept in memory, up to half of it each, and each reboot deletes them.',
    hint: "add `hardware.state_disk`, e.g. with the disk's `serial`",
  },
  'disk/install-without-disk': {
    severity: 'warning',
    message:
      'Node `{node}` has no `hardware.state_disk`, so it is not installed: it always boots from its medium, and each reboot deletes container images and logs.',
    hint: "add `hardware.state_disk`, e.g. with the disk's `serial`",
  },
  'disk/no-osd-disks': {
    severity: 'error',
    message: 'Node `{node}` has the role `ceph-osd` but no `hardware.osd_disks`.',
    hint: 'list the disks for Ceph, or remove the role',
  },
  'disk/osd-disks-unused': {
    severity: 'error',
    message: 'Node `{node}` lists `hardware.osd_disks` but does not have the role `ceph-osd`.',
    hint: 'add the role `ceph-osd`, or remove the disks',
  },
  'disk/mount-point': {
    severity: 'error',
    message: 'A data disk of `{node}` cannot be mounted at `{path}`: {reason}.',
    hint: 'choose another folder, e.g. below `/srv` or `/var/mnt`',
  },
  'disk/repeated-name': {
    severity: 'error',
    message: 'Two data disks of `{node}` have the name `{name}`, by which the node knows them again.',
    hint: 'give each its own name',
  },
  'node/label-of-kubelet': {
    severity: 'warning',
    message: 'The kubelet sets the label `{key}` of node `{node}` itself.',
    hint: 'choose another key, e.g. `lab.example/kind`',
  },
  'node/taint-of-kubernetes': {
    severity: 'warning',
    message: 'Kubernetes sets and removes the taint `{key}` itself, depending on the state of node `{node}`.',
    hint: 'choose another key, e.g. `lab.example/dedicated`',
  },
} as const satisfies CodeTable;
