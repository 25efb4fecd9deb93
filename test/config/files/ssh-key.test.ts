/** SSH keys from `ssh-keygen`, and the same keys with parts cut off, added or exchanged. */
import { describe, expect, test } from 'vitest';
import { inspectKey, isKeyLine, withoutComment } from '../../../src/config/content/ssh-key.ts';

const keys: readonly string[] = [
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGzFPpORrDuBiGoH8+suBMb3GmCQLYCzDj8ygW4pcdMW you@host',
  'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBLrrPoz2R7J70hOAizTrXaZlNa4pO0RxEtDt/jDBc6pqK3h1274jCTslxguANGmLpRuugatwYV96ea4EtL6KRgU= you@host',
  'ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBHhuaHwq8h57wzrStqC/Q2Y39YSCdxYrXgnrBSyEbIpxxRRpPB0EVDRuPq1lt47plj7imgg4vrHU6FWz0FbeHyuztUyjeR59aD54eeoWwgvIjfVKhm4heuDX/FEti7cYNA==',
  'ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAFr9zDG2lVnj+7UzoDMdIYCj+VveuOFlpG1McdbOq0+XLLYRCkT6yWwAmQIMPSgbeQdThh+10MsVu+tGzp2/xI/6gDfL76MdBk46Xv9UR8kLCIFD2QLvIfKrCSQ+FfpY6bffmr7nM54HUauTlmWufgq9TW5h8UO1NNDy7w4y/5leOeNmw== you@host',
  'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCn3goPoZ0H0zlhKTViNvsv61mhB83yX0FMgGMJ1isfpGspx8wMzx+8hM/ejaQpoxLL9Ug2+MWzVrO9Xa/TolIW4jNBFhpv5Bwa12lesILrmHy6CAuTyv7ndiwFq/v1ef2JeBesPAk2kNDoL58ZV1Y7Ilp7udQpZ4zOajcARaLih43QcAzRGYxjSubf2cPivyQrYimGPEbt7aZPaj29SdbhRKTEpPd2rRQ6WhZ/FCLCtTPCM+9uTQ0VvJ7HsNnjCIplnkz7S7BLkvtDTbHo1MmQi571kn7gSSPSe6nV/ozxUWEaKOwxsmpSgr5Chg66So2LVM2F8eHfBN9oHuwVj/lj you@host',
];

/** A key made of its fields. */
const made = (...fields: readonly (string | Buffer)[]): string => {
  const parts = fields.flatMap((field) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.from(field as string).length);
    return [length, Buffer.from(field as string)];
  });
  return `${String(fields[0])} ${Buffer.concat(parts).toString('base64')}`;
};

const options: readonly (readonly [options: string, fault: string | undefined])[] = [
  ['from="10.0.0.0/8,192.168.50.*"', undefined],
  ['restrict,pty,command="/usr/bin/rrsync -ro \\"a b\\""', undefined],
  ['cert-authority,principals="admin"', undefined],
  ['no-X11-forwarding', undefined],
  ['form="10.0.0.0/8"', 'sshd has no option `form`'],
  ['from', 'its option `from` needs a value, as in `from="…"`'],
  ['restrict="yes"', 'its option `restrict` takes no value'],
];

test.each(options)('the options %s', (written, fault) => {
  const line = `${written} ${keys[0] ?? ''}`;
  expect(isKeyLine(line)).toBe(true);
  expect(inspectKey(line).fault).toBe(fault);
});

test('what is no line of authorized_keys', () => {
  const key = keys[0] ?? '';
  const odd = ['from=10.0.0.0/8', 'from="10.0.0.0/8', 'restrict, pty', 'restrict,,pty', '"restrict"'];
  expect(odd.filter((one) => isKeyLine(`${one} ${key}`))).toEqual([]);
});

test('the same key with other options is another line', () => {
  const key = keys[0] ?? '';
  expect(withoutComment(key)).toBe(withoutComment(key.replace('you@host', 'me')));
  expect(withoutComment(`restrict ${key}`)).not.toBe(withoutComment(key));
});

const tokens: readonly string[] = [
  made('sk-ssh-ed25519@openssh.com', Buffer.alloc(32, 1), 'ssh:'),
  made('sk-ecdsa-sha2-nistp256@openssh.com', 'nistp256', Buffer.alloc(65, 4), 'ssh:'),
];

describe.each([...keys, ...tokens])('%.30s', (key) => {
  const [type = '', blob = ''] = key.split(' ');

  test('is good as a whole', () => {
    expect(inspectKey(key)).toEqual({});
  });

  test('is refused wherever it is cut off', () => {
    const cuts = Array.from({ length: blob.length - 1 }, (_, index) => blob.slice(0, index + 1));
    expect(cuts.filter((cut) => inspectKey(`${type} ${cut}`).fault === undefined)).toEqual([]);
  });

  test('is refused with something behind it, and under another type', () => {
    const longer = Buffer.concat([Buffer.from(blob, 'base64'), Buffer.alloc(3)]).toString('base64');
    expect(inspectKey(`${type} ${longer}`).fault).toBe('it has additional data at its end');
    const other = type === 'ssh-rsa' ? 'ssh-ed25519' : 'ssh-rsa';
    expect(inspectKey(`${other} ${blob}`).fault).toBe(`it does not contain a key of type \`${other}\``);
  });
});

test.each([
  [
    made('ssh-dss', 'p', 'q', 'g', 'y'),
    { fault: 'OpenSSH 10 in Debian trixie does not support keys of type `ssh-dss`' },
  ],
  [
    made('ssh-ed448', Buffer.alloc(57)),
    { fault: 'OpenSSH 10 in Debian trixie does not support keys of type `ssh-ed448`' },
  ],
  [
    made('ssh-ed25519-cert-v01@openssh.com', Buffer.alloc(32)),
    { fault: 'it is a certificate, but it must be the key itself' },
  ],
  [
    made('ssh-rsa', '\x01\x00\x01', Buffer.alloc(96, 0xff)),
    { fault: 'OpenSSH refuses RSA keys of less than 1024 bits' },
  ],
  [made('ssh-rsa', '\x01\x00\x01', Buffer.concat([Buffer.alloc(1), Buffer.alloc(128, 0xff)])), { weakBits: 1024 }],
  [made('ssh-rsa', '\x01\x00\x01', Buffer.concat([Buffer.from([0x7f]), Buffer.alloc(255, 0xff)])), { weakBits: 2047 }],
  [made('ssh-ed25519', Buffer.alloc(31)), { fault: 'the lengths of its parts are wrong for this type' }],
])('%.40s', (key, findings) => {
  expect(inspectKey(key)).toEqual(findings);
});
