/**
 * The units that Debian trixie's base layer has in `/usr/lib/systemd/system`: those of the packages in every base layer and
 * of Kubernetes nodes. `test/image/base-system/base-system.test.ts` compares the list with a real base layer.
 */
import { words } from './words.ts';

export const BASE_UNITS = words(`
  NetworkManager-dispatcher.service NetworkManager-wait-online.service NetworkManager.service
  apt-daily-upgrade.service apt-daily-upgrade.timer apt-daily.service apt-daily.timer autovt@.service basic.target
  blockdev@.target bluetooth.target boot-complete.target capsule.slice capsule@.service chrony-dnssrv@.service
  chrony-dnssrv@.timer chrony-wait.service chrony.service chronyd-restricted.service cni-dhcp.service cni-dhcp.socket
  console-getty.service container-getty@.service containerd.service cryptdisks-early.service cryptdisks.service
  ctrl-alt-del.target dbus-org.freedesktop.hostname1.service dbus-org.freedesktop.locale1.service
  dbus-org.freedesktop.login1.service dbus-org.freedesktop.timedate1.service dbus.service dbus.socket
  debug-shell.service default.target dev-hugepages.mount dev-mqueue.mount dpkg-db-backup.service dpkg-db-backup.timer
  e2scrub@.service e2scrub_all.service e2scrub_all.timer e2scrub_fail@.service e2scrub_reap.service emergency.service
  emergency.target etcd.service exit.target factory-reset.target final.target first-boot-complete.target
  fstrim.service fstrim.timer getty-pre.target getty-static.service getty.target getty@.service graphical.target
  grub-common.service halt.target haproxy.service hibernate.target hwclock.service hybrid-sleep.target
  initrd-cleanup.service initrd-fs.target initrd-parse-etc.service initrd-root-device.target initrd-root-fs.target
  initrd-switch-root.service initrd-switch-root.target initrd-udevadm-cleanup-db.service initrd-usr-fs.target
  initrd.target keepalived.service kexec.target kmod-static-nodes.service kmod.service ldconfig.service
  local-fs-pre.target local-fs.target machine.slice modprobe@.service multi-user.target network-online.target
  network-pre.target network.target nftables.service nm-priv-helper.service nss-lookup.target nss-user-lookup.target
  pam_namespace.service paths.target poweroff.target printer.target proc-sys-fs-binfmt_misc.automount
  proc-sys-fs-binfmt_misc.mount procps.service quotaon-root.service quotaon@.service rc-local.service reboot.target
  remote-fs-pre.target remote-fs.target rescue-ssh.target rescue.service rescue.target rpcbind.target run-lock.mount
  runlevel0.target runlevel1.target runlevel2.target runlevel3.target runlevel4.target runlevel5.target
  runlevel6.target serial-getty@.service shutdown.target sigpwr.target sleep.target slices.target smartcard.target
  sockets.target soft-reboot.target sound.target ssh-access.target ssh.service ssh.socket sshd-keygen.service
  sshd@.service storage-target-mode.target sudo.service suspend-then-hibernate.target suspend.target swap.target
  sys-fs-fuse-connections.mount sys-kernel-config.mount sys-kernel-debug.mount sys-kernel-tracing.mount
  sysinit.target syslog.socket system-update-cleanup.service system-update-pre.target system-update.target
  systemd-ask-password-console.path systemd-ask-password-console.service systemd-ask-password-wall.path
  systemd-ask-password-wall.service systemd-backlight@.service systemd-battery-check.service systemd-binfmt.service
  systemd-boot-check-no-failures.service systemd-bsod.service systemd-confext.service systemd-creds.socket
  systemd-creds@.service systemd-exit.service systemd-firstboot.service systemd-fsck-root.service
  systemd-fsck@.service systemd-growfs-root.service systemd-growfs@.service systemd-halt.service
  systemd-hibernate-clear.service systemd-hibernate-resume.service systemd-hibernate.service
  systemd-hostnamed.service systemd-hostnamed.socket systemd-hwdb-update.service systemd-hybrid-sleep.service
  systemd-initctl.service systemd-initctl.socket systemd-journal-catalog-update.service systemd-journal-flush.service
  systemd-journald-audit.socket systemd-journald-dev-log.socket systemd-journald-sync@.service
  systemd-journald-varlink@.socket systemd-journald.service systemd-journald.socket systemd-journald@.service
  systemd-journald@.socket systemd-kexec.service systemd-localed.service systemd-logind.service
  systemd-machine-id-commit.service systemd-modules-load.service systemd-network-generator.service
  systemd-networkd-persistent-storage.service systemd-networkd-wait-online.service
  systemd-networkd-wait-online@.service systemd-networkd.service systemd-networkd.socket systemd-pcrextend.socket
  systemd-pcrextend@.service systemd-pcrfs-root.service systemd-pcrfs@.service systemd-pcrlock-file-system.service
  systemd-pcrlock-firmware-code.service systemd-pcrlock-firmware-config.service systemd-pcrlock-machine-id.service
  systemd-pcrlock-make-policy.service systemd-pcrlock-secureboot-authority.service
  systemd-pcrlock-secureboot-policy.service systemd-pcrlock.socket systemd-pcrlock@.service
  systemd-pcrmachine.service systemd-pcrphase-initrd.service systemd-pcrphase-sysinit.service
  systemd-pcrphase.service systemd-poweroff.service systemd-pstore.service systemd-quotacheck-root.service
  systemd-quotacheck@.service systemd-random-seed.service systemd-reboot.service systemd-remount-fs.service
  systemd-repart.service systemd-rfkill.service systemd-rfkill.socket systemd-soft-reboot.service
  systemd-storagetm.service systemd-suspend-then-hibernate.service systemd-suspend.service systemd-sysctl.service
  systemd-sysext.service systemd-sysext.socket systemd-sysext@.service systemd-sysusers.service
  systemd-timedated.service systemd-tmpfiles-clean.service systemd-tmpfiles-clean.timer
  systemd-tmpfiles-setup-dev-early.service systemd-tmpfiles-setup-dev.service systemd-tmpfiles-setup.service
  systemd-tpm2-setup-early.service systemd-tpm2-setup.service systemd-udev-load-credentials.service
  systemd-udev-settle.service systemd-udev-trigger.service systemd-udevd-control.socket systemd-udevd-kernel.socket
  systemd-udevd.service systemd-update-done.service systemd-user-sessions.service systemd-volatile-root.service
  time-set.target time-sync.target timers.target tmp.mount tpm2.target udev.service umount.target usb-gadget.target
  user-runtime-dir@.service user.slice user@.service x11-common.service
`);

/** The units of coldstart on nodes, some only on nodes with a certain role. */
export const OWN_UNITS = words(`
  NetworkManager-wait-online.service apt-daily-upgrade.service apt-daily-upgrade.timer apt-daily.service
  apt-daily.timer ceph-crash.service cluster-addons.service cluster-artifacts.service cluster-bootstrap.service
  cluster-ceph-monitors.service cluster-ceph-monitors.timer cluster-ceph.service cluster-data-disks.service cluster-detect.service cluster-disk.service cluster-etcd-snapshot.service cluster-etcd-snapshot.timer cluster-fetch.service cluster-fetch.timer cluster-hooks@.service cluster-images.service cluster-install.service
  cluster-join.socket cluster-join@.service cluster-lock.socket cluster-lock@.service cluster-mark-good.service cluster-network.service cluster-nodes.service cluster-nodes.timer
  cluster-nodes-watch.service cluster-peers.service
  cluster-passwords.service cluster-pod-network.service cluster-ssh-keys.service cluster-state.service
  cluster-try-start.timer cluster-try.service cluster-try.timer cluster-var.service cluster-watch.service cluster-watch.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service etcd.service grub-common.service
  kube-apiserver.service kube-controller-manager.service kube-proxy.service kube-scheduler.service kubelet.service
  man-db.timer nvmefc-boot-connections.service nvmf-autoconnect.service sshd-keygen.service systemd-firstboot.service
  systemd-repart.service var-lib-containerd.mount var.mount
`);
