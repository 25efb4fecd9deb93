/** Modules of the base layer's kernel that clusters use, and the module that a mistyped name nearly is. */
import { editDistance } from '../../diagnostics/suggest.ts';
import { words } from './words.ts';

/** Of Debian's kernel 6.12; with `_`, as the kernel names them. Only those that are no near miss of another module there. */
const MODULES = words(`
  8021q algif_hash algif_skcipher bonding br_netfilter bridge btrfs ceph cifs coretemp cpuid dm_crypt dm_mod dm_multipath
  dm_snapshot dm_thin_pool erofs geneve i2c_dev ib_core ip6_tables ip6_udp_tunnel ip6table_filter ip6table_mangle
  ip_set ip_tables ip_vs ip_vs_rr ip_vs_wrr ipip ipmi_devintf ipmi_msghandler ipmi_si iptable_mangle iptable_nat ipvlan
  iscsi_tcp isofs lockd loop macvlan netconsole nf_conntrack nf_conntrack_netlink nf_tables nfnetlink nfsd nft_chain_nat
  nft_compat nft_masq nvme_fabrics openvswitch overlay raid456 rpcsec_gss_krb5 softdog squashfs target_core_mod
  target_core_user tcp_bbr udp_tunnel uio_pci_generic veth vfio vfio_iommu_type1 vfio_pci vhost vhost_net vhost_vsock
  vmxnet3 wireguard x_tables xt_addrtype xt_comment xt_conntrack xt_multiport
`);

/** Other modules and aliases of that kernel whose names are near to these. */
const NEIGHBOURS = words(`
  ip6table_nat ip_conntrack ip_conntrack_netlink ipt_addrtype ipt_conntrack ipt_multiport ipt_set iptable_filter md_mod
  nf_conntrack_2 nf_conntrack_7 nft_chain_1_nat nft_chain_2_nat
`);

/** The module whose name a mistyped one nearly is. Undefined for every module of the base layer, and for names that are near to none. */
export function meantModule(name: string): string | undefined {
  if (MODULES.has(name) || NEIGHBOURS.has(name)) return undefined;
  const most = name.length < 12 ? 1 : 2;
  return [...MODULES].find((other) => Math.min(name.length, other.length) > 4 && editDistance(name, other) <= most);
}
