/**
 * Units of the base layer that nodes need to start: bootup(7) for the targets and systemd's own units; our units start after the
 * others. Units that may be masked are not listed: `swap.target`, `sleep.target`, `tmp.mount`.
 */
import { words } from './words.ts';

export const NEEDED_UNITS = words(`
  NetworkManager.service basic.target dbus.service dbus.socket default.target local-fs-pre.target local-fs.target
  multi-user.target network-online.target network-pre.target network.target paths.target shutdown.target
  sockets.target sysinit.target systemd-journald-dev-log.socket systemd-journald.service systemd-journald.socket
  systemd-logind.service systemd-modules-load.service systemd-sysctl.service systemd-sysusers.service
  systemd-tmpfiles-setup-dev-early.service systemd-tmpfiles-setup-dev.service systemd-tmpfiles-setup.service
  systemd-udev-trigger.service systemd-udevd-control.socket systemd-udevd-kernel.socket systemd-udevd.service
  systemd-user-sessions.service timers.target umount.target
`);

/** Units that members of Kubernetes need, too: the container runtime, and the proxy to the API servers. */
export const NEEDED_BY_MEMBERS = words(`containerd.service haproxy.service`);

/** A user may replace this unit on purpose, but then nobody can log in. */
export const LOGIN_UNIT = 'ssh.service';
