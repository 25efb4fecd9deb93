/**
 * Every setting of every section that systemd 257 knows, with the form of its value if that is a simple one.
 * Made from `systemd --dump-configuration-items`; `test/image/base-system/units-oracle.test.ts` compares it with that of the base layer.
 */

/** The forms of values that are checked by their form; all others are `other`. */
export type Form = 'boolean' | 'span' | 'mode' | 'path' | 'paths' | 'condition' | 'command' | 'other';

type Listed = Readonly<Partial<Record<Form, string>>>;

/** Settings of resource control (systemd.resource-control(5)), for units with a cgroup. */
const CONTROL_GROUP: Listed = {
  boolean: `
    BlockIOAccounting CPUAccounting CoredumpReceive IOAccounting IPAccounting MemoryAccounting MemoryZSwapWriteback
    TasksAccounting
  `,
  span: `
    MemoryPressureThresholdSec
  `,
  other: `
    AllowedCPUs AllowedMemoryNodes BPFProgram BlockIODeviceWeight BlockIOReadBandwidth BlockIOWeight
    BlockIOWriteBandwidth CPUQuota CPUQuotaPeriodSec CPUShares CPUWeight DefaultMemoryLow DefaultMemoryMin
    DefaultStartupMemoryLow Delegate DelegateSubgroup DeviceAllow DevicePolicy DisableControllers
    IODeviceLatencyTargetSec IODeviceWeight IOReadBandwidthMax IOReadIOPSMax IOWeight IOWriteBandwidthMax
    IOWriteIOPSMax IPAddressAllow IPAddressDeny IPEgressFilterPath IPIngressFilterPath ManagedOOMMemoryPressure
    ManagedOOMMemoryPressureDurationSec ManagedOOMMemoryPressureLimit ManagedOOMPreference ManagedOOMSwap MemoryHigh
    MemoryLimit MemoryLow MemoryMax MemoryMin MemoryPressureWatch MemorySwapMax MemoryZSwapMax NFTSet
    RestrictNetworkInterfaces Slice SocketBindAllow SocketBindDeny StartupAllowedCPUs StartupAllowedMemoryNodes
    StartupBlockIOWeight StartupCPUShares StartupCPUWeight StartupIOWeight StartupMemoryHigh StartupMemoryLow
    StartupMemoryMax StartupMemorySwapMax StartupMemoryZSwapMax TasksMax
  `,
};

/** Settings of units that start processes (systemd.exec(5), systemd.kill(5)). */
const PROCESSES: Listed = {
  boolean: `
    CPUSchedulingResetOnFork DynamicUser IgnoreSIGPIPE LockPersonality MemoryDenyWriteExecute NoNewPrivileges
    PrivateDevices PrivateIPC PrivateNetwork ProtectClock ProtectHostname ProtectKernelLogs ProtectKernelModules
    ProtectKernelTunables RemoveIPC RestrictRealtime RestrictSUIDSGID RootEphemeral SendSIGHUP SendSIGKILL
    SyslogLevelPrefix TTYReset TTYVHangup TTYVTDisallocate
  `,
  span: `
    LogRateLimitIntervalSec TimeoutCleanSec
  `,
  mode: `
    CacheDirectoryMode ConfigurationDirectoryMode LogsDirectoryMode RuntimeDirectoryMode StateDirectoryMode UMask
  `,
  path: `
    ExecSearchPath IPCNamespacePath NetworkNamespacePath RootDirectory RootImage RootVerity TTYPath
  `,
  paths: `
    ExecPaths ExtensionDirectories InaccessibleDirectories InaccessiblePaths NoExecPaths ReadOnlyDirectories
    ReadOnlyPaths ReadWriteDirectories ReadWritePaths
  `,
  other: `
    AmbientCapabilities AppArmorProfile BindLogSockets BindPaths BindReadOnlyPaths CPUAffinity CPUSchedulingPolicy
    CPUSchedulingPriority CacheDirectory CapabilityBoundingSet ConfigurationDirectory CoredumpFilter Environment
    EnvironmentFile ExtensionImagePolicy ExtensionImages FinalKillSignal Group IOSchedulingClass
    IOSchedulingPriority ImportCredential KeyringMode KillMode KillSignal LimitAS LimitCORE LimitCPU LimitDATA
    LimitFSIZE LimitLOCKS LimitMEMLOCK LimitMSGQUEUE LimitNICE LimitNOFILE LimitNPROC LimitRSS LimitRTPRIO
    LimitRTTIME LimitSIGPENDING LimitSTACK LoadCredential LoadCredentialEncrypted LogExtraFields LogFilterPatterns
    LogLevelMax LogNamespace LogRateLimitBurst LogsDirectory MemoryKSM MountAPIVFS MountFlags MountImagePolicy
    MountImages NUMAMask NUMAPolicy Nice OOMScoreAdjust PAMName PassEnvironment Personality PrivateMounts
    PrivatePIDs PrivateTmp PrivateUsers ProcSubset ProtectControlGroups ProtectHome ProtectProc ProtectSystem
    RestartKillSignal RestrictAddressFamilies RestrictFileSystems RestrictNamespaces RootHash RootHashSignature
    RootImageOptions RootImagePolicy RuntimeDirectory RuntimeDirectoryPreserve SELinuxContext SecureBits
    SetCredential SetCredentialEncrypted SetLoginEnvironment SmackProcessLabel StandardError StandardInput
    StandardInputData StandardInputText StandardOutput StateDirectory SupplementaryGroups SyslogFacility
    SyslogIdentifier SyslogLevel SystemCallArchitectures SystemCallErrorNumber SystemCallFilter SystemCallLog
    TTYColumns TTYRows TemporaryFileSystem TimerSlackNSec UnsetEnvironment User UtmpIdentifier UtmpMode
    WatchdogSignal WorkingDirectory
  `,
};

const OWN: Readonly<Record<string, Listed>> = {
  Unit: {
    boolean: `
      AllowIsolate DefaultDependencies IgnoreOnIsolate OnFailureIsolate RefuseManualStart RefuseManualStop
      StopWhenUnneeded SurviveFinalKillSignal
    `,
    span: `
      StartLimitInterval StartLimitIntervalSec
    `,
    path: `
      SourcePath
    `,
    paths: `
      RequiresMountsFor WantsMountsFor
    `,
    condition: `
      AssertDirectoryNotEmpty AssertFileIsExecutable AssertFileNotEmpty AssertNeedsUpdate AssertPathExists
      AssertPathExistsGlob AssertPathIsDirectory AssertPathIsEncrypted AssertPathIsMountPoint AssertPathIsReadWrite
      AssertPathIsSymbolicLink ConditionDirectoryNotEmpty ConditionFileIsExecutable ConditionFileNotEmpty
      ConditionNeedsUpdate ConditionPathExists ConditionPathExistsGlob ConditionPathIsDirectory
      ConditionPathIsEncrypted ConditionPathIsMountPoint ConditionPathIsReadWrite ConditionPathIsSymbolicLink
    `,
    other: `
      After AssertACPower AssertArchitecture AssertCPUFeature AssertCPUPressure AssertCPUs AssertCapability
      AssertControlGroupController AssertCredential AssertEnvironment AssertFirstBoot AssertGroup AssertHost
      AssertIOPressure AssertKernelCommandLine AssertKernelVersion AssertMemory AssertMemoryPressure AssertOSRelease
      AssertSecurity AssertUser AssertVirtualization Before BindTo BindsTo CollectMode ConditionACPower
      ConditionArchitecture ConditionCPUFeature ConditionCPUPressure ConditionCPUs ConditionCapability
      ConditionControlGroupController ConditionCredential ConditionEnvironment ConditionFirmware ConditionFirstBoot
      ConditionGroup ConditionHost ConditionIOPressure ConditionKernelCommandLine ConditionKernelVersion
      ConditionMemory ConditionMemoryPressure ConditionOSRelease ConditionSecurity ConditionUser
      ConditionVirtualization Conflicts Description Documentation FailureAction FailureActionExitStatus
      JobRunningTimeoutSec JobTimeoutAction JobTimeoutRebootArgument JobTimeoutSec JoinsNamespaceOf OnFailure
      OnFailureJobMode OnSuccess OnSuccessJobMode PartOf PropagateReloadFrom PropagateReloadTo PropagatesReloadTo
      PropagatesStopTo RebootArgument ReloadPropagatedFrom Requires RequiresOverridable Requisite
      RequisiteOverridable StartLimitAction StartLimitBurst StopPropagatedFrom SuccessAction SuccessActionExitStatus
      Upholds Wants
    `,
  },
  Install: {
    other: `
      Alias Also DefaultInstance RequiredBy UpheldBy WantedBy
    `,
  },
  Service: {
    boolean: `
      GuessMainPID NonBlocking PermissionsStartOnly RemainAfterExit RootDirectoryStartOnly
    `,
    span: `
      RestartMaxDelaySec RestartSec RuntimeMaxSec RuntimeRandomizedExtraSec StartLimitInterval TimeoutSec
      TimeoutStartSec WatchdogSec
    `,
    path: `
      USBFunctionDescriptors USBFunctionStrings
    `,
    command: `
      ExecCondition ExecReload ExecStart ExecStartPost ExecStartPre ExecStop ExecStopPost
    `,
    other: `
      BusName ExitType FailureAction FileDescriptorStoreMax FileDescriptorStorePreserve NotifyAccess OOMPolicy
      OpenFile PIDFile RebootArgument ReloadSignal Restart RestartForceExitStatus RestartMode
      RestartPreventExitStatus RestartSteps Sockets StartLimitAction StartLimitBurst SuccessExitStatus
      TimeoutAbortSec TimeoutStartFailureMode TimeoutStopFailureMode TimeoutStopSec Type
    `,
  },
  Socket: {
    boolean: `
      Accept Broadcast FlushPending FreeBind KeepAlive NoDelay PassCredentials PassFileDescriptorsToExec
      PassPacketInfo PassSecurity RemoveOnStop ReusePort SELinuxContextFromNet Transparent Writable
    `,
    span: `
      DeferAcceptSec KeepAliveIntervalSec KeepAliveTimeSec PollLimitIntervalSec TriggerLimitIntervalSec
    `,
    mode: `
      DirectoryMode SocketMode
    `,
    command: `
      ExecStartPost ExecStartPre ExecStopPost ExecStopPre
    `,
    other: `
      Backlog BindIPv6Only BindToDevice FileDescriptorName IPTOS IPTTL KeepAliveProbes ListenDatagram ListenFIFO
      ListenMessageQueue ListenNetlink ListenSequentialPacket ListenSpecial ListenStream ListenUSBFunction Mark
      MaxConnections MaxConnectionsPerSource MessageQueueMaxMessages MessageQueueMessageSize PipeSize PollLimitBurst
      Priority ReceiveBuffer SendBuffer Service SmackLabel SmackLabelIPIn SmackLabelIPOut SocketGroup SocketProtocol
      SocketUser Symlinks TCPCongestion TimeoutSec Timestamping TriggerLimitBurst
    `,
  },
  Timer: {
    boolean: `
      DeferReactivation FixedRandomDelay OnClockChange OnTimezoneChange Persistent RemainAfterElapse WakeSystem
    `,
    span: `
      AccuracySec RandomizedDelaySec
    `,
    other: `
      OnActiveSec OnBootSec OnCalendar OnStartupSec OnUnitActiveSec OnUnitInactiveSec Unit
    `,
  },
  Path: {
    boolean: `
      MakeDirectory
    `,
    span: `
      TriggerLimitIntervalSec
    `,
    mode: `
      DirectoryMode
    `,
    path: `
      DirectoryNotEmpty PathChanged PathExists PathExistsGlob PathModified
    `,
    other: `
      TriggerLimitBurst Unit
    `,
  },
  Mount: {
    boolean: `
      ForceUnmount LazyUnmount ReadWriteOnly SloppyOptions
    `,
    mode: `
      DirectoryMode
    `,
    path: `
      Where
    `,
    other: `
      Options TimeoutSec Type What
    `,
  },
  Automount: {
    mode: `
      DirectoryMode
    `,
    path: `
      Where
    `,
    other: `
      ExtraOptions TimeoutIdleSec
    `,
  },
  Swap: {
    other: `
      Options Priority TimeoutSec What
    `,
  },
  Slice: {},
};

const table = (...lists: readonly Listed[]): ReadonlyMap<string, Form> =>
  new Map(
    lists.flatMap((list) =>
      Object.entries(list).flatMap(([form, keys]) =>
        keys
          .trim()
          .split(/\s+/)
          .map((key) => [key, form as Form] as const),
      ),
    ),
  );

const EXTENDED: Readonly<Record<string, readonly Listed[]>> = {
  Service: [PROCESSES, CONTROL_GROUP],
  Socket: [PROCESSES, CONTROL_GROUP],
  Mount: [PROCESSES, CONTROL_GROUP],
  Swap: [PROCESSES, CONTROL_GROUP],
  Slice: [CONTROL_GROUP],
};

/** The settings of a section, by the section's name. */
export const SETTINGS: Readonly<Record<string, ReadonlyMap<string, Form>>> = Object.fromEntries(
  Object.entries(OWN).map(([section, own]) => [section, table(own, ...(EXTENDED[section] ?? []))]),
);
