/** Kernel settings in every spelling, and kernel arguments beside those of the boot loader's menu. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { meantModule } from '../../../src/config/base-system/kernel-modules.ts';
import { meantSetting } from '../../../src/config/base-system/kernel-settings.ts';
import { singleName, whyBadValue } from '../../../src/config/machine/kernel-arg-values.ts';
import { bytesTooMany, COMMAND_LINE_START, whyIdle, whyItBreaks } from '../../../src/config/machine/kernel-args.ts';
import { canonicalKey } from '../../../src/config/machine/sysctl.ts';
import { argumentsOf } from '../../../src/config/machine/taken-kernel-args.ts';
import { expectedInstead } from '../../../src/config/machine/sysctl-values.ts';

test.each([
  ['net.ipv4.ip_forward', 'net.ipv4.ip_forward'],
  ['net/ipv4/ip_forward', 'net.ipv4.ip_forward'],
  ['net/ipv4/conf/bond0.30/rp_filter', 'net.ipv4.conf.bond0/30.rp_filter'],
  ['net.ipv4.conf.bond0/30.rp_filter', 'net.ipv4.conf.bond0/30.rp_filter'],
])('%s is %s', (written, key) => {
  expect(canonicalKey(written)).toBe(key);
  expect(canonicalKey(key)).toBe(key);
});

test.each([
  ['vm.swappiness', '200', undefined],
  ['vm.swappiness', '201', 'a whole number from 0 to 200'],
  ['vm.swappiness', 'low', 'a whole number from 0 to 200'],
  ['vm.max_map_count', '-5', 'a whole number from 0 to 2147483647'],
  ['vm.max_map_count', '262144', undefined],
  ['vm.min_free_kbytes', '1 2', 'a whole number from 0 to 2147483647'],
  ['fs.nr_open', '2147483647', 'a whole number from 64 to 2147483584'],
  ['fs.file-max', '9223372036854775807', undefined],
  ['kernel.shmmax', '18446744073692774399', undefined],
  ['kernel.shmall', '-1', 'a whole number of at least 0'],
  ['kernel.sched_rt_runtime_us', '-1', undefined],
  ['kernel.panic', '-1', undefined],
  ['kernel.keys.maxkeys', '-1', 'a whole number of at least 0'],
  ['user.max_user_namespaces', '0', undefined],
  ['user.max_user_namespaces', '-1', 'a whole number of at least 0'],
  ['net.ipv4.tcp_rmem', '4096 87380 1 1', 'three whole numbers from 1 to 2147483647'],
  ['net.ipv4.tcp_rmem', '-1 87380 16777216', 'three whole numbers from 1 to 2147483647'],
  ['net.ipv4.conf.all.log_martians', 'on', 'a whole number'],
  ['net.ipv4.neigh.default.gc_thresh3', '-1', 'a whole number from 0 to 2147483647'],
  ['net.ipv6.conf.eth0.stable_secret', '2001:db8::1', undefined],
  ['vm.unknown_to_us', '-3', undefined],
  ['net.core.rmem_max', '16M', 'a whole number from 2048 to 2147483647'],
  ['net.ipv4.tcp_rmem', '4096 87380 16777216', undefined],
  ['net.ipv4.tcp_congestion_control', 'bbr', undefined],
  ['net.ipv4.conf.bond0/30.rp_filter', 'loose', 'a whole number'],
  ['net.ipv4.ip_local_port_range', '60999 32768', 'two ports, the lower first'],
  ['net.ipv4.ip_local_port_range', '1024 65535', undefined],
  ['kernel.core_pattern', '|/bin/false', undefined],
  ['kernel.shmmax', '0x10000000', undefined],
])('%s may be %s: %s', (key, value, expected) => {
  expect(expectedInstead(key, value)).toBe(expected);
});

test.each([
  ['vm.swapiness', 'vm.swappiness'],
  ['fs.file_max', 'fs.file-max'],
  ['net.core.somaxcon', 'net.core.somaxconn'],
  ['net.ipv4.ip_foward', 'net.ipv4.ip_forward'],
  ['kernel.panic_on_opps', 'kernel.panic_on_oops'],
  ['vm.panic_on_oom', undefined],
  ['kernel.panic_on_oops', undefined],
  ['kernel.sched_latency_ns', undefined],
  ['net.ipv4.tcp_tw_recycle', undefined],
  ['net.ipv4.conf.all.rp_filter', undefined],
  ['net.netfilter.nf_conntrack_max', undefined],
  ['kernel.sem', undefined],
])('%s means %s', (written, key) => {
  expect(meantSetting(written)).toBe(key);
});

test.each([
  ['br_netfliter', 'br_netfilter'],
  ['overlaay', 'overlay'],
  ['nf_contrack', 'nf_conntrack'],
  ['br_netfilter', undefined],
  ['vhost_scsi', undefined],
  ['vxcan', undefined],
  ['zfs', undefined],
  ['ip_conntrack', undefined],
  ['nvidia', undefined],
])('the module %s means %s', (written, name) => {
  expect(meantModule(written)).toBe(name);
});

const plain = { isKubernetes: true, usesIpv6: false, modules: new Set(['nbd']) };

test('arguments that the boot needs otherwise', () => {
  const bad = [
    ...[
      'root=/dev/sda1',
      'boot=local',
      'init=/bin/sh',
      'rdinit=/bin/sh',
      'single',
      '1',
      'emergency',
      'rescue',
      'break',
    ],
    ...['systemd.unit=rescue.target', 'systemd.mask=var.mount', 'systemd.mask=cluster-detect.service', 'persistence'],
    ...['systemd.mask=containerd', 'systemd.mask=cluster-detect', 'systemd.mask=ceph-osd@1'],
    ...['systemd.unified_cgroup_hierarchy=0', 'cgroup_disable=io,memory', 'live-media-path=/x', 'coldstart.node=other'],
    ...['coldstart.try=yes', 'coldstart.try_waits=1'],
    ...['systemd.hostname=other', 'systemd.volatile', 'systemd.run=/bin/true', 'module_blacklist=loop,overlay'],
    ...['modprobe.blacklist=br-netfilter', 'module_blacklist=nbd'],
  ];
  expect(bad.filter((argument) => whyItBreaks(argument, plain) === undefined)).toEqual([]);
});

test('arguments that people use', () => {
  const good = [
    ...['quiet', 'console=ttyS1,115200n8', 'nomodeset', 'intel_iommu=on', 'hugepages=4', 'net.ifnames=0', '3', 'toram'],
    ...[
      'systemd.unit=multi-user.target',
      'init=/lib/systemd/systemd',
      'systemd.mask=apt-daily.timer',
      'systemd.mask=apt-daily',
      'systemd.mask=cluster-x.timer',
      'ipv6.disable=1',
    ],
    ...[
      'cgroup_disable=io',
      'systemd.unified_cgroup_hierarchy=1',
      'module_blacklist=nouveau',
      'rootdelay=10',
      'panic=30',
    ],
    ...['systemd.volatile=no', 'live-media-timeout=30', 'modprobe.blacklist=', 'coldstart.try_wait=2700'],
  ];
  expect(good.filter((one) => whyItBreaks(one, plain) !== undefined || whyIdle(one) !== undefined)).toEqual([]);
});

test('what only some nodes need', () => {
  expect(whyItBreaks('ipv6.disable=1', { ...plain, usesIpv6: true })).toBe('the cluster has IPv6 addresses');
  const storage = { ...plain, isKubernetes: false };
  expect(['cgroup_disable=memory', 'module_blacklist=br_netfilter'].map((one) => whyItBreaks(one, storage))).toEqual([
    undefined,
    undefined,
  ]);
});

test("the boot loaders' menus begin as it is counted here", () => {
  const begins = (file: string): string[] => {
    const menu = readFileSync(join(import.meta.dirname, '../../..', file), 'utf8');
    const [, options = ''] = /^set options="(.*)"$/m.exec(menu) ?? [];
    const values = { options, try: 'coldstart.try=yes', node_image: '0'.repeat(64) };
    const lines = menu.matchAll(/^ +linux (\S+) (.*)\$node_name \$node_kernel_args$/gm);
    return [...lines].map(([, kernel = '', start = '']) =>
      Object.entries(values).reduce(
        (text, [name, value]) => text.replace(`$${name}`, value),
        `BOOT_IMAGE=${kernel} ${start.replace('@SLOT_A@', 'slot-a-00000000')}`,
      ),
    );
  };
  const [installed] = begins('overlays/common/usr/local/lib/coldstart/install/grub.cfg');
  expect(installed).toBe(COMMAND_LINE_START);
  const medium = begins('scripts/base-layer/grub.cfg');
  expect(medium.map((start) => start.length < COMMAND_LINE_START.length)).toEqual([true, true]);
  const room = 2047 - COMMAND_LINE_START.length - 'node'.length - 1;
  expect(bytesTooMany('node', ['x'.repeat(room)])).toBe(0);
  expect(bytesTooMany('node', ['x'.repeat(room), 'y'])).toBe(2);
});

test('values of arguments that nobody can mean', () => {
  const bad = [
    ...['console=nonsense', 'console=/dev/ttyS0', 'console=ttyS0,fast', 'console=ttyS0,115200n9', 'console=serial0'],
    ...['systemd.default_timeout_start_sec=1', 'systemd.default_timeout_start_sec=500ms', 'mem=512M'],
    ...['systemd.default_timeout_start_sec=soon', 'systemd.default_device_timeout_sec=2s'],
    ...['coldstart.try_wait=59', 'coldstart.try_wait=2701', 'coldstart.try_wait=10m', 'coldstart.try_wait='],
  ];
  expect(bad.filter((argument) => whyBadValue(argument) === undefined)).toEqual([]);
  const good = [
    ...['console=ttyS0', 'console=ttyS1,115200n8r', 'console=tty0', 'console=hvc0', 'console=null', 'console='],
    ...['console=uart8250,io,0x3f8,115200n8', 'console=ttyUSB0,9600', 'mem=8G', 'mem=0x80000000', 'quiet'],
    ...['systemd.default_timeout_start_sec=5min', 'systemd.default_timeout_start_sec=infinity', 'panic=1'],
    ...['systemd.default_timeout_start_sec=0', 'systemd.default_timeout_start_sec=1min 30s'],
    ...['coldstart.try_wait=60', 'coldstart.try_wait=2700'],
  ];
  expect(good.filter((argument) => whyBadValue(argument) !== undefined)).toEqual([]);
});

test('arguments of which one counts', () => {
  const names = ['panic=5', 'loglevel=3', 'console=tty0', 'hugepagesz=1G', 'systemd.mask=a.service', 'quiet'];
  expect(names.map(singleName)).toEqual(['panic', 'loglevel', undefined, undefined, undefined, undefined]);
});

test('live-boot and live-config are not told otherwise', () => {
  expect(['toram=filesystem.squashfs', 'toram=', 'nomodule', 'nfsoverlay=1'].map((one) => whyItBreaks(one, plain)))
    .not // prettier-ignore
    .toContain(undefined);
  const idle = ['live-config', 'live-config.hostname=x', 'components', 'nocomponents=sudo', 'dhcp', 'keyboard-model=x'];
  expect(idle.filter((one) => whyIdle(one) === undefined)).toEqual([]);
});

test('a node takes away arguments of the cluster, by name or with their value', () => {
  const common = ['quiet', 'mitigations=off', 'console=tty3', 'console=tty4', 'quiet_more'];
  expect(argumentsOf(common, ['-quiet', '-mitigations', '-console=tty3', 'panic=60'])).toEqual([
    ...['console=tty4', 'quiet_more', 'panic=60'],
  ]);
});
