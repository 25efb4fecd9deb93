/** Writes kubeconfigs: who calls which API server, by what certificate or token. Self-contained, hence secret. */
import { stringify } from 'yaml';

/** PEM texts, or a token. */
export type Credential = { readonly certificate: string; readonly key: string } | { readonly token: string };

interface Kubeconfig {
  readonly user: string;
  readonly credential: Credential;
  /** PEM, one certificate or several: what the server's certificate must come from. */
  readonly trust: string;
  /** Contexts, each with one server; the first is the current one. */
  readonly servers: readonly { readonly name: string; readonly url: string }[];
}

/** https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/ */
export function formatKubeconfig({ user, credential, trust, servers }: Kubeconfig): string {
  const document = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: servers.map(({ name, url }) => ({
      name,
      cluster: { 'certificate-authority-data': base64(trust), server: url },
    })),
    contexts: servers.map(({ name }) => ({ name, context: { cluster: name, user } })),
    'current-context': servers[0]?.name ?? '',
    users: [{ name: user, user: userOf(credential) }],
  };
  return stringify(document, { lineWidth: 0, aliasDuplicateObjects: false });
}

function userOf(credential: Credential): Readonly<Record<string, string>> {
  if ('token' in credential) return { token: credential.token };
  const { certificate, key } = credential;
  return { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) };
}

/** `https://host:port`, with the brackets that an IPv6 address wants. */
export function serverUrl(host: string, port: number): string {
  return `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
