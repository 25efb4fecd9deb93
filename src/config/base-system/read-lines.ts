/**
 * Files whose readers ignore lines in a wrong format. Sources: modules-load.d(5), sysctl.d(5), modprobe.d(5),
 * tmpfiles.d(5), sysusers.d(5), ldconfig(8), sudoers(5). The checks are coarse: the reader refuses every
 * line that they refuse, and more.
 */

export interface ReadLines {
  readonly path: RegExp;
  readonly reader: string;
  readonly comment: RegExp;
  /** Why the reader ignores a line, as the end of a sentence; undefined if it may accept it. */
  readonly fault: (line: string) => string | undefined;
}

const SYSTEM = '^/(etc|usr/lib|usr/local/lib)';
const inFolder = (name: string): RegExp => new RegExp(`${SYSTEM}/${name}\\.d/[^/]+\\.conf$`);

const unless =
  (form: RegExp, reason: string) =>
  (line: string): string | undefined =>
    form.test(line) ? undefined : reason;

const COMMANDS = /^(alias|blacklist|include|install|options|remove|softdep|weakdep)\s+\S/;

export const READ_LINES: readonly ReadLines[] = [
  {
    path: inFolder('modules-load'),
    reader: 'systemd-modules-load',
    comment: /^[#;]/,
    fault: unless(/^[\w-]+$/, 'it is not the name of one module; options belong in `/etc/modprobe.d`'),
  },
  {
    path: inFolder('sysctl'),
    reader: 'systemd-sysctl',
    comment: /^[#;]/,
    fault: unless(/^(-?[^\s=-][^=]*=|-\S+$)/, 'it is not `KEY = VALUE`'),
  },
  {
    path: inFolder('modprobe'),
    reader: 'modprobe',
    comment: /^#/,
    fault: unless(COMMANDS, 'it does not start with a command such as `options` or `blacklist`'),
  },
  {
    path: inFolder('tmpfiles'),
    reader: 'systemd-tmpfiles',
    comment: /^#/,
    fault: unless(
      /^["']?[a-zA-Z][^\s"'\w/]*\+?["']?\s+["']?[/%]/,
      'it does not start with a type and an absolute path',
    ),
  },
  {
    path: inFolder('sysusers'),
    reader: 'systemd-sysusers',
    comment: /^#/,
    fault: unless(/^(u!?|[gmr])\s+\S/, 'it does not start with `u`, `g`, `m` or `r` and a name'),
  },
  {
    path: inFolder('ld\\.so\\.conf'),
    reader: 'ldconfig',
    comment: /^#/,
    fault: unless(/^(\/|(include|hwcap)\s)/, 'it is not an absolute path'),
  },
  {
    path: /^\/etc\/sudoers(\.d\/[^/]+)?$/,
    reader: 'sudo',
    comment: /^#(?!include|\d)/,
    fault: sudoersFault,
  },
];

const ALIAS = /^(User|Runas|Host|Cmnd|Cmd)_Alias\s/;
const TAGS =
  'EXEC FOLLOW INTERCEPT LOG_INPUT LOG_OUTPUT MAIL NOEXEC NOFOLLOW NOINTERCEPT NOLOG_INPUT NOLOG_OUTPUT NOMAIL NOPASSWD NOSETENV ' +
  'PASSWD SETENV';
const TAG = new RegExp(`^(${TAGS.replaceAll(' ', '|')})\\s*(:?)\\s*`);
const OPTION =
  /^(ROLE|TYPE|APPARMOR_PROFILE|PRIVS|LIMITPRIVS|NOTBEFORE|NOTAFTER|TIMEOUT|CWD|CHROOT)\s*=\s*("[^"]*"|\S+)\s*/;

/** The fault of a line of sudoers. A `#` before a number is not a comment, but a user or group. */
function sudoersFault(written: string): string | undefined {
  const line = written.replace(/\s+#(?!\d).*$/, '');
  if (/^(Defaults([@:!>].*)?\s|[#@]include(dir)?\s)/.test(line)) return undefined;
  if (ALIAS.test(line)) {
    const isNamed = /^\w+\s+[A-Z][A-Z0-9_]*\s*=\s*\S/.test(line);
    return isNamed ? undefined : 'an alias is `NAME = …`, its name in capitals';
  }
  const [, who = '', what = ''] = /^([^=]*[^\\])=(.*)$/.exec(line) ?? [];
  if (!/^("[^"]*"|\S+)(\s*,\s*("[^"]*"|\S+))*\s+\S/.test(who)) {
    return 'it is neither `WHO WHERE = (AS) WHAT`, nor `Defaults`, nor an alias';
  }
  return commandFault(what.trim().replace(/^\([^)]*\)\s*/, ''));
}

/** The fault of the first command; other commands may follow after commas. */
function commandFault(commands: string): string | undefined {
  let rest = commands;
  for (let found = OPTION.exec(rest) ?? TAG.exec(rest); found !== null; found = OPTION.exec(rest) ?? TAG.exec(rest)) {
    if (found[2] === '') return `behind \`${found[1] ?? ''}\` a \`:\` is missing`;
    rest = rest.slice(found[0].length);
  }
  if (rest === '') return 'it allows no command';
  const isCommand = /^(!\s*)*(\/|[A-Z][A-Z0-9_]*(\s|,|$)|sudoedit\b|list\b|"|\^|sha\d+:)/.test(rest);
  return isCommand ? undefined : `the command \`${rest.split(/[\s,]/)[0] ?? ''}\` is not an absolute path`;
}
