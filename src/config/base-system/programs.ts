/**
 * The programs of Debian trixie's base layer, by name: the files of the packages in every base layer, and of those of
 * Kubernetes nodes, in `/usr/bin` and `/usr/sbin`. `test/image/base-system/base-system.test.ts` compares it with a real base layer.
 */
import { words } from './words.ts';

const USER_PROGRAMS = words(`
  [ apt apt-cache apt-cdrom apt-config apt-get apt-mark arch awk b2sum base32 base64 basename basenc bash bashbug
  busctl busybox c_rehash captoinfo cat chage chattr chcon chfn chgrp chmod choom chown chronyc chrt chsh cksum clear
  clear_console cmp comm containerd containerd-shim containerd-shim-runc-v1 containerd-shim-runc-v2 cp cpio csplit
  ctr ctstat curl cut cvtsudoers dash date dbus-cleanup-sockets dbus-daemon dbus-monitor dbus-run-session dbus-send
  dbus-update-activation-environment dbus-uuidgen dd deb-systemd-helper deb-systemd-invoke debconf
  debconf-apt-progress debconf-communicate debconf-copydb debconf-escape debconf-set-selections debconf-show df diff
  diff3 dir dircolors dirname dmesg dnsdomainname domainname dpkg dpkg-deb dpkg-divert dpkg-maintscript-helper
  dpkg-query dpkg-realpath dpkg-split dpkg-statoverride dpkg-trigger du echo editor efibootdump efibootmgr egrep env envsubst etcd etcdctl
  etcdutl expand expiry expr factor fallocate false fgrep filan find findmnt flock fmt fold free genhash getconf
  getent getopt gettext gettext.sh gpasswd grep groups grub-editenv grub-file grub-fstest grub-glue-efi grub-kbdcomp
  grub-menulst2cfg grub-mkfont grub-mkimage grub-mklayout grub-mknetdir grub-mkpasswd-pbkdf2 grub-mkrelpath
  grub-mkrescue grub-mkstandalone grub-mount grub-render-label grub-script-check grub-syslinux2cfg gunzip gzexe gzip
  hardlink head hostid hostname hostnamectl i386 iconv id infocmp infotocap install ionice ip ipcmk ipcrm ipcs
  iptables-xml ischroot join journalctl jq kernel-install kill kmod ld.so ldd less lessecho lessfile lesskey lesspipe
  link linux-check-removal linux-run-hooks linux-update-symlinks linux-version linux32 linux64 live-boot
  live-swapfile ln lnstat locale localectl localedef logger login loginctl logname ls lsattr lsblk lscpu lsinitramfs
  lsipc lslocks lslogins lsmem lsmod lsns mawk mcookie md5sum mkdir mkfifo mknod mktemp mokutil more mount mountpoint
  mt mt-gnu mv namei nano nawk networkctl newgrp ngettext nice nisdomainname nl nm-online nmcli nmtui nmtui-connect
  nmtui-edit nmtui-hostname nohup nproc nsenter nstat numfmt od openssl pager partx passwd paste pathchk perl pgrep
  pico pidof pidwait ping ping4 ping6 pinky pkill pldd pmap pr printenv printf prlimit procan ps ptx pwd pwdx pzstd
  rbash rdma readlink realpath rename.ul renice reset rev rgrep rm rmdir rnano routel rtstat run-parts run0 runc
  runcon savelog scp script scriptlive scriptreplay sdiff sed select-editor sensible-browser sensible-editor
  sensible-pager sensible-terminal seq setarch setpriv setsid setterm sftp sg sh sha1sum sha224sum sha256sum
  sha384sum sha512sum shred shuf skill slabtop sleep snice socat socat-broker.sh socat-chain.sh socat-mux.sh socat1
  sort split sqv ss ssh ssh-add ssh-agent ssh-argv0 ssh-copy-id ssh-keygen ssh-keyscan stat stdbuf stty su sudo
  sudoedit sudoreplay sum sync systemctl systemd-ac-power systemd-analyze systemd-ask-password systemd-cat
  systemd-cgls systemd-cgtop systemd-confext systemd-creds systemd-delta systemd-detect-virt systemd-escape
  systemd-firstboot systemd-hwdb systemd-id128 systemd-inhibit systemd-machine-id-setup systemd-mount systemd-notify
  systemd-path systemd-repart systemd-run systemd-socket-activate systemd-stdio-bridge systemd-sysext
  systemd-sysusers systemd-tmpfiles systemd-tty-ask-password-agent systemd-umount systemd-vpick tabs tac tail tar
  taskset tee tempfile test tic timedatectl timeout tload toe top touch tput tr true truncate tset tsort tty tzselect
  ucf ucfq ucfr uclampset udevadm umount uname uncompress unexpand uniq unlink unmkinitramfs unshare unzstd
  update-alternatives uptime users varlinkctl vdir vmstat w wall watch wc wcurl wdctl whereis which which.debianutils
  who whoami x86_64 xargs yes ypdomainname zcat zcmp zdiff zdump zegrep zfgrep zforce zgrep zless zmore znew zstd
  zstdcat zstdgrep zstdless zstdmt
`);

const SYSTEM_PROGRAMS = words(`
  NetworkManager add-shell addgroup adduser agetty arpd arptables arptables-nft arptables-nft-restore
  arptables-nft-save arptables-restore arptables-save arptables-translate badblocks blkdeactivate blkdiscard blkid
  blkzone blockdev bridge capsh cfdisk chcpu chgpasswd chmem chpasswd chronyd chroot conntrack dcb debugfs delgroup
  deluser depmod devlink dmsetup dmstats dosfsck dosfslabel dpkg-preconfigure dpkg-reconfigure dumpe2fs e2freefrag
  e2fsck e2image e2label e2mmpstatus e2scrub e2scrub_all e2undo e4crypt e4defrag ebtables ebtables-nft
  ebtables-nft-restore ebtables-nft-save ebtables-restore ebtables-save ebtables-translate ethtool faillock fatlabel
  fdisk filefrag findfs fsck fsck.ext2 fsck.ext3 fsck.ext4 fsck.fat fsck.msdos fsck.vfat fsfreeze fstab-decode fstrim
  genl getcap getpcaps getty groupadd groupdel groupmod grpck grpconv grpunconv grub-install grub-macbless
  grub-mkconfig grub-mkdevicemap grub-probe grub-reboot grub-set-default halog halt haproxy iconvconfig init insmod
  installkernel invoke-rc.d ip ip6tables ip6tables-apply ip6tables-legacy ip6tables-legacy-restore
  ip6tables-legacy-save ip6tables-nft ip6tables-nft-restore ip6tables-nft-save ip6tables-restore
  ip6tables-restore-translate ip6tables-save ip6tables-translate ipset ipset-translate iptables iptables-apply
  iptables-legacy iptables-legacy-restore iptables-legacy-save iptables-nft iptables-nft-restore iptables-nft-save
  iptables-restore iptables-restore-translate iptables-save iptables-translate isosize iucode-tool iucode_tool keepalived killall5 ldattach
  ldconfig logsave losetup lsmod mkdosfs mke2fs mkfs mkfs.ext2 mkfs.ext3 mkfs.ext4 mkfs.fat mkfs.msdos mkfs.vfat
  mkhomedir_helper mkinitramfs mklost+found mkswap modinfo modprobe newusers nfnl_osf nft nologin pam-auth-update
  pam_getenv pam_namespace_helper pam_timestamp_check pivot_root poweroff pwck pwconv pwhistory_helper pwunconv
  readprofile reboot remove-shell resize2fs rmmod rmt rmt-tar rtacct rtcwake rtmon runc runlevel runuser service
  setcap sfdisk shadowconfig shutdown sshd start-stop-daemon sudo_logsrvd sudo_sendlog sulogin swaplabel swapoff
  swapon switch_root sysctl tarcat tc telinit tipc tune2fs unix_chkpwd unix_update update-ca-certificates update-grub
  update-grub2 update-initramfs update-passwd update-rc.d update-secureboot-policy update-shells useradd userdel
  usermod vdpa vigr vipw visudo wipefs xtables-legacy-multi xtables-monitor xtables-nft-multi zic zramctl
`);

/** Absolute folders of programs, and the names in them; `/bin` and `/sbin` are links (Debian policy, usr-merge). */
export const BASE_PROGRAMS: Readonly<Record<string, ReadonlySet<string>>> = {
  '/usr/bin': USER_PROGRAMS,
  '/usr/sbin': SYSTEM_PROGRAMS,
};

/** Programs that cannot be replaced by a script, because they are needed to start scripts. */
export const FIRST_PROGRAMS = words(`bash dash env init ld.so mount sh systemctl systemd-tmpfiles udevadm umount`);

/** systemd itself, and libraries by the names that the loader looks for (ld.so(8)). */
export const SYSTEM_BINARIES: readonly (readonly [path: RegExp, kind: string])[] = [
  [/^\/usr\/lib\/systemd\/systemd(-[a-z0-9-]+)?$/, 'program'],
  [/^\/usr\/lib(64|\/x86_64-linux-gnu)\/(.*\/)?[^/]+\.so(\.[0-9.]+)$/, 'library'],
  [/^\/usr\/lib\/(x86_64-linux-gnu\/security|systemd)\/[^/]+\.so$/, 'library'],
  [/^\/usr\/lib\/modules\/.+\.ko$/, 'kernel module'],
];

/** Programs that coldstart puts into `/usr/local/bin`: the scripts of `overlays/`, and the programs of Kubernetes. */
export const OWN_PROGRAMS = words(`
  am-i-first-master.sh await-service.sh bootstrap-ceph.sh bootstrap-first-master.sh check-bootstrap-status.sh
  cluster-addons.sh cluster-artifacts.sh cluster-bootstrap-orchestrator.sh cluster-ceph-disk.sh
  cluster-ceph-monitors.sh cluster-ceph-recover.sh cluster-ceph-remove.sh cluster-data-disks.sh cluster-detect.sh cluster-disk.sh
  cluster-etcd-restore.sh cluster-etcd-snapshot.sh cluster-fetch.sh cluster-health.sh cluster-hooks.sh cluster-images.sh
  cluster-install.sh cluster-join.sh cluster-lock.sh cluster-mark-good.sh cluster-nodes.sh cluster-peers.sh cluster-pod-routes.sh
  cluster-report.sh cluster-rollout.sh cluster-ssh-keys.sh cluster-state.sh cluster-support.sh cluster-update.sh cluster-var.sh
  cluster-watch.sh configure-network.sh join-additional-master.sh join-worker.sh reset-bootstrap.sh kubectl kubelet
  kube-proxy kube-apiserver kube-controller-manager kube-scheduler
`);
