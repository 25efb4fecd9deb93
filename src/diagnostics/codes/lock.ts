/** Codes about the lock. */
import type { CodeTable } from './table.ts';

export const lockCodes = {
  'lock/duplicate': {
    severity: 'error',
    message: 'The lock pins `{name}` twice.',
    hint: 'delete coldstart.lock.yaml and create it again with `coldstart lock`',
  },
  'lock/unpinned': {
    severity: 'warning',
    message: '`coldstart.lock.yaml` does not pin {names}; {trust}.',
    hint: 'run `coldstart lock` and commit the file',
  },
  'lock/not-locked': {
    severity: 'error',
    message: '`coldstart.lock.yaml` does not pin {names}, but `--locked` was given.',
    hint: 'run `coldstart lock`, check the changes, and commit the file',
  },
  'lock/manifest-not-pinned': {
    severity: 'error',
    message: "`coldstart.lock.yaml` does not pin {urls}, which the masters apply with an administrator's rights.",
    hint: 'run `coldstart lock`, check the downloads, and commit the file; or use a folder that contains `manifests/` with --artifacts',
  },
  'lock/needed-for-drivers': {
    severity: 'warning',
    message: 'A build will fail: `coldstart.lock.yaml` does not pin {count} manifests of the drivers for Ceph volumes.',
    hint: 'run `coldstart lock` before the build, or use a folder that contains `manifests/` with --artifacts; `ceph.csi: false` omits the drivers',
  },
  'lock/needed-for-plain-http': {
    severity: 'error',
    message: 'The nodes would download programs from `{mirror}` without protection by TLS or by a digest in the lock.',
    hint: 'run `coldstart lock`, or use an https mirror',
  },
} as const satisfies CodeTable;
