/** Codes about the kernel: its settings, arguments and modules. */
import type { CodeTable } from './table.ts';

export const kernelCodes = {
  'sysctl/repeated': {
    severity: 'warning',
    message: '`{key}` and `{other}` are the same kernel setting.',
    hint: 'remove one of them; the last one takes effect',
  },
  'sysctl/unknown': {
    severity: 'warning',
    message: 'The kernel has no setting `{key}`.',
    hint: 'check the name; names start with `net.`, `vm.`, `fs.`, `kernel.` or `user.`; `sysctl -a` on a node lists them',
  },
  'sysctl/bad-value': {
    severity: 'error',
    message: '`{key}` must be {expected}, not `{value}`: the kernel would refuse it.',
    hint: 'correct the value, or remove the setting',
  },
  'sysctl/against-cluster': {
    severity: 'warning',
    message: '`{key}: {value}` breaks the cluster: {reason}.',
    hint: 'remove it; nodes set the value that the cluster needs',
  },
  'sysctl/overwritten': {
    severity: 'warning',
    message: '`{key}` has no effect: the kubelet sets it to {wanted} when it starts.',
    hint: 'remove it',
  },
  'kernel/unknown-module': {
    severity: 'warning',
    message: 'The kernel has no module `{name}`, so `systemd-modules-load.service` fails at each boot.',
    hint: 'check the name; `modinfo NAME` on a node tells whether the kernel has a module',
  },
  'kernel/argument-breaks': {
    severity: 'error',
    message: 'The kernel argument `{argument}` breaks the nodes: {reason}.',
    hint: 'remove it',
  },
  'kernel/argument-idle': {
    severity: 'warning',
    message: 'The kernel argument `{argument}` has no effect: {reason}.',
    hint: 'remove it',
  },
  'kernel/argument-value': {
    severity: 'warning',
    message: 'The kernel argument `{argument}` has a harmful value: {reason}.',
    hint: 'correct its value, or remove it',
  },
  'kernel/argument-contradicted': {
    severity: 'warning',
    message: '`{other}` has no effect: `{argument}` comes after it.',
    hint: 'remove one of them',
  },
  'kernel/arguments-too-long': {
    severity: 'error',
    message: 'The kernel arguments are {excess} bytes too long: the kernel reads 2047 bytes.',
    hint: 'remove some of them; use `sysctl`, `kernel_modules` or a file below `/etc/modprobe.d` instead',
  },
  'kernel/repeated': {
    severity: 'warning',
    message: '`{name}` is listed twice.',
    hint: 'remove one of them',
  },
} as const satisfies CodeTable;
