/**
 * The settings of sshd in Debian trixie (OpenSSH 10.0), including those that it accepts and ignores: sshd_config(5);
 * servconf.c in its source. `test/image/base-system/sshd-settings.test.ts` compares the list with the sshd of the base layer.
 */
import { words } from './words.ts';

/** In lower case, because sshd ignores case. */
export const SSHD_SETTINGS = words(`
  AcceptEnv AddressFamily AFSTokenPassing AllowAgentForwarding AllowGroups AllowStreamLocalForwarding AllowTcpForwarding AllowUsers
  AuthenticationMethods AuthorizedKeysCommand AuthorizedKeysCommandUser AuthorizedKeysFile AuthorizedKeysFile2
  AuthorizedPrincipalsCommand AuthorizedPrincipalsCommandUser AuthorizedPrincipalsFile Banner CASignatureAlgorithms
  ChallengeResponseAuthentication ChannelTimeout CheckMail ChrootDirectory Ciphers ClientAliveCountMax ClientAliveInterval Compression
  DebianBanner DenyGroups DenyUsers DisableForwarding DSAAuthentication ExposeAuthInfo FingerprintHash ForceCommand GatewayPorts
  GSSAPIAuthentication GSSAPICleanupCredentials GSSAPICleanupCreds GSSAPIKexAlgorithms GSSAPIKeyExchange
  GSSAPIStoreCredentialsOnRekey GSSAPIStrictAcceptorCheck GSSAPIUseSessionCredCache GSSUseSessionCCache HostbasedAcceptedAlgorithms
  HostbasedAcceptedKeyTypes HostbasedAuthentication HostbasedUsesNameFromPacketOnly HostCertificate HostDSAKey HostKey HostKeyAgent
  HostKeyAlgorithms IgnoreRhosts IgnoreUserKnownHosts Include IPQoS KbdInteractiveAuthentication KeepAlive KerberosAuthentication
  KerberosGetAFSToken KerberosOrLocalPasswd KerberosTGTPassing KerberosTicketCleanup KexAlgorithms KeyRegenerationInterval
  ListenAddress LoginGraceTime LogLevel LogVerbose MACs Match MaxAuthTries MaxSessions MaxStartups ModuliFile
  PAMAuthenticationViaKbdInt PAMServiceName PasswordAuthentication PermitBlacklistedKeys PermitEmptyPasswords PermitListen PermitOpen
  PermitRootLogin PermitTTY PermitTunnel PermitUserEnvironment PermitUserRC PerSourceMaxStartups PerSourceNetBlockSize
  PerSourcePenalties PerSourcePenaltyExemptList PidFile Port PrintLastLog PrintMotd Protocol PubkeyAcceptedAlgorithms
  PubkeyAcceptedKeyTypes PubkeyAuthentication PubkeyAuthOptions RDomain RefuseConnection RekeyLimit RequiredRSASize
  ReverseMappingCheck RevokedKeys RhostsAuthentication RhostsRSAAuthentication RSAAuthentication SecurityKeyProvider ServerKeyBits
  SetEnv SKeyAuthentication SshdAuthPath SshdSessionPath StreamLocalBindMask StreamLocalBindUnlink StrictModes Subsystem
  SyslogFacility TCPKeepAlive TrustedUserCAKeys UnusedConnectionTimeout UseDNS UseLogin UsePAM UsePrivilegeSeparation
  VerifyReverseMapping VersionAddendum X11DisplayOffset X11Forwarding X11UseLocalhost XAuthLocation
`);

const KNOWN: ReadonlySet<string> = new Set([...SSHD_SETTINGS].map((name) => name.toLowerCase()));

/** Settings with the values `yes` and `no` only. */
const SWITCHES: ReadonlySet<string> = new Set(
  [
    ...words(`
      AllowAgentForwarding DisableForwarding ExposeAuthInfo GSSAPIAuthentication HostbasedAuthentication IgnoreUserKnownHosts
      KbdInteractiveAuthentication PasswordAuthentication PermitEmptyPasswords PermitTTY PermitUserRC PrintLastLog PrintMotd
      PubkeyAuthentication StreamLocalBindUnlink StrictModes TCPKeepAlive UseDNS UsePAM X11Forwarding X11UseLocalhost
    `),
  ].map((name) => name.toLowerCase()),
);

const CHOICES: Readonly<Record<string, RegExp>> = {
  permitrootlogin: /^(yes|no|prohibit-password|without-password|forced-commands-only)$/i,
  port: /^0*([1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5])$/,
  maxauthtries: /^\d+$/,
  maxsessions: /^\d+$/,
  clientalivecountmax: /^\d+$/,
};

/** The name of a setting in lower case, and its value without quotes and comment. @param line without blanks around it */
export function sshdSetting(line: string): { readonly key: string; readonly value: string } {
  const [, key = '', value = ''] = /^"?([^\s="]+)"?(?:\s*=\s*|\s+|$)(.*)$/.exec(line) ?? [];
  return { key: key.toLowerCase(), value: value.replace(/\s+#.*$/, '').replace(/^"(.*)"$/, '$1') };
}

/** Why sshd does not start with a line, as the end of a sentence; undefined if it may be valid. @param line without blanks around it */
export function sshdFault(line: string): string | undefined {
  const written = /^"?([^\s="]*)/.exec(line)?.[1] ?? '';
  const { key: name, value: word } = sshdSetting(line);
  if (!KNOWN.has(name)) return `\`${written}\` is not one of its settings`;
  if (word === '' || word.startsWith('#')) return `\`${written}\` has no value`;
  if (SWITCHES.has(name) && !/^(yes|no)$/i.test(word)) return `\`${written}\` is \`yes\` or \`no\`, not \`${word}\``;
  return CHOICES[name]?.test(word) === false ? `\`${written}\` cannot be \`${word}\`` : undefined;
}
