/**
 * The check of each setting's value, in addition to the simple forms of `settings.ts`: why systemd ignores a value. Sources: the
 * man pages of the checks; `test/image/base-system/units-oracle.test.ts` compares the table with the systemd of the base layer.
 */
import { choiceFault } from './choices.ts';
import * as numbers from './numbers.ts';
import type { Form } from '../settings.ts';
import { formFault, span, type Check, type ValueFault } from './values.ts';
import * as words from './word-values.ts';

const { each, inverted, ofDevice } = words;
const { integer } = numbers;

const unsigned = integer(0, numbers.UNSIGNED);

type Kinds = readonly (readonly [settings: string, check: Check])[];

/** By setting, or by section and setting if another section has a setting of the same name. */
const PLAIN: Kinds = [
  // Numbers
  ['Nice', integer(-20, 19)],
  ['OOMScoreAdjust', integer(-1000, 1000)],
  ['CPUSchedulingPriority', integer(0, 99)],
  ['IOSchedulingPriority', integer(0, 7)],
  ['FailureActionExitStatus SuccessActionExitStatus', integer(0, 255)],
  ['Swap.Priority', integer(-1, 32_767)],
  ['Socket.Priority Mark IPTTL', integer(-(2 ** 31), 2 ** 31 - 1)],
  ['MessageQueueMaxMessages MessageQueueMessageSize', integer(0, Number.MAX_SAFE_INTEGER)],
  ['StartLimitBurst LogRateLimitBurst TriggerLimitBurst PollLimitBurst RestartSteps FileDescriptorStoreMax', unsigned],
  ['TTYRows TTYColumns Backlog MaxConnections MaxConnectionsPerSource KeepAliveProbes', unsigned],
  ['CPUWeight StartupCPUWeight', (value) => (value === 'idle' ? undefined : integer(1, 10_000)(value))],
  ['IOWeight StartupIOWeight', integer(1, 10_000)],
  ['TasksMax', numbers.tasks],
  ['CPUQuota', numbers.quota],
  ['ManagedOOMMemoryPressureLimit', numbers.percent],
  ['MemoryMax StartupMemoryMax MemoryHigh StartupMemoryHigh', numbers.someMemory],
  ['MemoryMin MemoryLow StartupMemoryLow DefaultMemoryMin DefaultMemoryLow DefaultStartupMemoryLow', numbers.memory],
  ['MemorySwapMax StartupMemorySwapMax MemoryZSwapMax StartupMemoryZSwapMax', numbers.memory],
  ['PipeSize ReceiveBuffer SendBuffer', numbers.size],
  ['LimitNOFILE LimitNPROC LimitLOCKS LimitSIGPENDING LimitRTPRIO', numbers.countLimit],
  ['LimitCORE LimitFSIZE LimitDATA LimitSTACK LimitRSS LimitAS LimitMEMLOCK LimitMSGQUEUE', numbers.sizeLimit],
  ['LimitCPU LimitRTTIME', numbers.timeLimit],
  ['LimitNICE', numbers.niceLimit],
  ['TimeoutStopSec TimeoutAbortSec CPUQuotaPeriodSec ManagedOOMMemoryPressureDurationSec TimeoutIdleSec', span],
  ['TimeoutSec JobTimeoutSec JobRunningTimeoutSec TimeoutStartSec', span],
  ['OnActiveSec OnBootSec OnStartupSec OnUnitActiveSec OnUnitInactiveSec', span],
  ['TimerSlackNSec', (value) => span(value.replaceAll(/(\d)\s*ns(ec)?\b/g, '$1'))],
  ['CPUAffinity', words.numberSet(8191, /^numa$/)],
  ['NUMAMask', words.numberSet(8191, /^all$/)],
  ['AllowedCPUs StartupAllowedCPUs AllowedMemoryNodes StartupAllowedMemoryNodes', words.numberSet(8191)],
  ['IOReadBandwidthMax IOWriteBandwidthMax IOReadIOPSMax IOWriteIOPSMax', ofDevice(numbers.rate)],
  ['IODeviceWeight', ofDevice(integer(1, 10_000))],
  ['IODeviceLatencyTargetSec', ofDevice(span)],
  // Names that systemd or the kernel know
  ['KillSignal RestartKillSignal FinalKillSignal WatchdogSignal ReloadSignal', words.signal],
  ['SuccessExitStatus RestartPreventExitStatus RestartForceExitStatus', each(words.exitStatus)],
  ['CapabilityBoundingSet AmbientCapabilities', words.capabilities],
  ['SystemCallFilter SystemCallLog', words.systemCalls],
  ['SystemCallArchitectures', words.architectures],
  ['RestrictNamespaces', words.namespaces],
  ['RestrictAddressFamilies', words.families],
  ['Delegate', words.controllers],
  ['StandardInput', words.stream('in')],
  ['StandardOutput StandardError', words.stream('out')],
];

/** Settings that allow specifiers (`%i`), whose values are not known here. */
const WITH_SPECIFIERS: Kinds = [
  // Lists of words
  ['Environment', each(words.assignment)],
  ['PassEnvironment', each(words.variable)],
  ['UnsetEnvironment', each(words.variableOrAssignment)],
  ['LogExtraFields', each(words.journalField)],
  ['RuntimeDirectory', each(words.ownFolder('/run'))],
  ['StateDirectory', each(words.ownFolder('/var/lib'))],
  ['CacheDirectory', each(words.ownFolder('/var/cache'))],
  ['LogsDirectory', each(words.ownFolder('/var/log'))],
  ['ConfigurationDirectory', each(words.ownFolder('/etc', false))],
  ['TemporaryFileSystem', each(words.pathWithOptions)],
  ['BindPaths BindReadOnlyPaths', each(words.bindMount)],
  ['IPAddressAllow IPAddressDeny', each(words.addresses)],
  ['RestrictNetworkInterfaces', inverted(each(words.networkInterface))],
  ['Documentation', each(words.uri)],
  ['DeviceAllow', words.device],
  ['SocketBindAllow SocketBindDeny', words.boundPort],
  ['LoadCredential', words.credential],
  ['BusName', words.busName],
  ['OpenFile', words.openFile],
  // Units
  [
    'After Before Requires Requisite Wants BindsTo Upholds PartOf Conflicts OnFailure OnSuccess',
    each(words.unitName()),
  ],
  ['PropagatesReloadTo ReloadPropagatedFrom PropagatesStopTo StopPropagatedFrom', each(words.unitName())],
  ['JoinsNamespaceOf', each(words.unitName())],
  ['Timer.Unit', words.triggeredUnit('timer')],
  ['Path.Unit', words.triggeredUnit('path')],
  ['Socket.Service', words.unitName('service')],
  ['Sockets', each(words.unitName('socket'))],
  ['Slice', words.unitName('slice')],
];

const tableOf = (kinds: Kinds): ReadonlyMap<string, Check> =>
  new Map(kinds.flatMap(([settings, check]) => settings.split(' ').map((key) => [key, check] as const)));

const [PLAIN_CHECKS, OTHER_CHECKS] = [tableOf(PLAIN), tableOf(WITH_SPECIFIERS)];

/** Settings for which systemd ignores an empty value. For all other settings, an empty value resets earlier values. */
const NEVER_EMPTY = new Set(
  (
    'Backlog BindIPv6Only BusName CollectMode CPUSchedulingPriority DevicePolicy ExitType FailureAction FileDescriptorStoreMax ' +
    'FileDescriptorStorePreserve FinalKillSignal IPTTL JobRunningTimeoutSec JobTimeoutAction JobTimeoutSec KeepAliveProbes ' +
    'KeyringMode KillSignal LimitAS LimitCORE LimitCPU LimitDATA LimitFSIZE LimitLOCKS LimitMEMLOCK LimitMSGQUEUE LimitNICE ' +
    'LimitNOFILE LimitNPROC LimitRSS LimitRTPRIO LimitRTTIME LimitSIGPENDING LimitSTACK LogLevelMax LogRateLimitBurst ' +
    'ManagedOOMPreference Mark MaxConnections MaxConnectionsPerSource MemoryPressureWatch MessageQueueMaxMessages ' +
    'MessageQueueMessageSize NotifyAccess OnFailureJobMode OnSuccessJobMode OOMPolicy Path.Unit PipeSize PollLimitBurst ' +
    'PrivatePIDs PrivateTmp PrivateUsers ProcSubset ProtectControlGroups ProtectHome ProtectProc ProtectSystem ReceiveBuffer ' +
    'ReloadSignal Restart RestartKillSignal RestartMode RestartSteps RuntimeDirectoryPreserve SendBuffer Service.Type Slice ' +
    'Socket.Priority Socket.Service SocketProtocol StandardError StandardInput StandardOutput StartLimitAction StartLimitBurst ' +
    'SuccessAction SyslogFacility SyslogLevel TimeoutIdleSec TimeoutSec TimeoutStartFailureMode TimeoutStopFailureMode ' +
    'TimeoutStopSec Timer.Unit TimerSlackNSec Timestamping TriggerLimitBurst UtmpMode WatchdogSignal'
  ).split(' '),
);

/** The fault of a value; undefined if no fault is known. */
export function valueFault(section: string, key: string, form: Form, value: string): ValueFault | undefined {
  const names = [`${section}.${key}`, key];
  if (value === '' && form === 'other') {
    return names.some((name) => NEVER_EMPTY.has(name)) ? { reason: `\`${key}=\` is empty` } : undefined;
  }
  const choice = choiceFault(section, key, value);
  if (choice !== undefined) return choice;
  const find = (checks: ReadonlyMap<string, Check>): Check | undefined =>
    names.map((name) => checks.get(name)).find(Boolean);
  const check = find(PLAIN_CHECKS) ?? (value.includes('%') ? undefined : find(OTHER_CHECKS));
  const reason = check?.(value) ?? formFault(form, value);
  return reason === undefined ? undefined : { reason: `\`${key}=\`: ${reason}` };
}
