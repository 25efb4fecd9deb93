/**
 * The accounts and groups of Debian trixie's base layer: those of base-passwd and of the packages in every base layer and of
 * Kubernetes nodes. `test/image/base-system/base-system.test.ts` compares the lists with a real base layer.
 */
import { words } from './words.ts';

export const BASE_ACCOUNTS = words(`
  _apt _chrony backup bin daemon etcd games haproxy irc list lp mail man messagebus news nobody proxy root sshd sync
  sys systemd-network uucp www-data
`);

export const BASE_GROUPS = words(`
  _chrony _ssh adm audio backup bin cdrom clock daemon dialout dip disk etcd fax floppy games haproxy input irc kmem
  kvm list lp mail man messagebus netdev news nogroup operator plugdev proxy render root sasl sgx shadow src staff
  sudo sys systemd-journal systemd-network tape tty users utmp uucp video voice www-data
`);
