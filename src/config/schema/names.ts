/** Formats of names that other programs define: paths, packages, units, users, keys, kernel arguments, URLs. */
import { TIME_ZONES } from '../base-system/time-zones.ts';
import { hasBech32Checksum } from '../content/bech32.ts';
import { parseIp } from '../network/net.ts';
import { canonicalHost } from '../network/registry-hosts.ts';
import { isKeyLine } from '../content/ssh-key.ts';
import { isLine, matching, scalar } from './scalar.ts';

/** distribution/reference, `domainAndPort`: a name, an IPv4 address, or an IPv6 address in brackets. */
const registryPattern =
  /^(_default|([a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|\[[0-9A-Fa-f:]+\])(:[1-9]\d{0,4})?)$/;

/** Absolute and canonical, so that each file has only one spelling. */
export const absolutePath = scalar({
  expected: 'an absolute path in printable ASCII, without `..`, `//` or a `/` at the end',
  examples: ['/etc/motd'],
  parse: (text) => (isCanonicalPath(text) ? text : undefined),
});

/** A file beside `cluster.yaml`. */
export const reference = scalar({
  expected: 'the path of a file, relative to the folder of `cluster.yaml`',
  examples: ['files/motd'],
  parse: readReference,
});

/** http or https, without user name and password. */
export const url = scalar({
  expected: 'an http or https URL without a user name in it, like `https://mirror.lab.example/k8s`',
  examples: ['https://mirror.lab.example/k8s'],
  parse: readUrl,
});

/** https, without user name and password, and without an end that further parts of a path could not follow. */
export const httpsFolder = scalar({
  expected: 'an https URL without a user name, `?` and `#`, like `https://s3.lab.example/backups`',
  examples: ['https://s3.lab.example/backups'],
  parse: (text) => (/^https:[^?#]*$/.test(text) ? readUrl(text)?.replace(/\/+$/, '') : undefined),
});

/** A part of each day; one that ends earlier than it begins ends on the next day. */
export const dailyHours = scalar({
  expected: 'two different times of the day like `22:00-04:00`',
  examples: ['22:00-04:00', '00:00-24:00'],
  parse: (text) => (isDailyHours(text) ? text : undefined),
});

function isDailyHours(text: string): boolean {
  const [, begin, end] = /^((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d|24:00)$/.exec(text) ?? [];
  return begin !== undefined && begin !== end;
}

/** A file beside `cluster.yaml`, or a URL to download (with `://`). */
export const manifest = scalar({
  expected: 'the path of a file, relative to the folder of `cluster.yaml`, or the http or https URL of one',
  examples: ['manifests/dashboard.yaml', 'https://charts.lab.example/v1.2.3/dashboard.yaml'],
  parse: (text) => (text.includes('://') ? readManifestUrl(text) : readReference(text)),
});

/** A proxy may require a user name and a password. */
export const proxyUrl = scalar({
  expected: 'an http or https URL like `http://proxy.lab.example:3128`',
  examples: ['http://proxy.lab.example:3128'],
  parse: (text) => (isUrl(text) ? text.replace(/\/+$/, '') : undefined),
});

/**
 * Host and optional port as in image names; the other names of Docker Hub are read as `docker.io`. containerd looks for a folder
 * with exactly this name (`hostPaths` in remotes/docker/config/hosts.go), so addresses are not changed to their canonical form.
 */
export const registryHost = scalar({
  expected:
    'a registry as it stands in image names, like `docker.io`, `registry.lab.example:5000` or `[fd00::5]:5000`, or `_default`',
  pattern: registryPattern,
  examples: ['docker.io', '10.0.0.5:5000', '_default'],
  parse: (text) => (isRegistryHost(text) ? canonicalHost(text) : undefined),
});

/** containerd appends the path of an image to the URL, so nothing may follow the URL's path. */
export const mirrorUrl = scalar({
  expected: 'an http or https URL without a user name or `?` in it, like `https://harbor.lab.example/v2/dockerhub`',
  examples: ['https://mirror.lab.example', 'https://harbor.lab.example/v2/dockerhub'],
  parse: (text) => (/[?#]/.test(text) ? undefined : readUrl(text)),
});

/** The kernel allows 15 bytes; NetworkManager's file names and udev allow no special characters. @see ../network/cluster-devices.ts */
export const interfaceName = matching(
  'an interface name of at most 15 letters, digits, `.`, `_` and `-`, with a letter or digit in front',
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/,
  ['bond0'],
);

/** Debian policy 5.6.1, with an optional version (`=`) or release (`/`). For apt, a `-` at the end removes a package. */
export const packageName = matching(
  'the name of a Debian package like `tcpdump`',
  /^[a-z0-9][a-z0-9+.-]*[a-z0-9+.]([=/][A-Za-z0-9.+:~-]+)?$/,
  ['tcpdump'],
);

/** sources.list(5), in the formats that mmdebstrap(1) accepts. */
export const aptSource = scalar({
  expected: 'a URL or a `deb` line like `deb http://mirror.lab.example/debian trixie main non-free-firmware`',
  examples: ['https://mirror.lab.example/debian', 'deb http://mirror.lab.example/debian trixie main non-free-firmware'],
  parse: (text) => (isLine(text) && (isDebLine(text) || isAptUrl(text)) ? text : undefined),
});

export const unitName = matching(
  'the file name of a unit with its suffix, like `backup.timer`',
  /^[A-Za-z0-9:_.\\-]{1,200}@?[A-Za-z0-9:_.\\-]{0,40}\.(service|socket|timer|path|mount|automount|target|slice|swap)$/,
  ['backup.timer'],
);

export const hookName = matching(
  'a name of at most 63 lower-case letters, digits and `-`',
  /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
  ['register-asset'],
);

/** systemd-sysusers refuses a longer name (UT_NAMESIZE of utmp(5), including the final NUL). */
export const userName = matching(
  'a user name of at most 31 lower-case letters, digits, `_` and `-`',
  /^[a-z_][a-z0-9_-]{0,30}$/,
  ['admin'],
);

export const sshKey = scalar({
  expected: 'a public key as in `~/.ssh/id_ed25519.pub`, e.g. `ssh-ed25519 AAAA… you@host`',
  examples: ['ssh-ed25519 AAAA… you@host'],
  parse: (text) => (isLine(text) && isKeyLine(text) ? text : undefined),
});

/**
 * A hash of crypt(5) that Debian's login supports: yescrypt, SHA-512, SHA-256 or bcrypt, in full length. With a truncated hash,
 * nobody could log in.
 */
export const passwordHash = matching(
  'a hash by yescrypt, SHA-512, SHA-256 or bcrypt, complete as `mkpasswd` prints it',
  new RegExp(
    `^\\$(${[
      'y\\$[./A-Za-z0-9]+\\$[./A-Za-z0-9]{0,86}\\$[./A-Za-z0-9]{43}',
      '6\\$(rounds=[1-9][0-9]{3,8}\\$)?[^$:\\s]{0,16}\\$[./A-Za-z0-9]{86}',
      '5\\$(rounds=[1-9][0-9]{3,8}\\$)?[^$:\\s]{0,16}\\$[./A-Za-z0-9]{43}',
      '2[aby]\\$(0[4-9]|[12][0-9]|3[01])\\$[./A-Za-z0-9]{53}',
    ].join('|')})$`,
  ),
);

/** kubernetes.io, "Bootstrap tokens": six and sixteen characters. */
export const bootstrapToken = matching(
  'a bootstrap token of the form `abcdef.0123456789abcdef` (six, a dot, sixteen lower-case letters or digits)',
  /^[a-z0-9]{6}\.[a-z0-9]{16}$/,
);

export const awsRegion = matching('the name of a region like `eu-central-1`', /^[a-z0-9][a-z0-9-]{0,62}$/, [
  'eu-central-1',
]);

export const ageRecipient = scalar({
  expected: 'an age recipient, which starts with `age1`, as `age-keygen -y` prints it',
  pattern: /^age1[02-9ac-hj-np-z]{58}$/,
  parse: (text) => (/^age1[02-9ac-hj-np-z]{58}$/.test(text) && hasBech32Checksum(text) ? text : undefined),
});

export const kernelArgument = matching(
  'one kernel argument without blanks and quotes, like `intel_iommu=on`, or one to take away, like `-quiet`',
  /^-?[A-Za-z0-9_][!#-&(-~]{0,255}$/,
  ['intel_iommu=on'],
);

export const kernelModule = matching('the name of a kernel module', /^[A-Za-z0-9_-]{1,55}$/, ['nbd']);

export const sysctlKey = matching(
  'the name of a kernel setting like `vm.swappiness`',
  /^[a-z0-9_]+([./][A-Za-z0-9_:*-]+)+$/,
  ['vm.swappiness'],
);

export const timezone = scalar({
  expected: 'a time zone like `Europe/Berlin` or `UTC`',
  examples: ['Europe/Berlin', 'UTC'],
  parse: (text) => (TIME_ZONES.has(text) ? text : undefined),
});

function readReference(text: string): string | undefined {
  return isLine(text) && !/^([/~]|[A-Za-z]:)|\\/.test(text) ? text.replace(/^(\.\/)+/, '') : undefined;
}

function readUrl(text: string): string | undefined {
  return isUrl(text) && !hasUser(text) ? text.replace(/\/+$/, '') : undefined;
}

/** The name of the manifest is the end of the URL's path. */
function readManifestUrl(text: string): string | undefined {
  const url = readUrl(text);
  return url !== undefined && /\/[A-Za-z0-9][A-Za-z0-9._-]*$/.test(new URL(url).pathname) ? url : undefined;
}

function isCanonicalPath(text: string): boolean {
  const [root, ...parts] = text.split('/');
  const isPart = (part: string): boolean => /^[\x21-\x7e]{1,255}$/.test(part) && part !== '.' && part !== '..';
  return root === '' && text.length < 1024 && parts.every(isPart);
}

/** Whether a text is an http(s) URL, without port 0 and without empty labels in the host name. */
function isUrl(text: string): boolean {
  if (!isLine(text) || !/^https?:\/\/[^\s"'\\<>]+$/.test(text) || !URL.canParse(text)) return false;
  const { hostname, port } = new URL(text);
  return port !== '0' && !/^\.|\.\./.test(hostname);
}

/** The web site of Docker Hub is refused, because it is not a registry. */
function isRegistryHost(text: string): boolean {
  const [, ipv6, port = '0'] = /^(?:\[(.*)\]|[^:]*)(?::(\d+))?$/.exec(text) ?? [];
  if (!registryPattern.test(text) || text.length > 253 || Number(port) > 65_535) return false;
  return (ipv6 === undefined || parseIp(ipv6) !== undefined) && !/^(hub|www)\.docker\.(com|io)$/.test(text);
}

const aptUrl = '(https?|ftp|file|copy|mirror\\+https?):/[^ ]+';
const isAptUrl = (text: string): boolean => new RegExp(`^${aptUrl}$`).test(text);
/** A suite with a slash at its end is a folder and has no components. */
const isDebLine = (text: string): boolean =>
  new RegExp(`^deb +(\\[[^\\]]*\\] +)?${aptUrl} +([^ ]+/|[^ ]*[^ /]( +[a-z][a-z0-9-]*)+)$`).test(text);

const hasUser = (text: string): boolean => /^https?:\/\/[^/]*@/.test(text);
