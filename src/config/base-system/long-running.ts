/**
 * Services of the node that are not of `Type=oneshot` and have one command: those of Debian trixie's packages, and ours and those
 * of Kubernetes from `overlays` and `templates`. Drop-in files may replace their command, but not add a second one.
 */
import { words } from './words.ts';

export const LONG_RUNNING = words(`
  NetworkManager.service chrony.service containerd.service dbus.service etcd.service haproxy.service keepalived.service
  kube-apiserver.service kube-controller-manager.service kube-proxy.service kube-scheduler.service kubelet.service ssh.service
  cluster-nodes-watch.service cluster-peers.service systemd-journald.service systemd-logind.service systemd-udevd.service
`);
