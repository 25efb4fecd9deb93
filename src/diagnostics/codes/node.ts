/** Codes about nodes: their files, names, roles, MACs, disks, and which of them is the first master. */
import type { CodeTable } from './table.ts';

export const nodeCodes = {
  'node/not-listed': {
    severity: 'error',
    message: '`{file}` describes `{node}`, which `nodes` in `{cluster}` does not list.',
    hint: 'add `- name: {node}` to `nodes`, or remove the file',
  },
  'node/no-file': {
    severity: 'error',
    message: 'Node `{node}` has no `nodes/{node}.yaml`, and no MAC is given here either.',
    hint: 'write `nodes/{node}.yaml` with `hardware.mac_addresses`, or give them here',
  },
  'node/file-name': {
    severity: 'error',
    message: '`{file}` describes `{node}`, but is not named after it.',
    hint: 'rename the file to `nodes/{node}.yaml`, or correct the name',
  },
  'node/unread-file': {
    severity: 'error',
    message: '`{file}` is not read, as only `nodes/*.yaml` are; so of `{node}` nothing is known.',
    hint: 'rename it to `nodes/{node}.yaml`',
  },
  'node/ignored-file': {
    severity: 'warning',
    message: '`{file}` is not read: only `nodes/*.yaml` are.',
    hint: 'rename it to end in `.yaml`',
  },
  'node/duplicate-name': {
    severity: 'error',
    message: 'Two nodes are called `{node}`.',
    hint: 'give every node a name of its own',
  },
  'node/duplicate-hostname': {
    severity: 'error',
    message: 'Nodes `{other}` and `{node}` both answer to `{hostname}`.',
    hint: 'host names are compared without case, and a node answers to its name and its host name',
  },
  'node/duplicate-ip': {
    severity: 'error',
    message: 'Nodes `{other}` and `{node}` both have the address `{address}`.',
    hint: 'give every node an address of its own',
  },
  'node/duplicate-mac': {
    severity: 'error',
    message: 'The MAC `{mac}` is claimed by `{other}` and by `{node}`.',
    hint: 'a machine is recognised by its MACs, so each belongs to one node',
  },
  'node/repeated-mac': {
    severity: 'error',
    message: 'The MAC `{mac}` is listed twice for `{node}`.',
    hint: 'remove one; notation and case make no difference',
  },
  'node/no-mac': {
    severity: 'error',
    message: 'Node `{node}` has no MAC, so no machine can be recognised as it.',
    hint: 'add `mac_addresses` below `hardware`',
  },
  'node/mac-not-unicast': {
    severity: 'error',
    message: '`{mac}` is {kind}, which no NIC can have.',
    hint: "a NIC's MAC has an even second digit; copy it from the sticker or from `ip link`",
  },
  'node/no-ip': {
    severity: 'error',
    message: 'Node `{node}` has no address.',
    hint: 'add `ip`',
  },
  'node/no-roles': {
    severity: 'error',
    message: 'Node `{node}` has no roles, so it would do nothing.',
    hint: 'add `roles: [worker]`, or what it is for',
  },
  'node/reserved-name': {
    severity: 'error',
    message: 'A node cannot be called `{node}`: beside the images, a file for the operator has that name.',
    hint: 'choose another name; `hostname` may stay as it is',
  },
  'node/long-hostname': {
    severity: 'error',
    message: 'The host name `{hostname}` of node `{node}` has {length} characters; Linux takes {limit}.',
    hint: 'choose a shorter name or `cluster.domain`, or give the node a `hostname`',
  },
  'node/numeric-hostname': {
    severity: 'warning',
    message: 'The host name `{hostname}` of `{node}` starts like an address, which some programs take it for.',
    hint: 'start it with a letter',
  },
  'cluster/no-master': {
    severity: 'error',
    message: 'No node has the role `master`, so nothing could start the cluster.',
    hint: 'give one node, or three, the role `master`',
  },
  'cluster/even-masters': {
    severity: 'warning',
    message: '{count} masters survive the loss of no more machines than {fewer} would.',
    hint: 'etcd needs a majority; use an odd number of masters',
  },
  'cluster/many-masters': {
    severity: 'warning',
    message: '{count} masters make every write wait for {majority} of them.',
    hint: 'etcd recommends at most seven members; five survive two failures',
  },
  'cluster/several-first-masters': {
    severity: 'error',
    message: 'Both `{other}` and `{node}` say `first_master: true`, which would make two clusters.',
    hint: 'keep it on one node only',
  },
  'cluster/first-master-no-master': {
    severity: 'error',
    message: '`{node}` says `first_master: true`, but does not have the role `master`.',
    hint: 'add the role, or remove `first_master`',
  },
  'cluster/first-master-order': {
    severity: 'warning',
    message: '`{node}` is the first master, because numbers in names sort as text: `{node}` comes before `{other}`.',
    hint: 'write `first_master: true` on the one you mean, or pad the numbers (`{padded}`)',
  },
  'cluster/no-worker': {
    severity: 'warning',
    message: 'No node has the role `worker`, so nothing but the control plane would run.',
    hint: 'give a node the role `worker`; a master may have it too',
  },
  'disk/empty-selector': {
    severity: 'error',
    message: 'This disk selector of `{node}` says nothing, so it would match any disk.',
    hint: 'give `serial`, `by_id` or `wwn`; `lsblk -o NAME,SERIAL,WWN,SIZE` on the machine lists them',
  },
  'disk/selected-twice': {
    severity: 'error',
    message: 'Any disk of `{node}` that this selects is also selected by `{other}`.',
    hint: 'select each disk by something that only it has, e.g. its `serial`',
  },
  'disk/not-a-disk': {
    severity: 'error',
    message: '`{name}` is no whole disk, so no disk of `{node}` can match: {reason}.',
    hint: 'name the disk itself, best by its `serial`; `lsblk -d -o NAME,SERIAL,WWN,SIZE` on the machine lists disks only',
  },
  'disk/unfit': {
    severity: 'error',
    message: 'No disk of `{node}` can match because of `{key}: {value}`: {reason}.',
    hint: 'copy the value from `lsblk -d -o NAME,SERIAL,WWN,SIZE` or `ls /dev/disk/by-id` on the machine',
  },
  'disk/odd-serial': {
    severity: 'warning',
    message: 'The serial number `{serial}` of a disk of `{node}` has blanks, but {reason}.',
    hint: 'copy it from `lsblk -d -o NAME,SERIAL` on the machine',
  },
  'disk/of-two-nodes': {
    severity: 'error',
    message: 'The disk with the {kind} `{value}` can be in one machine only, but `{other}` and `{node}` both want it.',
    hint: 'correct one of them; `lsblk -d -o NAME,SERIAL,WWN,SIZE` on each machine lists its disks',
  },
  'disk/same-serial': {
    severity: 'warning',
    message:
      'Disks of `{other}` and `{node}` are to have the same {kind}, `{value}`, as if one disk were in two machines.',
    hint: 'correct one of them; disks of virtual machines that share a number on purpose can have one in lower case',
  },
  'disk/sizes-swapped': {
    severity: 'error',
    message: '`min_size` is larger than `max_size`, so no disk of `{node}` can match.',
    hint: 'swap the two',
  },
  'disk/too-small': {
    severity: 'error',
    message:
      'A state disk holds a boot partition, two system slots and `/var`: at least {needed}, but this one of `{node}` has at most {most}.',
    hint: 'choose a larger disk',
  },
  'disk/unstable-path': {
    severity: 'warning',
    message: '`{path}` may be another disk of `{node}` after the next boot.',
    hint: 'select it by `serial`, `by_id` or `wwn`, or by a path below `/dev/disk/by-path/`',
  },
  'disk/no-state-disk': {
    severity: 'error',
    message: 'Node `{node}` has the role `{role}` but no `hardware.state_disk`, so a reboot would lose {what}.',
    hint: "add `hardware.state_disk` with e.g. the disk's `serial`",
  },
  'disk/volatile-worker': {
    severity: 'warning',
    message:
      'Worker `{node}` has no `hardware.state_disk`: container images and logs are in memory, up to half of it each, and lost at each reboot.',
    hint: "add `hardware.state_disk` with e.g. the disk's `serial`",
  },
  'disk/install-without-disk': {
    severity: 'error',
    message: '`image.install` wants node `{node}` to boot from its state disk, but it has none.',
    hint: 'add `hardware.state_disk`, or set `image.install: false`',
  },
  'disk/no-osd-disks': {
    severity: 'error',
    message: 'Node `{node}` has the role `ceph-osd` but no `hardware.osd_disks`.',
    hint: 'list the disks that Ceph may use, or remove the role',
  },
  'disk/osd-disks-unused': {
    severity: 'error',
    message: 'Node `{node}` lists `hardware.osd_disks` but does not have the role `ceph-osd`.',
    hint: 'add the role `ceph-osd`, or remove the disks',
  },
  'node/label-of-kubelet': {
    severity: 'warning',
    message: 'The label `{key}` of node `{node}` is one that the kubelet sets itself.',
    hint: 'choose a key of your own, e.g. `lab.example/kind`',
  },
  'node/taint-of-kubernetes': {
    severity: 'warning',
    message: 'The taint `{key}` of node `{node}` is one that Kubernetes sets and takes away by the state of the node.',
    hint: 'choose a key of your own, e.g. `lab.example/dedicated`',
  },
  'node/pod-cidr': {
    severity: 'error',
    message: '`{share}` of node `{node}` is no share of the pod network {cidr}: each is a /{prefix} of it.',
    hint: 'choose a network of that length inside of it, or leave `pod_cidr` out',
  },
  'node/pod-cidr-repeated': {
    severity: 'error',
    message: 'Node `{node}` has the same share of the pod network as `{other}`: {share}.',
    hint: 'give each node a share of its own, or leave `pod_cidr` out',
  },
  'node/pod-cidr-unused': {
    severity: 'warning',
    message: 'The `pod_cidr` of node `{node}` says nothing: {reason}.',
    hint: 'remove it',
  },
} as const satisfies CodeTable;
