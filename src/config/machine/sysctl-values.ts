/**
 * Values that the kernel accepts for its settings (kernel 6.12: admin-guide/sysctl, networking/ip-sysctl; the tables in
 * kernel/sysctl.c, mm/, fs/, net/core/sysctl_net_core.c, net/ipv4/sysctl_net_ipv4.c). Other settings are not checked.
 */

const INT = 2 ** 31 - 1;
/** The maximum of an `unsigned long`, rounded to the nearest JavaScript number. */
const LONG = 2 ** 64;

/** Minimum and maximum, with the settings that accept every whole number between them. */
const RANGES: readonly (readonly [least: number, most: number, keys: string])[] = [
  [0, 1, 'fs.protected_hardlinks fs.protected_symlinks kernel.dmesg_restrict kernel.hardlockup_panic'],
  [0, 1, 'kernel.nmi_watchdog kernel.panic_on_warn kernel.sched_autogroup_enabled kernel.shm_rmid_forced'],
  [0, 1, 'kernel.soft_watchdog kernel.softlockup_panic kernel.timer_migration kernel.watchdog'],
  [0, 1, 'vm.compact_unevictable_allowed vm.memory_failure_early_kill vm.memory_failure_recovery'],
  [0, 1, 'vm.unprivileged_userfaultfd'],
  [0, 2, 'fs.protected_fifos fs.protected_regular fs.suid_dumpable kernel.io_uring_disabled kernel.kptr_restrict'],
  [0, 2, 'kernel.unprivileged_bpf_disabled net.core.bpf_jit_harden net.ipv4.tcp_tw_reuse'],
  [0, 2, 'vm.overcommit_memory vm.panic_on_oom'],
  [0, 3, 'kernel.yama.ptrace_scope'],
  [0, 31, 'vm.page-cluster'],
  [0, 60, 'kernel.watchdog_thresh'],
  [0, 100, 'kernel.perf_cpu_time_max_percent vm.compaction_proactiveness vm.dirty_background_ratio vm.dirty_ratio'],
  [0, 100, 'vm.min_slab_ratio vm.min_unmapped_ratio'],
  [0, 200, 'vm.swappiness'],
  [0, 255, 'net.ipv4.tcp_keepalive_probes net.ipv4.tcp_mtu_probing net.ipv4.tcp_retries2 net.ipv4.tcp_sack'],
  [0, 255, 'net.ipv4.tcp_slow_start_after_idle net.ipv4.tcp_syncookies net.ipv4.tcp_timestamps'],
  [0, 1000, 'vm.extfrag_threshold'],
  [0, 65_535, 'kernel.overflowgid kernel.overflowuid net.ipv4.ip_unprivileged_port_start'],
  [0, INT, 'fs.inotify.max_queued_events fs.inotify.max_user_instances fs.inotify.max_user_watches'],
  [0, INT, 'kernel.hung_task_check_count net.core.somaxconn net.netfilter.nf_conntrack_max'],
  [0, INT, 'net.ipv4.neigh.default.gc_thresh1 net.ipv4.neigh.default.gc_thresh2 net.ipv4.neigh.default.gc_thresh3'],
  [0, INT, 'net.ipv6.neigh.default.gc_thresh1 net.ipv6.neigh.default.gc_thresh2 net.ipv6.neigh.default.gc_thresh3'],
  [0, INT, 'vm.dirty_expire_centisecs vm.max_map_count vm.min_free_kbytes vm.vfs_cache_pressure'],
  [0, INT, 'vm.watermark_boost_factor'],
  [0, LONG, 'fs.aio-max-nr fs.epoll.max_user_watches fs.file-max fs.pipe-user-pages-hard fs.pipe-user-pages-soft'],
  [0, LONG, 'kernel.hung_task_timeout_secs kernel.shmall kernel.shmmax vm.admin_reserve_kbytes'],
  [0, LONG, 'vm.dirty_background_bytes vm.dirty_bytes vm.mmap_min_addr vm.nr_hugepages vm.nr_overcommit_hugepages'],
  [0, LONG, 'net.ipv4.tcp_mem net.ipv4.udp_mem vm.overcommit_kbytes vm.user_reserve_kbytes'],
  [-1, INT, 'kernel.hung_task_warnings kernel.sched_rt_runtime_us'],
  [1, 4, 'vm.drop_caches'],
  [1, 127, 'net.ipv4.tcp_syn_retries'],
  [1, 255, 'net.ipv4.ip_default_ttl'],
  [1, 3000, 'vm.watermark_scale_factor'],
  [1, INT, 'kernel.perf_event_max_sample_rate kernel.sched_rt_period_us net.ipv4.tcp_rmem net.ipv4.tcp_wmem'],
  [1, 0x3f_ff_ff_ff, 'kernel.threads-max'],
  [64, 2 ** 31 - 64, 'fs.nr_open'],
  [301, 4_194_304, 'kernel.pid_max'],
  [2048, INT, 'net.core.rmem_default net.core.rmem_max net.core.wmem_default net.core.wmem_max'],
];

const RANGE_OF = new Map(RANGES.flatMap(([least, most, keys]) => keys.split(' ').map((key) => [key, [least, most]])));

/** Settings with three numbers; all others in the table have one. */
const TRIPLES = new Set(['net.ipv4.tcp_mem', 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem', 'net.ipv4.udp_mem']);

/** Other settings with one or several whole numbers, separated by blanks. */
const NUMERIC = new RegExp(
  `^(${[
    String.raw`vm\..+`,
    String.raw`user\..+`,
    String.raw`fs\.(aio-|epoll|file-|inotify|lease|mount-|mqueue|nr_open|pipe|protected_|suid_).*`,
    String.raw`kernel\.(dmesg_restrict|kptr_restrict|panic.*|perf_event_.*|pid_max|printk|randomize_va_space|sem|shm.*|sysrq|threads-max)`,
    String.raw`kernel\.(hung_task_.+|keys\..+|msg(max|mnb|mni)|numa_balancing|sched_.+|(soft|nmi_)?watchdog.*)`,
    String.raw`net\.bridge\.bridge-nf-.+`,
    String.raw`net\.core\.(netdev_(max_backlog|budget.*)|somaxconn|optmem_max|[rw]mem_(max|default)|bpf_jit_.+)`,
    String.raw`net\.netfilter\.nf_conntrack_.+`,
    String.raw`net\.ipv4\.(icmp_.+|ip_(forward|local_port_range|nonlocal_bind|default_ttl|unprivileged_port_start))`,
    String.raw`net\.ipv4\.tcp_(?!.*(congestion_control|key|ulp)).+`,
    String.raw`net\.ipv[46]\.conf\.[^.]+\.(?!stable_secret$).+`,
    String.raw`net\.ipv[46]\.neigh\.[^.]+\..+`,
  ].join('|')})$`,
);

/** Settings of `NUMERIC` for which the kernel refuses negative numbers. */
const NATURAL =
  /^(user\.max_|kernel\.(keys\.|msg(max|mnb|mni)$|shmmni$)|fs\.(mount-max|mqueue\.msg)|vm\.hugetlb_shm_group$)/;

/** The requirement that a value does not meet, as the end of "must be …"; undefined if the value may be valid. */
export function expectedInstead(key: string, value: string): string | undefined {
  const isNumber = /^-?(0x[0-9a-f]+|\d+)( +-?(0x[0-9a-f]+|\d+))*$/i.test(value);
  const numbers = isNumber ? value.split(/ +/).map(toNumber) : [];
  const [least, most] = RANGE_OF.get(key) ?? (NATURAL.test(key) ? [0, LONG] : []);
  if (least !== undefined && most !== undefined) {
    const isFew = numbers.length > 0 && numbers.length <= (TRIPLES.has(key) ? 3 : 1);
    return isFew && numbers.every((one) => one >= least && one <= most) ? undefined : inWords(key, least, most);
  }
  if (key === 'net.ipv4.ip_local_port_range') return isPortRange(numbers) ? undefined : 'two ports, the lower first';
  return NUMERIC.test(key) && !isNumber ? 'a whole number' : undefined;
}

const toNumber = (text: string): number => (text.startsWith('-') ? -Number(text.slice(1)) : Number(text));

function inWords(key: string, least: number, most: number): string {
  const what = TRIPLES.has(key) ? 'three whole numbers' : 'a whole number';
  return most === LONG ? `${what} of at least ${least}` : `${what} from ${least} to ${most}`;
}

function isPortRange([low = 0, high = 0, ...rest]: readonly number[]): boolean {
  return rest.length === 0 && low >= 1 && low <= high && high <= 65_535;
}
