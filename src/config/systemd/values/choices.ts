/**
 * Settings with a fixed set of words. Sources: systemd.unit(5), systemd.service(5), systemd.socket(5), systemd.exec(5),
 * systemd.kill(5), systemd.resource-control(5); `yes` means all spellings of a boolean.
 */
import { BOOLEAN, type ValueFault } from './values.ts';
import { suggest } from '../../../diagnostics/suggest.ts';

const ACTIONS =
  'none reboot reboot-force reboot-immediate poweroff poweroff-force poweroff-immediate exit exit-force soft-reboot ' +
  'soft-reboot-force kexec kexec-force halt halt-force halt-immediate';
const LEVELS = 'emerg alert crit err warning notice info debug 0 1 2 3 4 5 6 7';
const JOB_MODES =
  'fail replace replace-irreversibly isolate flush ignore-dependencies ignore-requirements triggering restart-dependencies';

/** By setting, or by section and setting if another section has a setting of the same name. */
const CHOICES: Readonly<Record<string, string>> = {
  BindIPv6Only: 'default both ipv6-only',
  BindLogSockets: 'yes',
  CollectMode: 'inactive inactive-or-failed',
  CPUSchedulingPolicy: 'other batch idle fifo rr 0 1 2 3 5',
  DevicePolicy: 'auto closed strict',
  ExitType: 'main cgroup',
  FailureAction: ACTIONS,
  FileDescriptorStorePreserve: 'yes restart',
  IOSchedulingClass: 'none realtime best-effort idle 0 1 2 3 4 5 6 7',
  JobTimeoutAction: ACTIONS,
  KeyringMode: 'inherit private shared',
  KillMode: 'control-group process mixed none',
  LogLevelMax: LEVELS,
  ManagedOOMMemoryPressure: 'auto kill',
  ManagedOOMPreference: 'none avoid omit',
  ManagedOOMSwap: 'auto kill',
  MemoryKSM: 'yes',
  MemoryPressureWatch: 'yes auto skip',
  MountAPIVFS: 'yes',
  MountFlags: 'shared slave private',
  NotifyAccess: 'none main exec all',
  NUMAPolicy: 'default preferred bind interleave local',
  OnFailureJobMode: JOB_MODES,
  OnSuccessJobMode: JOB_MODES,
  OOMPolicy: 'continue stop kill',
  Personality: 'x86 x86-64',
  PrivateMounts: 'yes',
  PrivatePIDs: 'yes',
  PrivateTmp: 'yes disconnected',
  PrivateUsers: 'yes self identity',
  ProcSubset: 'all pid',
  ProtectControlGroups: 'yes private strict',
  ProtectHome: 'yes read-only tmpfs',
  ProtectProc: 'noaccess invisible ptraceable default',
  ProtectSystem: 'yes full strict',
  Restart: 'no on-success on-failure on-abnormal on-watchdog on-abort always',
  RestartMode: 'normal direct',
  RuntimeDirectoryPreserve: 'yes restart',
  'Service.Type': 'simple exec forking oneshot dbus notify notify-reload idle',
  SetLoginEnvironment: 'yes',
  SocketProtocol: 'udplite sctp mptcp',
  StartLimitAction: ACTIONS,
  SuccessAction: ACTIONS,
  SyslogFacility:
    'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ' +
    'local0 local1 local2 local3 local4 local5 local6 local7',
  SyslogLevel: LEVELS,
  TimeoutStartFailureMode: 'terminate abort kill',
  TimeoutStopFailureMode: 'terminate abort kill',
  Timestamping: 'off us usec µs μs ns nsec',
  UtmpMode: 'init login user',
};

/** The values that conditions compare with. systemd accepts every word, but other words never match. */
const CONDITIONS: Readonly<Record<string, string>> = {
  ACPower: 'yes',
  Architecture:
    'native x86 x86-64 arm arm-be arm64 arm64-be ia64 loongarch64 m68k mips mips-le mips64 mips64-le parisc parisc64 ppc ppc-le ' +
    'ppc64 ppc64-le riscv32 riscv64 s390 s390x sparc sparc64 alpha arc arc-be cris nios2 sh sh64 tilegx',
  FirstBoot: 'yes',
  Virtualization:
    'yes vm container private-users kvm amazon qemu bochs xen uml vmware oracle microsoft zvm parallels bhyve qnx acrn powervm ' +
    'apple sre google vm-other systemd-nspawn lxc-libvirt lxc openvz docker podman rkt wsl proot pouch container-other',
};

const NUMBERED: Readonly<Record<string, number>> = { SyslogFacility: 127 };

/** Why a word is not valid for a setting; undefined if it is, or if the setting is not in this table. */
export function choiceFault(section: string, key: string, value: string): ValueFault | undefined {
  const condition = /^(?:Condition|Assert)(.+)$/.exec(key)?.[1];
  const word = condition === undefined ? value : value.replace(/^\|?\s*!?\s*/, '');
  const listed = condition === undefined ? (CHOICES[`${section}.${key}`] ?? CHOICES[key]) : CONDITIONS[condition];
  if (listed === undefined || (condition !== undefined && word === '')) return undefined;
  const choices = listed.split(' ');
  if (choices.includes(word) || (choices.includes('yes') && BOOLEAN.test(word))) return undefined;
  if (/^\d+$/.test(word) && Number(word) <= (NUMBERED[key] ?? -1)) return undefined;
  return { reason: `\`${key}=\` cannot be \`${word}\``, hint: hintOf(word, choices) };
}

function hintOf(word: string, choices: readonly string[]): string {
  const named = choices.flatMap((one) => (one === 'yes' ? ['yes', 'no'] : /^\d+$/.test(one) ? [] : [one]));
  const meant = SYNONYMS[word.toLowerCase()] ?? suggest(word, named);
  if (meant !== undefined && named.includes(meant)) return `did you mean \`${meant}\`?`;
  return named.length > 12
    ? `it can be ${named.slice(0, 8).map(quote).join(', ')} and more`
    : `it can be ${named.map(quote).join(', ')}`;
}

const quote = (word: string): string => `\`${word}\``;

const SYNONYMS: Readonly<Record<string, string>> = {
  amd64: 'x86-64',
  x86_64: 'x86-64',
  aarch64: 'arm64',
  error: 'err',
  warn: 'warning',
  readonly: 'read-only',
};
