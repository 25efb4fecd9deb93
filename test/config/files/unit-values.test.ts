/**
 * Diagnostics for values in units that systemd ignores; `test/image/base-system/units-oracle.test.ts` compares with
 * systemd itself.
 */
import { expect, test } from 'vitest';
import { proveUnit } from '../../../src/config/systemd/prove.ts';

/** What is wrong with a line of a service, or of another kind of unit where the line says so: `Timer.Unit=x`. */
function said(line: string): readonly string[] {
  const [, section = 'Service', assignment = line] = /^(Unit|Timer|Socket|Swap)\.(.*)$/.exec(line) ?? [];
  const name = section === 'Unit' ? 'a.service' : `a.${section.toLowerCase()}`;
  return proveUnit(name, `[${section}]\n${assignment}\n`, true).map(({ reason, hint }) =>
    hint === undefined ? reason : `${reason} (${hint})`,
  );
}

test.each([
  ['MemoryMax=lots', '`MemoryMax=`: `lots` is not a size, such as `512M` or `2G`, nor a percentage, nor `infinity`'],
  ['MemoryMax=512MB', '`MemoryMax=`: `512MB` is not a size, such as `512M` or `2G`, nor a percentage, nor `infinity`'],
  ['MemoryMax=0', '`MemoryMax=`: `0` would be no memory at all'],
  [
    'Environment=FOO',
    '`Environment=`: `FOO` is not an assignment `NAME=VALUE`; quote values with blanks: `"NAME=a b"`',
  ],
  [
    'Environment=OPTIONS=-a -b',
    '`Environment=`: `-b` is not an assignment `NAME=VALUE`; quote values with blanks: `"NAME=a b"`',
  ],
  ['Environment="A=b', '`Environment=`: a quote is not closed'],
  ['RuntimeDirectory=/run/x', '`RuntimeDirectory=`: `/run/x` is absolute; it is to be relative to `/run`'],
  ['StateDirectory=../x', '`StateDirectory=`: `../x` does not stay below `/var/lib`'],
  ['CPUQuota=50', '`CPUQuota=`: `50` is not a percentage above 0%, such as `50%` or `200%` (two CPUs)'],
  ['LimitNOFILE=many', '`LimitNOFILE=`: `many` is neither a number, nor `infinity`, nor two of them as `SOFT:HARD`'],
  ['LimitNOFILE=2:1', '`LimitNOFILE=`: in `2:1` the soft limit is above the hard one'],
  ['LimitCORE=unlimited', '`LimitCORE=`: `unlimited` is not a size, such as `512M` or `2G`, nor `infinity`'],
  ['Nice=50', '`Nice=`: `50` is not a whole number from -20 to 19'],
  ['Nice=%i', '`Nice=`: `%i` is not a whole number from -20 to 19'],
  ['OOMScoreAdjust=5000', '`OOMScoreAdjust=`: `5000` is not a whole number from -1000 to 1000'],
  ['PrivateTmp=maybe', '`PrivateTmp=` cannot be `maybe` (it can be `yes`, `no`, `disconnected`)'],
  ['ProtectSystem=perhaps', '`ProtectSystem=` cannot be `perhaps` (it can be `yes`, `no`, `full`, `strict`)'],
  ['ProtectHome=readonly', '`ProtectHome=` cannot be `readonly` (did you mean `read-only`?)'],
  ['Restart=on-failed', '`Restart=` cannot be `on-failed` (did you mean `on-failure`?)'],
  [
    'CPUSchedulingPolicy=fair',
    '`CPUSchedulingPolicy=` cannot be `fair` (it can be `other`, `batch`, `idle`, `fifo`, `rr`)',
  ],
  ['SyslogLevel=warn', '`SyslogLevel=` cannot be `warn` (did you mean `warning`?)'],
  ['KillSignal=SIGTREM', '`KillSignal=`: `SIGTREM` is not a valid signal; did you mean `SIGTERM`?'],
  ['TimeoutStopSec=abc', '`TimeoutStopSec=`: `abc` is not a time span, such as `30` (seconds), `5min` or `1h 30min`'],
  ['UMask=999', '`UMask=`: `999` is not a mode in octal, such as `0644`'],
  ['StandardOutput=file:log', '`StandardOutput=`: `log` is not an absolute path'],
  [
    'CapabilityBoundingSet=CAP_NET_RAWW',
    '`CapabilityBoundingSet=`: `CAP_NET_RAWW` is not a valid capability; did you mean `CAP_NET_RAW`?',
  ],
  [
    'SystemCallFilter=@system-services',
    '`SystemCallFilter=`: `@system-services` is not a valid group of system calls; did you mean `@system-service`?',
  ],
  ['Unit.After=network', '`After=`: `network` is not the name of a unit; did you mean `network.target`?'],
  ['Unit.After=a.service,b.service', '`After=`: `a.service,b.service` is not the name of a unit'],
  ['Unit.ConditionArchitecture=!amd64', '`ConditionArchitecture=` cannot be `amd64` (did you mean `x86-64`?)'],
  [
    'Timer.OnCalendar=01-02-25',
    '`OnCalendar=01-02-25` is in the past: it means the year 2001 (write the year in full)',
  ],
  ['Timer.Unit=a.timer', '`Unit=`: it cannot start another unit `.timer`'],
  ['Swap.Priority=-2', '`Priority=`: `-2` is not a whole number from -1 to 32767'],
  ['Type=', '`Type=` is empty'],
])('%s', (line, reason) => {
  expect(said(line)).toEqual([reason]);
});

test.each([
  ...['MemoryMax=', 'MemoryMax=1.5G', 'MemoryMax=50%', 'Environment=A=%i', 'Environment="A=b c" D=e', 'CPUQuota=150%'],
  ...[
    'StateDirectory=a/b c',
    'StateDirectory=a:b',
    'LimitNOFILE=1024:infinity',
    'LimitNICE=+5',
    'Nice=-5',
    'UMask=0077',
  ],
  ...[
    'PrivateTmp=On',
    'ProtectSystem=strict',
    'KillSignal=SIGRTMIN+3',
    'StandardOutput=syslog',
    'StandardOutput=append:/x',
  ],
  ...['SystemCallFilter=~@mount read', 'CapabilityBoundingSet=~cap_net_raw', 'SuccessExitStatus=143 SIGTERM TEMPFAIL'],
  ...['Unit.After=a@%i.service', 'Unit.ConditionVirtualization=!container', 'Timer.OnCalendar=26-12-24 18:00'],
  ...[
    'Timer.OnCalendar=*-12-24',
    'Unit.After=',
    'RestrictAddressFamilies=AF_UNIX AF_INET',
    'IPAddressAllow=localhost 10.0.0.0/8',
  ],
])('nothing of %s', (line) => {
  expect(said(line)).toEqual([]);
});
