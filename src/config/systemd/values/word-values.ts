/**
 * Values of units that are words or lists of them. Sources: systemd.exec(5), systemd.resource-control(5), systemd.service(5),
 * signal(7), capabilities(7). Each check returns the reason why systemd ignores a value or a part of it.
 */
import { BASE_UNITS } from '../../base-system/units.ts';
import { parseCidr, parseIp } from '../../network/net.ts';
import { suggest } from '../../../diagnostics/suggest.ts';
import { CALL_GROUPS, CAPABILITIES, CONTROLLERS, EXIT_NAMES, FAMILIES, SIGNALS } from './known-names.ts';
import { splitWords } from './quoting.ts';
import { readUnitName } from '../unit-name.ts';
import { absolute, BOOLEAN, type Check } from './values.ts';

const UNCLOSED = 'a quote is not closed';

/** Checks each word of a list, without quotes; returns the fault of the first wrong word. */
export const each =
  (check: Check): Check =>
  (value) => {
    const words = splitWords(value);
    return words === undefined ? UNCLOSED : words.map(check).find((fault) => fault !== undefined);
  };

/** Allows a `~` before a list, which inverts it. */
export const inverted =
  (check: Check): Check =>
  (value) =>
    check(value.replace(/^~/, ''));

/** One word of a table. @param other further allowed values */
export const oneOf = (listed: string, what: string, other = /^$/): Check => {
  const known = listed.split(' ');
  return (word) => {
    if (known.includes(word) || other.test(word)) return undefined;
    const meant = suggest(word, known);
    return `\`${word}\` is not a valid ${what}${meant === undefined ? '' : `; did you mean \`${meant}\`?`}`;
  };
};

const SIGNAL_NAMES = SIGNALS.split(' ')
  .flatMap((name) => [`SIG${name}`, name])
  .join(' ');

/** A signal by name or number, or a real-time signal relative to the first or last one. */
export const signal = oneOf(
  SIGNAL_NAMES,
  'signal',
  /^(0*([1-9]|[1-5]\d|6[0-4])|(SIG)?RTM(IN(\+(\d|[12]\d|30))?|AX(-(\d|[12]\d|30))?))$/,
);

const EXIT_NUMBER = /^0*(\d{1,2}|1\d\d|2[0-4]\d|25[0-5])$/;

/** Numbers up to 255, names of `systemd-analyze exit-status`, and signals. */
export const exitStatus: Check = (word) =>
  signal(word) === undefined ? undefined : oneOf(EXIT_NAMES, 'exit status or signal', EXIT_NUMBER)(word);

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

export const assignment: Check = (word) => {
  const name = word.split('=')[0] ?? '';
  if (!word.includes('='))
    return `\`${word}\` is not an assignment \`NAME=VALUE\`; quote values with blanks: \`"NAME=a b"\``;
  return VARIABLE.test(name) ? undefined : `\`${name}\` is not the name of a variable`;
};

export const variable: Check = (word) =>
  VARIABLE.test(word) ? undefined : `\`${word}\` is not the name of a variable`;

export const variableOrAssignment: Check = (word) => (word.includes('=') ? assignment(word) : variable(word));

/** An assignment to a field of the journal: systemd.journal-fields(7). */
export const journalField: Check = (word) =>
  /^[A-Z][A-Z0-9_]*=/.test(word)
    ? undefined
    : `\`${word}\` is not an assignment to a field in capitals, such as \`ROLE=web\``;

/** A folder of `RuntimeDirectory=` and similar settings, relative to `parent`. @param parent the parent of all units' folders */
export const ownFolder =
  (parent: string, hasLinks = true): Check =>
  (word) => {
    const [folder = '', link = '', flags = '', ...more] = word.split(':');
    if (folder.startsWith('/')) return `\`${folder}\` is absolute; it is to be relative to \`${parent}\``;
    if ((!hasLinks && word.includes(':')) || more.length > 0) return `\`${word}\` has too many colons`;
    if (!/^(ro)?$/.test(flags)) return `\`${flags}\` is not \`ro\``;
    const parts = folder.split('/').filter((part) => part !== '' && part !== '.');
    if (parts.length === 0 || parts.includes('..')) return `\`${folder}\` does not stay below \`${parent}\``;
    if (parts[0] === 'private') return '`private` belongs to systemd';
    if (link.startsWith('/') || link.split('/').includes('..')) return `\`${link}\` does not stay below \`${parent}\``;
    return undefined;
  };

/** A path, optionally with options after a colon. */
export const pathWithOptions: Check = (word) => absolute(word.split(':')[0] ?? '');

export const bindMount: Check = (word) => {
  const [source = '', target, options = '', ...more] = word.replace(/^-/, '').split(':');
  if (more.length > 0 || !/^((no)?rbind)?$/.test(options)) return `\`${options}\` is neither \`rbind\` nor \`norbind\``;
  return absolute(source) ?? (target === undefined ? undefined : absolute(target));
};

const ANY = /^(any|localhost|link-local|multicast)$/;

export const addresses: Check = (word) =>
  ANY.test(word) || parseIp(word) || parseCidr(word)
    ? undefined
    : `\`${word}\` is neither an address or network nor one of \`any\`, \`localhost\`, \`link-local\` and \`multicast\``;

export const families: Check = (value) =>
  value === 'none' ? undefined : inverted(each(oneOf(FAMILIES, 'address family')))(value);

export const namespaces: Check = (value) =>
  BOOLEAN.test(value)
    ? undefined
    : inverted(each(oneOf('cgroup ipc net mnt pid user uts time', 'kind of namespace')))(value);

export const controllers: Check = (value) =>
  BOOLEAN.test(value) ? undefined : each(oneOf(CONTROLLERS, 'controller'))(value);

const CAPABILITY_NAMES = CAPABILITIES.split(' ')
  .map((name) => `CAP_${name.toUpperCase()}`)
  .join(' ');

/** systemd does not warn about unknown capabilities. */
export const capabilities: Check = inverted(
  each((word) => oneOf(CAPABILITY_NAMES, 'capability', /^\d{1,2}$/)(word.toUpperCase())),
);

/** Groups of system calls. Single system calls are not checked. */
export const systemCalls: Check = inverted(each(oneOf(CALL_GROUPS, 'group of system calls', /^[^@]|^@[^:]*:/)));

export const architectures: Check = each(
  oneOf(
    'native x86 x86-64 x32 arm arm64 loongarch64 mips mips64 mips64-n32 mips-le mips64-le mips64-le-n32 parisc parisc64 ppc ' +
      'ppc64 ppc64-le riscv64 s390 s390x',
    'architecture',
  ),
);

export const device: Check = (value) => {
  const [node = '', access = '', ...more] = value.split(/\s+/);
  if (!/^(\/dev(\/|$)|\/run\/systemd\/inaccessible\/|char-|block-)/.test(node) || node.includes('..')) {
    return `\`${node}\` is not a path below \`/dev\`, and does not start with \`char-\` or \`block-\``;
  }
  const isAccess = more.length === 0 && /^[rwm]*$/.test(access);
  return isAccess ? undefined : `\`${[access, ...more].join(' ')}\` is not made up of \`r\`, \`w\` and \`m\``;
};

/** A device and its value. */
export const ofDevice =
  (check: Check): Check =>
  (value) => {
    const [, rest] = /^\S+\s+(.+)$/.exec(value) ?? [];
    return rest === undefined ? `\`${value}\` is not a device and a value` : check(rest);
  };

const PORT = /^((ipv[46]:)?(any|(tcp|udp)|((tcp|udp):)?(\d{1,5})(-(\d{1,5}))?)|ipv[46]|any)$/;

export const boundPort: Check = (value) => {
  const match = PORT.exec(value);
  const [first, last] = [Number(match?.[7] ?? 0), Number(match?.[9] ?? match?.[7] ?? 0)];
  if (match !== null && first <= last && last <= 65_535) return undefined;
  return `\`${value}\` is not a port, such as \`80\`, \`tcp:80\` or \`ipv4:udp:5000-5010\``;
};

/** Numbers and ranges, separated by commas or blanks. @param also other allowed values, e.g. a word for all numbers */
export const numberSet =
  (most: number, also = /^$/): Check =>
  (value) =>
    also.test(value)
      ? undefined
      : value
          .split(/[\s,]+/)
          .filter(Boolean)
          .map((word) => {
            const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(word) ?? [];
            const isRange = first !== undefined && Number(first) <= Number(last) && Number(last) <= most;
            return isRange ? undefined : `\`${word}\` is neither a number nor a range, such as \`0-3\``;
          })
          .find(Boolean);

/** The name of a unit. @param suffixes allowed types of units; none for all types */
export const unitName =
  (...suffixes: readonly string[]): Check =>
  (word) => {
    const name = readUnitName(word);
    const kinds = suffixes.length === 0 ? 'unit' : `unit \`.${suffixes.join('`, `.')}\``;
    if (name !== undefined && (suffixes.length === 0 || suffixes.includes(name.suffix))) return undefined;
    const meant = [...BASE_UNITS].find((one) => one.replace(/\.[a-z]+$/, '') === word);
    return `\`${word}\` is not the name of a ${kinds}${meant === undefined ? '' : `; did you mean \`${meant}\`?`}`;
  };

/** A unit that a timer or path can start. @param own the suffix of its own type, which is not allowed */
export const triggeredUnit =
  (own: string): Check =>
  (word) =>
    unitName()(word) ?? (word.endsWith(`.${own}`) ? `it cannot start another unit \`.${own}\`` : undefined);

export const uri: Check = (word) =>
  /^(https?:\/\/.|(file|info|man):.)/.test(word)
    ? undefined
    : `\`${word}\` does not start with \`https:\`, \`file:\`, \`info:\` or \`man:\``;

/** Source: the D-Bus specification, "Valid names". */
export const busName: Check = (value) =>
  /^(:[\w-]+(\.[\w-]+)+|[A-Za-z_-][\w-]*(\.[A-Za-z_-][\w-]*)+)$/.test(value)
    ? undefined
    : `\`${value}\` is not a name on the bus, such as \`org.example.App\``;

export const networkInterface: Check = (word) =>
  /^(?!\d+$|\.{1,2}$|(all|default)$)[^\s:/%]{1,127}$/.test(word)
    ? undefined
    : `\`${word}\` is not the name of an interface`;

export const credential: Check = (value) =>
  /^[^/:]+(:|$)/.test(value) ? undefined : `\`${value}\` is not \`NAME:PATH\``;

export const openFile: Check = (value) => {
  const [path = '', , options = '', ...more] = value.split(':');
  const unknown = options.split(',').find((one) => !/^(read-only|append|truncate|graceful|)$/.test(one));
  return more.length > 0 || unknown !== undefined ? `\`${unknown ?? value}\` is not an option` : absolute(path);
};

const STREAMS = {
  in: 'null tty tty-force tty-fail socket data fd file',
  out: 'inherit null tty journal journal+console kmsg kmsg+console syslog syslog+console socket fd file append truncate',
};

export const stream =
  (direction: keyof typeof STREAMS): Check =>
  (value) => {
    const [, kind = '', rest = ''] = /^(file|append|truncate|fd):(.*)$/.exec(value) ?? [];
    if (kind === 'fd') return undefined;
    const isFile = kind !== '' && (direction === 'out' || kind === 'file');
    if (isFile) return absolute(rest);
    return oneOf(STREAMS[direction], direction === 'in' ? 'source' : 'target')(value);
  };
