/**
 * Values of settings, good and bad, for a line-by-line comparison with systemd: by section, each setting with usual
 * values and limits. The tests add empty values and specifiers for each setting.
 */
export const VALUES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Service: {
    'KillSignal RestartKillSignal FinalKillSignal WatchdogSignal ReloadSignal':
      'SIGTERM TERM 15 SIGFOO 9999 sigterm SIGRTMIN+3 RTMIN SIGRTMAX-1 0 64 65 -1 SIGRTMIN+30 RTMIN+31 SIGRTMAX-31 SIGPOLL ' +
      'SIGRTMIN-1 CLD STKFLT SIGPWR SIG15 RTMIN+ KILL 015',
    'Nice OOMScoreAdjust CPUSchedulingPriority IOSchedulingPriority':
      '0 1 7 8 19 20 99 100 -20 -21 1000 1001 -1000 -1001 +5 1.5 x 0x5 0b1 010 019 5% --1 1_0',
    'StartLimitBurst LogRateLimitBurst RestartSteps FileDescriptorStoreMax TTYRows TTYColumns':
      '0 5 -1 x 4294967295 4294967296 0x10 5.5',
    'CPUWeight StartupCPUWeight IOWeight StartupIOWeight': '1 0 100 10000 10001 idle x -1 +5 007 0x10 50%',
    TasksMax: '100 infinity 50% 0% 101% 0 -1 1K 1.5 x +5 1e3 4294967296 50.5%',
    CPUQuota: '50% 50 0% 200% abc 20.5% -5% 20.55% 20.555% % .5% 0.5% 50.% +50% 50%% 0.00%',
    ManagedOOMMemoryPressureLimit: '50% 50 50.5% 101% 0% 5.55% 5.555% 100% x',
    'MemoryMax StartupMemoryMax MemoryHigh MemoryMin MemoryLow DefaultMemoryLow MemorySwapMax MemoryZSwapMax':
      'lots 1G 1g 1GB 1.5G infinity 50% -1 0 1_G 1Gi 1024 101% 0% 100% 10.5% 1.5 1K5M 1M5K 1T1 16E 15E 1P 1. .5G 1..5 +1G 1B 5b ' +
      '1M1M inf 1,5G 0x10',
    'LimitNOFILE LimitNPROC LimitSIGPENDING LimitRTPRIO':
      'many 1024 1024:2048 2048:1024 infinity 1K 1024: :1024 1024:infinity infinity:5 -1 1:2:3 unlimited 0 +5 0x400 5.5 x:5',
    'LimitCORE LimitSTACK LimitMEMLOCK LimitAS LimitDATA LimitFSIZE LimitRSS LimitMSGQUEUE':
      'many 1G infinity 0 unlimited 1GB 1.5G:2G 2G:1G 1G:infinity 50% 64M:128M -1 1K:1M',
    'LimitCPU LimitRTTIME': '10 10s 1min x 10:20 2:1 infinity 5ms 1min:2min infinity:infinity 1.5',
    LimitNICE: '+5 -5 5 -21 20 41 x 0 infinity -20 +20 +19 40 -10:-20 -20:+19 +19:-20 40:1 1:2 +0',
    'TimeoutStopSec TimeoutAbortSec CPUQuotaPeriodSec ManagedOOMMemoryPressureDurationSec TimerSlackNSec RestartSec':
      '5 abc -5 5s 5x 1h30m',
    TimerSlackNSec: '5ns 5us 5nsec infinity 5n',
    CPUAffinity: '0 0-3 0,1 x 8191 8192 0-x numa 3-0 1- -1 0, ; 1,2-3 all',
    NUMAMask: '0 x all 0-1 numa',
    'AllowedCPUs StartupAllowedCPUs AllowedMemoryNodes': '0-1 x 0,5 9000 a-b',
    Restart: 'no always sometimes on-failure Always',
    RestartMode: 'normal direct x',
    KillMode: 'process mixed x',
    'ExitType NotifyAccess OOMPolicy': 'main all kill x stop cgroup Kill',
    'TimeoutStartFailureMode TimeoutStopFailureMode': 'terminate abort kill x',
    'StartLimitAction FailureAction': 'none reboot reboot-force poweroff exit halt kexec soft-reboot x Reboot shutdown',
    'FileDescriptorStorePreserve RuntimeDirectoryPreserve': 'yes restart x no true Restart',
    'PrivateTmp PrivateUsers PrivatePIDs PrivateMounts ProtectControlGroups':
      'maybe yes disconnected no self identity strict private x 1 Yes full',
    'ProtectSystem ProtectHome': 'perhaps strict full yes no true Strict read-only tmpfs readonly',
    'ProtectProc ProcSubset': 'noaccess invisible ptraceable default yes all pid x',
    'MountAPIVFS BindLogSockets MemoryKSM SetLoginEnvironment': 'yes off x',
    'UtmpMode KeyringMode': 'init login user inherit private shared x',
    'CPUSchedulingPolicy IOSchedulingClass': 'rr fifo other batch idle best-effort realtime none ext x 0 3',
    NUMAPolicy: 'default preferred bind interleave local x',
    Personality: 'x86 x86-64 arm64 x x86_64',
    MountFlags: 'shared slave private x',
    DevicePolicy: 'auto closed strict x',
    'SyslogLevel LogLevelMax': 'info warning warn err error crit emerg x 7 8 -1 Info',
    SyslogFacility: 'daemon local0 local8 x 0 127 128 authpriv security',
    'ManagedOOMSwap ManagedOOMMemoryPressure ManagedOOMPreference': 'auto kill none avoid omit x',
    MemoryPressureWatch: 'auto on off skip x yes',
    'StandardOutput StandardError':
      'journal null inherit tty kmsg file:/x file:x append:/x truncate:/x fd:stdout socket x journal+console /x file fd data append:x ' +
      'tty-force file:/a/../b kmsg+console null+console',
    StandardInput: 'null tty tty-force tty-fail data file:/x fd:x x socket inherit file:x kmsg',
    Environment: 'FOO FOO=bar "FOO=a_b" 1A=b A-B=c A="b A.B=x A== é=x =x A=b=c _A=1 "A"=b A=$B A=%n A=b;c A=\'x\'y',
    PassEnvironment: 'FOO 1A A=b A-B _b',
    UnsetEnvironment: 'FOO A=b 1A -x =b A=',
    LogExtraFields: 'A=b a=b A _A=b AB_1=x',
    RuntimeDirectory:
      '/run/x x ../x x/y x:y . x/../y x//y "a|b" ./x private private/x ~ a:b:c a:b:ro :a private:x x:private a::ro x/ é $X a,b ..x',
    'StateDirectory CacheDirectory LogsDirectory ConfigurationDirectory':
      '/var/x x ../x x:y private x:/y x:../y x:y:z .x',
    'RuntimeDirectoryMode UMask': '755 0755 888 999 022 u=rw 07777 77777',
    SystemCallFilter: '@foo ~@mount @system-service @System',
    SystemCallArchitectures: 'native x86-64 x amd64 x32 arm64 x86_64',
    RestrictNamespaces: 'yes net x ~net ~ time all mnt,pid',
    RestrictAddressFamilies: 'AF_INET none AF_FOO ~AF_INET inet AF_UNIX AF_VSOCK ~ AF_INET,AF_INET6 IPv4',
    DeviceAllow: '/dev/null /x char-pts null block-sd char-* /dev/../x /dev char',
    'IPAddressAllow IPAddressDeny':
      '10.0.0.0/8 localhost any x 10.0.0.0/99 10.0.0.1 link-local 2001:db8::/32 multicast ::1 * 10.0.0.0/255.0.0.0 0.0.0.0/0',
    'SocketBindAllow SocketBindDeny':
      'tcp:80 ipv4:tcp:80 80 any x ipv4 99999 1-5 tcp:0 5-1 ipv6:udp:5-6 tcp ipv4:tcp tcp:ipv4:5 ipv4:5 ipv6:any any:5',
    RestrictNetworkInterfaces: 'eth0 ~lo a/b 5 a.b:c . all',
    Slice: 'my.slice my x.service -.slice a/b.slice',
    Delegate: 'yes cpu x memory no pids hugetlb cpu,memory',
    'SuccessExitStatus RestartPreventExitStatus RestartForceExitStatus':
      '1 SIGTERM x 256 TEMPFAIL -1 143 TERM 255 EX_OK NOTINSTALLED 1,2 5-7 sigterm SIGFOO',
    BusName: 'org.x.y x org.1x a.b-c org org..x :1.5 org.é',
    Sockets: 'a.socket x a.service',
    OpenFile: '/x x /x:a:read-only /x:a:foo /x:a:append,graceful /a:b:c:d',
    TemporaryFileSystem: '/x x /x:ro x:ro /a/../b',
    'BindPaths BindReadOnlyPaths': '/x /x:/y x /x:y -/x /x:/y:rbind /x:/y:foo /x:/y:norbind a:/b /a/../b',
    LoadCredential: 'a:/x a /x a/b:/x :x',
    'IOReadBandwidthMax IOWriteBandwidthMax': '/dev/sda',
    EnvironmentFile: '/x x -/x -x',
    'ReadWritePaths ReadOnlyPaths': '/x x -/x +/x',
  },
  Unit: {
    'JobTimeoutSec JobRunningTimeoutSec': '5 x infinity',
    'JobTimeoutAction SuccessAction FailureAction': 'reboot x exit none',
    'SuccessActionExitStatus FailureActionExitStatus': '5 256 x -1',
    CollectMode: 'inactive inactive-or-failed x',
    'OnFailureJobMode OnSuccessJobMode':
      'replace x fail isolate replace-irreversibly flush ignore-dependencies ignore-requirements lenient',
    'After Requires Wants BindsTo Before PartOf Conflicts OnFailure':
      'x b.service network b.service,c.service b.service;c.service a/b.service -.mount http://x b.servce b@c.service b',
    Documentation: 'man:x(5) http://x https://x file:/x x www.x.y info:x http://',
  },
  Socket: {
    TimeoutSec: '5 x',
    SocketProtocol: 'udplite sctp mptcp x tcp',
    'Backlog MaxConnections MaxConnectionsPerSource KeepAliveProbes TriggerLimitBurst': '5 x -1 70000 4294967296',
    'Priority Mark IPTTL': '5 x -1 255',
    'MessageQueueMaxMessages MessageQueueMessageSize': '5 x',
    'PipeSize ReceiveBuffer SendBuffer': '1M x 5 1m 1MB',
    BindIPv6Only: 'default both ipv6-only x',
    Timestamping: 'off us usec µs ns x',
    Service: 'b.service x b.socket',
    ListenStream: '80 /x [::]:80 x 70000 0.0.0.0 0.0.0.0:80',
  },
  Timer: {
    OnBootSec: '5 x 1h',
    OnCalendar: 'daily x 26-01-01 69-1-1 100-1-1',
    Unit: 'b.service x b.timer',
    'AccuracySec RandomizedDelaySec': '5 x',
  },
  Path: { Unit: 'b.service x b.path', TriggerLimitBurst: '5 x', PathChanged: '/x x' },
  Mount: { TimeoutSec: '5 x', DirectoryMode: '755 x' },
  Automount: { TimeoutIdleSec: '5 x', DirectoryMode: '755 x' },
  Swap: { Priority: '5 x -2 32767 32768 -1', TimeoutSec: '5 x' },
};

/** Values with blanks, as whole lines of a service. */
export const LINES: readonly string[] = [
  ...[
    'Environment=FOO=a b',
    'Environment=A=b C=d',
    `Environment='A=b' C`,
    'Environment=A= b',
    'Environment="A=b c" D=e',
  ],
  ...['PassEnvironment=FOO BAR', 'LogExtraFields=A=b C', 'LogExtraFields="A=b c" D=e', 'RuntimeDirectory=x y'],
  ...['RuntimeDirectory=a /b', 'RuntimeDirectory=a:b c:d', 'RuntimeDirectory="a b"', 'MemoryMax=1 G', 'MemoryMax=1K 5'],
  ...[
    'CPUQuota=100 %',
    'TasksMax=1 K',
    'LimitNOFILE=1024 2048',
    'CPUAffinity=0 1',
    'CPUAffinity=0-3 5',
    'CPUAffinity=0 , 1',
  ],
  ...['RestrictNamespaces=net pid', 'RestrictNamespaces=ipc net x', 'RestrictAddressFamilies=AF_UNIX AF_INET6'],
  ...[
    'RestrictAddressFamilies=none AF_INET',
    'DeviceAllow=/dev/x rw',
    'DeviceAllow=/dev/x x',
    'DeviceAllow=/dev/x r w',
  ],
  ...['DeviceAllow=char-* rw', 'IPAddressAllow=10.0.0.1 x', 'IPAddressAllow=10.0.0.0/8 192.168.0.0/16'],
  ...['Delegate=cpu memory', 'Delegate=cpu x', 'SuccessExitStatus=1 SIGINT', 'SuccessExitStatus=15 SIGFOO'],
  ...['BindPaths=/x /y', 'BindPaths=/x y', 'Sockets=a.socket b.socket', 'Restart=always # comment', 'Nice=5 # x'],
  ...['IOReadBandwidthMax=/dev/sda 1M', 'IOReadBandwidthMax=/dev/sda x', 'IOReadBandwidthMax=/dev/sda 0'],
  ...[
    'IOReadIOPSMax=/dev/sda 1000',
    'IOReadIOPSMax=/dev/sda 1K',
    'IODeviceWeight=/dev/sda 100',
    'IODeviceWeight=/dev/sda 0',
  ],
  ...['IODeviceLatencyTargetSec=/dev/sda 25ms', 'IODeviceLatencyTargetSec=/dev/sda x', 'StandardOutput=file:/x y'],
  ...['TemporaryFileSystem=/x /y', 'LimitCPU=1h 30min', 'RestrictNetworkInterfaces=eth0 lo', 'OOMScoreAdjust=- 5'],
];
