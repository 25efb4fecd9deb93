import { expect, test } from 'vitest';
import { qemuCommand } from '../../src/cli/text/qemu-command.ts';
import { noDisk, node } from '../render/cluster.ts';

test('a disk with a serial number, a serial console', () => {
  const command = qemuCommand(
    node('worker-01', 7, { stateDisk: { ...noDisk, serial: 'disk-7' } }),
    'out/lab/a.iso',
    true,
  );
  expect(command).toBe(`test -e worker-01-state.qcow2 || qemu-img create -q -f qcow2 worker-01-state.qcow2 20G
qemu-system-x86_64 -machine q35 -accel kvm -accel tcg -smp 2 -m 2048 \\
  -cdrom out/lab/a.iso \\
  -nic user,model=virtio-net-pci,mac=52:54:00:12:00:07 \\
  -drive if=none,id=state,format=qcow2,file=worker-01-state.qcow2 \\
  -device virtio-blk-pci,drive=state,serial=disk-7 \\
  -nographic`);
});

test('no disk, a window, a path with a blank', () => {
  expect(qemuCommand(node('a', 1), "out/it's mine/a.iso", false)).toBe(
    `qemu-system-x86_64 -machine q35 -accel kvm -accel tcg -smp 2 -m 2048 \\
  -cdrom 'out/it'\\''s mine/a.iso' \\
  -nic user,model=virtio-net-pci,mac=52:54:00:12:00:01`,
  );
});

test.each([
  [
    'a serial number too long for virtio-blk',
    { serial: 'S4EVNF0M123456-AND-MORE' },
    'scsi-hd,drive=state,serial=S4EVNF0M123456-AND-MORE',
  ],
  ['a WWN', { wwn: '5000c500a1b2c3d4' }, 'scsi-hd,drive=state,wwn=0x5000c500a1b2c3d4'],
  ['a name by id', { byId: 'virtio-state' }, 'virtio-blk-pci,drive=state,serial=state'],
])('%s', (_, selector, device) => {
  const command = qemuCommand(node('a', 1, { stateDisk: { ...noDisk, ...selector } }), 'a.iso', true);
  expect(command).toContain(`-device ${device} \\\n`);
  expect(command.includes('-device virtio-scsi-pci \\\n')).toBe(device.startsWith('scsi'));
});

test.each([
  ['large enough', { minSize: 64 * 1024 ** 3 }, '64G'],
  ['not too large', { maxSize: 10_000_000_000 }, '10000000000'],
])('a disk that is %s', (_, selector, size) => {
  const command = qemuCommand(node('a', 1, { stateDisk: { ...noDisk, serial: 's', ...selector } }), 'a.iso', true);
  expect(command.split('\n')[0]).toBe(`test -e a-state.qcow2 || qemu-img create -q -f qcow2 a-state.qcow2 ${size}`);
});
