/** Codes about the kernel: its settings, arguments and modules. */
import type { CodeTable } from './table.ts';

export const kernelCodes = {
  'sysctl/repeated': {
    severity: 'warning',
    message: '`{key}` and `{other}` are one kernel setting.',
    hint: 'remove one of them; the last one counts',
  },
  'sysctl/unknown': {
    severity: 'warning',
    message: 'The kernel has no setting `{key}`.',
    hint: 'names begin with `net.`, `vm.`, `fs.`, `kernel.` or `user.`; `sysctl -a` on a node lists them',
  },
  'sysctl/bad-value': {
    severity: 'error',
    message: '`{key}` must be {expected}, not `{value}`: the kernel would refuse it.',
    hint: 'correct the value, or leave the setting out',
  },
  'sysctl/against-cluster': {
    severity: 'warning',
    message: '`{key}: {value}` works against the cluster: {reason}.',
    hint: 'leave it out; what the cluster needs is set without it',
  },
  'sysctl/overwritten': {
    severity: 'warning',
    message: '`{key}` has no effect: the kubelet sets it to {wanted} when it starts.',
    hint: 'leave it out',
  },
  'kernel/argument-breaks': {
    severity: 'error',
    message: 'The kernel argument `{argument}` does not go with the nodes: {reason}.',
    hint: 'remove it',
  },
  'kernel/argument-idle': {
    severity: 'warning',
    message: 'The kernel argument `{argument}` has no effect: {reason}.',
    hint: 'remove it',
  },
  'kernel/argument-value': {
    severity: 'warning',
    message: 'The kernel argument `{argument}` does no good: {reason}.',
    hint: 'correct its value, or remove it',
  },
  'kernel/argument-contradicted': {
    severity: 'warning',
    message: '`{other}` has no effect: `{argument}` comes after it.',
    hint: 'remove one of them',
  },
  'kernel/arguments-too-long': {
    severity: 'error',
    message: 'The kernel would cut off the last {excess} bytes of its arguments: it reads 2047.',
    hint: 'remove some of them; what `sysctl`, `kernel_modules` or a file below `/etc/modprobe.d` can say needs no argument',
  },
  'kernel/repeated': {
    severity: 'warning',
    message: '`{name}` is listed twice.',
    hint: 'remove one of them',
  },
} as const satisfies CodeTable;
