/**
 * Checks an SSH public key: the base64 after the type is a list of fields, each after its length in four bytes
 * (RFC 4253, sections 5 and 6.6; RFC 5656, section 3.1; RFC 8709, section 4; OpenSSH's PROTOCOL.u2f). A truncated
 * key may still be valid base64.
 */
import { words } from '../base-system/words.ts';

/** The options that OpenSSH 10 accepts before a key (sshd(8), "AUTHORIZED_KEYS FILE FORMAT"); those with a value end in `=`. */
const OPTIONS = words(`
  agent-forwarding cert-authority command= environment= expiry-time= from= no-agent-forwarding no-port-forwarding no-pty
  no-touch-required no-user-rc no-x11-forwarding permitlisten= permitopen= port-forwarding principals= pty restrict tunnel=
  user-rc verify-required x11-forwarding
`);

const OPTION = String.raw`[A-Za-z0-9-]+(?:="(?:\\"|[^"])*")?`;
const LINE = new RegExp(
  `^(?:(?<options>${OPTION}(?:,${OPTION})*) +)?(?<key>(?:sk-)?(?:ssh|ecdsa)-[a-z0-9@.-]+ +[A-Za-z0-9+/]{20,}={0,2})(?: |$)`,
);

/** Whether a text has the format of a line of `authorized_keys`: options, type, base64 and a comment; options and comment may be missing. */
export const isKeyLine = (text: string): boolean => LINE.test(text);

/** The options of a line, e.g. `from="10.0.0.0/8"`, and its key: type and base64. */
function partsOf(line: string): { readonly options: readonly string[]; readonly key: string } {
  const { options = '', key = line } = LINE.exec(line)?.groups ?? {};
  return { options: options.match(new RegExp(OPTION, 'g')) ?? [], key: key.replace(/ +/, ' ') };
}

/** A line without its comment. Lines with the same text have the same effect. */
export function withoutComment(line: string): string {
  const { options, key } = partsOf(line);
  return [...options, key].join(' ');
}

/** sshd ignores a key with an option that it does not know. */
function optionFault(option: string): string | undefined {
  const name = option.replace(/=.*/, '=');
  if (OPTIONS.has(name.toLowerCase())) return undefined;
  const plain = name.replace('=', '');
  if (OPTIONS.has(`${plain.toLowerCase()}=`)) return `its option \`${plain}\` needs a value, as in \`${plain}="…"\``;
  if (OPTIONS.has(plain.toLowerCase())) return `its option \`${plain}\` takes no value`;
  return `sshd has no option \`${plain}\``;
}

/** Lengths of the fields after the type, in bytes; null for any length. */
type Fields = readonly (number | null)[];

const ecdsa = (point: number): Fields => [null, point];

/** The types that OpenSSH 10 accepts in `authorized_keys`: DSA was removed (openssh.com, release notes of 10.0). */
const FIELDS: Readonly<Record<string, Fields>> = {
  'ssh-ed25519': [32],
  'ssh-rsa': [null, null],
  'ecdsa-sha2-nistp256': ecdsa(65),
  'ecdsa-sha2-nistp384': ecdsa(97),
  'ecdsa-sha2-nistp521': ecdsa(133),
  'sk-ssh-ed25519@openssh.com': [32, null],
  'sk-ecdsa-sha2-nistp256@openssh.com': [...ecdsa(65), null],
};

/** The minimum of OpenSSH (sshkey.h, SSH_RSA_MINIMUM_MODULUS_SIZE), and the minimum of NIST SP 800-131A since 2014. */
const RSA_BITS = { least: 1024, sound: 2048 };

interface KeyFindings {
  /** Why users cannot log in with the key, as the end of a sentence. */
  readonly fault?: string;
  /** The number of bits of an RSA key that is too short by today's standards. */
  readonly weakBits?: number;
}

/** The faults of a key with a valid format. */
export function inspectKey(text: string): KeyFindings {
  const { options, key } = partsOf(text);
  const [badOption] = options.flatMap((option) => optionFault(option) ?? []);
  if (badOption !== undefined) return { fault: badOption };
  const [type = '', blob = ''] = key.split(/ +/);
  const fields = FIELDS[type];
  if (type.includes('-cert-v01@')) return { fault: 'it is a certificate, but it must be the key itself' };
  if (fields === undefined) return { fault: `OpenSSH 10 in Debian trixie does not support keys of type \`${type}\`` };
  const { whole, rest } = readFields(Buffer.from(blob, 'base64'), fields.length + 1);
  const inside = whole[0]?.toString('latin1');
  if (inside !== undefined && inside !== type) return { fault: `it does not contain a key of type \`${type}\`` };
  if (whole.length <= fields.length || blob.length % 4 !== 0) return { fault: 'it is cut off' };
  if (rest > 0) return { fault: 'it has additional data at its end' };
  if (fields.some((length, index) => length !== null && whole[index + 1]?.length !== length)) {
    return { fault: 'the lengths of its parts are wrong for this type' };
  }
  return type === 'ssh-rsa' ? inspectRsa(bitLength(whole[2] ?? Buffer.alloc(0))) : {};
}

function inspectRsa(bits: number): KeyFindings {
  if (bits < RSA_BITS.least) return { fault: `OpenSSH refuses RSA keys of less than ${RSA_BITS.least} bits` };
  return bits < RSA_BITS.sound ? { weakBits: bits } : {};
}

/** At most `count` complete fields, and the number of bytes after them. */
function readFields(bytes: Buffer, count: number): { readonly whole: readonly Buffer[]; readonly rest: number } {
  const whole: Buffer[] = [];
  let offset = 0;
  while (whole.length < count && bytes.length - offset >= 4) {
    const end = offset + 4 + bytes.readUInt32BE(offset);
    if (end > bytes.length) break;
    whole.push(bytes.subarray(offset + 4, end));
    offset = end;
  }
  return { whole, rest: bytes.length - offset };
}

/** The number of bits of a big-endian number; a leading zero byte keeps it positive. */
function bitLength(number: Buffer): number {
  const start = number.findIndex((byte) => byte !== 0);
  return start < 0 ? 0 : (number.length - start) * 8 - (Math.clz32(number[start] ?? 0) - 24);
}
