/** Tables of units and calendar events, good and bad, for a comparison with systemd: usual forms and limits. */

type Table = readonly (readonly [name: string, text: string])[];

const service = (...lines: string[]): [string, string] => ['a.service', `[Service]\n${lines.join('\n')}\n`];
const START = 'ExecStart=/usr/bin/true';
const withUnit = (line: string): [string, string] => ['a.service', `[Unit]\n${line}\n[Service]\n${START}\n`];
const of = (name: string, ...lines: string[]): [string, string] => {
  const suffix = name.replace(/.*\./, '');
  return [name, `[${suffix.charAt(0).toUpperCase()}${suffix.slice(1)}]\n${lines.join('\n')}\n`];
};
const text = (content: string): [string, string] => ['a.service', content];

const SYNTAX: Table = [
  ...[`[Service]\n${START}\n`, `[Service]\r\n${START}\r\n`, `\uFEFF[Service]\n${START}\n`, `[Service]\r${START}\r`],
  ...['', '\n', '[Unit]\nDescription=x\n', `${START}\n[Service]\n${START}\n`, `[Service\n${START}\n`],
  ...[`[Service] # x\n${START}\n`, `[service]\n${START}\n`, `[ Service ]\n${START}\n`, `[]\n[Service]\n${START}\n`],
  ...[`[Service]\n${START}\n[Timer]\nOnBootSec=1\n`, `[Service]\n${START}\n[X-Mine]\nA=1\n`],
  ...[`[Service]\n${START}\nX-Mine=1\n`, `[Service]\n${START}\njust text\n`, `[Service]\n${START}\n=x\n`],
  ...[`[Service]\n${START}\nTyp=oneshot\n`, `[Service]\n${START}\ntype=oneshot\n`, ` [Service]\n  ${START}\n`],
  ...['[Service]\nExecStart=/usr/bin/echo \\\n# comment\n a\\\n b\n', '[Service]\nExecStart=/usr/bin/echo \\\n'],
  ...[`[Service]\n${START}\n[Service]\nType=oneshot\n`, `[Service]\n ExecStart = /usr/bin/true\n; c\n# d\n`],
].map(text);

const COMMANDS: Table = [
  ...['true', 'bin/true', './true', '"/usr/bin/true"', '-/usr/bin/true', '@/usr/bin/true true', '+/usr/bin/true'],
  ...['!/usr/bin/true', '!!/usr/bin/true', ':/usr/bin/true', '-@+/usr/bin/true x', '|/usr/bin/true', '++/usr/bin/true'],
  ...['/usr/bin/echo "a', "/usr/bin/echo 'a", '/usr/bin/echo $X ${Y}', '/usr/bin/echo %n', '/usr/bin/date +%F'],
  ...['/usr/bin/date +%%F', '/usr/bin/echo 100%', '/usr/bin/echo a ; /usr/bin/echo b', '/usr/bin/echo a;b', ''],
  ...['~/x', '/usr/bin/echo a && b', '/usr/bin/true/', '[ -e /x ]', '@/usr/bin/true', 'bash -c "echo hi"'],
  ...['+-@/usr/bin/true x', '=/usr/bin/true', `/usr/bin/sh -c 'echo "x"'`, '/usr/bin/echo \\; x', '-'],
].map((command) => service(`ExecStart=${command}`));

const SERVICES: Table = [
  service(START, START),
  service('Type=oneshot', START, START),
  service(START, 'ExecStart=', START),
  service('ExecStop=/usr/bin/true'),
  service('RemainAfterExit=yes', 'ExecStop=/usr/bin/true'),
  service('Type=oneshot', 'RemainAfterExit=on', 'ExecStop=/usr/bin/true'),
  service('Type=oneshot', 'RemainAfterExit=no', 'ExecStop=/usr/bin/true'),
  service('Type=oneshot'),
  service('Type=oneshot', 'ExecStartPre=/usr/bin/true'),
  service('RemainAfterExit=yes'),
  ['a.service', '[Unit]\nSuccessAction=reboot\n[Service]\nType=oneshot\n'],
  service('Type=dbus', 'BusName=org.example.A', START),
  service('ExitType=cgroup', 'Type=oneshot', START),
  ...'simple exec forking oneshot dbus notify notify-reload idle Simple one-shot daemon'
    .split(' ')
    .map((type) => service(`Type=${type}`, START)),
  ...'no always on-success on-failure on-abnormal on-abort on-watchdog yes never'
    .split(' ')
    .flatMap((restart) => [service(`Restart=${restart}`, START), service('Type=oneshot', `Restart=${restart}`, START)]),
  ...['control-group', 'process', 'mixed', 'all'].flatMap((mode) => [
    service(`KillMode=${mode}`, START),
    service(`KillMode=${mode}`, 'PAMName=login', START),
  ]),
  ...['root', 'nosuch', '1000', '-1', '99999999999', '', 'a.b', 'a:b', '65535', '4294967295', '_x', 'x$'].flatMap(
    (account) => [service(`User=${account}`, START), service(`Group=${account}`, START)],
  ),
];

const VALUES: Table = [
  ...['/x', 'x', './x', '~', '-/x', '-~', '-x', '', '/x/../y', '%h', '/a//b', '$HOME', '"/x y"'].flatMap((path) =>
    ['WorkingDirectory', 'EnvironmentFile', 'RootDirectory', 'ReadWritePaths'].map((key) =>
      service(`${key}=${path}`, START),
    ),
  ),
  ...['/x', 'x', '!/x', '|/x', '|!/x', '!|/x', '', '~/x', '!', '%h/x'].flatMap((path) =>
    ['ConditionPathExists', 'AssertPathIsDirectory', 'ConditionFileIsExecutable'].map((key) =>
      withUnit(`${key}=${path}`),
    ),
  ),
  ...['yes', 'NO', 't', 'f', 'on', '1', 'maybe', '', 'enabled', '2', '"yes"'].flatMap((value) => [
    service(`RemainAfterExit=${value}`, START),
    withUnit(`DefaultDependencies=${value}`),
  ]),
  ...['5', '5 s', '5min', '1h 30m', '1h30m', 'infinity', '5x', 'abc', '-1', '1.5s', '.5s', '5.', '1M', '5sec'].flatMap(
    spans,
  ),
  ...['5 Minutes', '0', '1,5s', '00:05', '1h-5m', '5us', '5µs', '5 s s', '99999999999999999999', '5ns'].flatMap(spans),
  ...['5hr', 'inf', '+5', '1mo', 'forever', '1 hour 30'].flatMap(spans),
  ...['0022', '22', '999', '0o22'].map((mode) => service(`UMask=${mode}`, START)),
];

function spans(span: string): [string, string][] {
  return [
    service(`RestartSec=${span}`, START),
    service(`TimeoutStartSec=${span}`, START),
    of('a.timer', `OnBootSec=${span}`, 'Unit=fstrim.service'),
  ];
}

const TRIGGERS: Table = [
  ...['OnCalendar=daily', 'OnCalendar=dayly', '', 'Persistent=yes', 'OnClockChange=yes', 'OnTimezoneChange=no'],
  ...['OnCalendar=', 'OnCalendar=daily\nOnCalendar=', 'OnCalendar=x\nOnBootSec=1', 'OnBootSec=1\nExecStart=/bin/true'],
].map((line) => of('a.timer', line, 'Unit=fstrim.service'));

const SOCKETS: Table = [
  ...['ListenStream=80', 'ListenStream=/run/x', 'ListenStream=x', 'ListenStream=70000', 'ListenStream=0.0.0.0:80'],
  ...['ListenStream=[::]:80', 'ListenStream=', '', 'ListenFIFO=/x', 'ListenFIFO=x', 'ListenStream=localhost:80'],
  ...['ListenStream=@abstract', 'ListenStream=0', 'ListenDatagram=80\nAccept=yes', 'ListenStream=80\nAccept=maybe'],
].map((line) => of('a.socket', line));

const PLACES: Table = [
  of('a.path', 'PathExists=/x'),
  of('a.path', 'PathChanged=x'),
  of('a.path', ''),
  of('mnt-data.mount', 'What=/dev/x', 'Where=/mnt/data'),
  of('data.mount', 'What=/dev/x', 'Where=/mnt/data'),
  of('mnt-data.mount', 'What=/dev/x'),
  of('mnt-data.mount', 'Where=/mnt/data'),
  of('mnt-data.mount', 'What=/dev/x', 'Where=mnt/data'),
  of('mnt-data.mount', 'What=/dev/x', 'Where=/mnt/data/'),
  of('mnt-data.mount', 'What=/dev/x', 'Where=//mnt/./data'),
  of('mnt-data.mount', 'What=/dev/x', 'Where=/mnt/../mnt/data'),
  of('mnt-my\\x2ddata.mount', 'What=/dev/x', 'Where=/mnt/my-data'),
  of('mnt-my-data.mount', 'What=/dev/x', 'Where=/mnt/my-data'),
  of('mnt-a.b.mount', 'What=/dev/x', 'Where=/mnt/a.b'),
  of('mnt-.x.mount', 'What=/dev/x', 'Where=/mnt/.x'),
  of('.x.mount', 'What=/dev/x', 'Where=/.x'),
  of('mnt-data@.mount', 'What=/dev/x', 'Where=/mnt/data'),
  of('proc.mount', 'What=proc', 'Where=/proc'),
  of('dev-shm.mount', 'What=tmpfs', 'Where=/dev/shm', 'Type=tmpfs'),
  of('sys-foo.mount', 'What=x', 'Where=/sys/foo'),
  of('mnt-data.automount', 'Where=/mnt/data'),
  of('mnt-data.automount', 'Where=/data'),
  of('swapfile.swap', 'What=/swapfile'),
  of('a.swap', 'What=/swapfile'),
  of('swapfile.swap', 'What=LABEL=swap'),
  of('my.slice', 'MemoryMax=1G'),
  of('my-sub.slice'),
  of('my--sub.slice'),
  of('-my.slice'),
  of('my@.slice'),
  ['a.target', '[Unit]\nDescription=x\n'],
  ['a.target', '[Target]\nX=1\n'],
  ['a@.service', `[Service]\n${START}\n`],
  ['a@b.service', `[Service]\n${START}\n`],
];

export const UNITS: Table = [...SYNTAX, ...COMMANDS, ...SERVICES, ...VALUES, ...TRIGGERS, ...SOCKETS, ...PLACES];

export const CALENDAR: readonly string[] = [
  ...['daily', 'dayly', 'Daily', 'weekly', 'minutely', 'hourly', 'monthly', 'quarterly', 'semiannually', 'yearly'],
  ...['MON', 'Mon *-*-* 00:00', 'Mon,Tue 10:00', 'Mon..Fri 10:00', 'Mon-Fri 10:00', 'Monday 10:00', '*-*-* 4:00'],
  ...['*-*-* 25:00', '*-*-* 24:00', '04:00', '4', '04:60', '04:59:60', '*:0/15', '*:0/15:00', '*:*:0', '0/2:00'],
  ...['*-*-1', '*-13-01', '*-02-30', '2030-01-01', '2030-01-01 00:00 UTC', '2030-01-01 00:00 Europe/Berlin'],
  ...['Sun *-*-1..7 03:00', '*-*~1', '12-25', 'every day', '0 4 * * *', '*/5 * * * *', '@daily', '@1700000000'],
  ...['1..5:00', 'Mon,,Tue', 'Mon..', '10:00,12:00', '10,12:00', '*-*-* 10:00:00.5', '*-*-1,15 00:00', 'Fri *-*-13'],
  ...['10:0/70', '0/25:00', '*-*-0', '1969-01-01', '2300-01-01', 'tomorrow', '10am', '10:00 PM', 'Sunday', 'Sundays'],
  ...['*-*-*T10:00', '*-*-* *:*', '*:00/30', '*:0..30/5', '*-*-32', '*', 'weekly 10:00', 'Tue,Mon..Wed 10:00'],
  ...[
    '26-01-01',
    '26-01-01 03:00',
    '70-1-1',
    '69-12-31',
    '00-1-1',
    '100-1-1',
    '26,28-1-1',
    '26..28-1-1',
    '26/2-1-1',
    '2026/2-1-1',
  ],
];

const early = (line: string): string => `[Unit]\n${line}\n`;
const START_ALL = 'Wants=network-online.target local-fs.target basic.target\n[Service]\nExecStart=/usr/bin/true\n';
const MOUNT = 'Wants=network-online.target local-fs.target\n[Mount]\nWhat=/dev/x\nWhere=/mnt/data\n';

/** Sets of units, whose order is a circle or not. */
export const ORDERS: readonly Table[] = [
  [
    ['a.service', `${early('After=b.service')}${START_ALL}`],
    ['b.service', `${early('After=a.service\nWants=a.service')}${START_ALL}`],
  ],
  [
    ['a.service', `${early('After=b.service')}${START_ALL}`],
    ['b.service', `${early('Wants=a.service')}${START_ALL}`],
  ],
  [
    ['a.service', `${early('After=b.service\nBefore=c.service')}${START_ALL}`],
    ['b.service', `${early('After=c.service\nWants=a.service c.service')}${START_ALL}`],
    ['c.service', START_ALL.replace('Wants', '[Unit]\nWants')],
  ],
  [['a.service', `${early('Before=sysinit.target')}${START_ALL}`]],
  [['a.service', `${early('Before=sysinit.target\nDefaultDependencies=no')}${START_ALL}`]],
  [['a.service', `${early('Before=network-pre.target\nWants=network-pre.target')}${START_ALL}`]],
  [['a.service', `${early('After=multi-user.target')}${START_ALL}[Install]\nWantedBy=multi-user.target\n`]],
  [['mnt-data.mount', `${early('After=network-online.target')}${MOUNT}`]],
  [['mnt-data.mount', `${early('After=network-online.target')}${MOUNT}Options=nofail\n`]],
  [['mnt-data.mount', `${early('After=network-online.target')}${MOUNT}Options=ro,_netdev\n`]],
  [['mnt-data.mount', `${early('After=network-online.target')}${MOUNT}Type=nfs\n`]],
  [
    ['a.service', '[Service]\nExecStart=/usr/bin/true\n'],
    [
      'a.socket',
      `${early('After=network-online.target\nWants=network-online.target basic.target')}[Socket]\nListenStream=80\n`,
    ],
  ],
];
