/** Kernel settings in every spelling, and kernel arguments beside those of the boot loader's menu. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bytesTooMany, COMMAND_LINE_START, whyIdle, whyItBreaks } from '../../src/config/kernel-args.ts';
import { canonicalKey, expectedInstead } from '../../src/config/sysctl.ts';

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
  ['net.core.rmem_max', '16M', 'a whole number'],
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
    ...['systemd.volatile=no', 'live-media-timeout=30', 'modprobe.blacklist='],
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

test("the boot loader's menu begins as it is counted here", () => {
  const menu = readFileSync(join(import.meta.dirname, '../../scripts/base-layer/grub.cfg'), 'utf8');
  const [, kernel = '', start] = /^ {2}linux (\S+) (.*)\$node_name \$node_kernel_args$/m.exec(menu) ?? [];
  expect(`BOOT_IMAGE=${kernel} ${String(start)}`).toBe(COMMAND_LINE_START);
  const room = 2047 - COMMAND_LINE_START.length - 'node'.length - 1;
  expect(bytesTooMany('node', ['x'.repeat(room)])).toBe(0);
  expect(bytesTooMany('node', ['x'.repeat(room), 'y'])).toBe(2);
});
