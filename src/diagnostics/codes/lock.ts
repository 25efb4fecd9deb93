/** Codes about the lock and what it pins. */
import type { CodeTable } from './table.ts';

export const lockCodes = {
  'lock/duplicate': {
    severity: 'error',
    message: 'The lock pins `{name}` twice.',
    hint: 'delete coldstart.lock.yaml and write it anew with `coldstart lock`',
  },
  'lock/unpinned': {
    severity: 'warning',
    message: 'Not pinned by a digest in `coldstart.lock.yaml`: {names}; {trust}.',
    hint: 'run `coldstart lock` and commit the file',
  },
  'lock/not-locked': {
    severity: 'error',
    message: '`coldstart.lock.yaml` says nothing about {names}, and `--locked` was given.',
    hint: 'run `coldstart lock`, look at what changed, and commit the file',
  },
  'lock/manifest-not-pinned': {
    severity: 'error',
    message: "Applied with an administrator's rights, but pinned by no digest: {urls}.",
    hint: 'run `coldstart lock`, look at what it has pinned, and commit the file; or pass a folder with `manifests/` by --artifacts',
  },
  'lock/needed-for-drivers': {
    severity: 'warning',
    message: 'A build will refuse: {count} manifests of the drivers for volumes of Ceph are pinned by no digest yet.',
    hint: 'run `coldstart lock` before the build, or pass a folder with `manifests/` by --artifacts; `ceph.csi: false` leaves the drivers out',
  },
  'lock/needed-for-plain-http': {
    severity: 'error',
    message:
      'The nodes would fetch programs from `{mirror}`, where neither TLS nor a digest in the lock protects them.',
    hint: 'run `coldstart lock`, or use an https mirror',
  },
} as const satisfies CodeTable;
