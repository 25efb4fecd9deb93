/** Container registries of Talos: mirrors, and the trust in them. */
import type { Field, Said } from '../../input/field.ts';
import { type Draft, share } from '../../model.ts';
import { Leaf, OutList, OutMap } from '../../write/out.ts';
import type { Target } from './target.ts';

export function readRegistries(field: Field | undefined, { nodes, draft }: Target): void {
  const config = field?.get('config');
  for (const mirror of field?.get('mirrors')?.fields() ?? []) {
    const mirrors = (mirror.get('endpoints')?.texts() ?? []).map((url) => mirrorOf(url, config, draft));
    mirror.get('overridePath')?.skip('coldstart uses a path with `/v2` in it unchanged');
    const wish = ['keep the nodes from reaching it, if it must not be asked'] as const;
    mirror.get('skipFallback')?.lose('containerd always tries the registry itself at last', ...wish);
    const host = mirror.key === '*' ? '_default' : mirror.key;
    const entry = new OutMap({ host: new Leaf(host), mirrors: new OutList(mirrors) }, mirror);
    share(nodes, 'registries', host, entry);
  }
  for (const host of config?.fields() ?? []) readTrust(host, { nodes, draft });
}

function mirrorOf({ value, from }: Said<string>, config: Field | undefined, draft: Draft): OutMap {
  const host = value.replace(/^https?:\/\//, '').split('/')[0] ?? '';
  const insecure = config?.get(host, 'tls', 'insecureSkipVerify')?.bool() === true;
  return new OutMap({
    url: new Leaf(value.replace(/\/$/, ''), from),
    ca_file: one(caFile(config?.get(host, 'tls', 'ca'), host, draft)),
    skip_verify: insecure ? new Leaf(true) : undefined,
  });
}

/** A registry with a CA of its own, and no mirror: the registry is its own mirror, with that CA. */
function readTrust(host: Field, { nodes, draft }: Pick<Target, 'nodes' | 'draft'>): void {
  const todo = `add the credentials to \`registries\`, in the entry with \`host: ${host.key}\``;
  host.get('auth')?.lose('a password is no part of the new definition', todo);
  const ca = host.get('tls', 'ca');
  if (!ca || ca.ledger.isSettled(ca.tree)) return;
  const file = caFile(ca, host.key, draft);
  const itself = new OutMap({ url: new Leaf(`https://${host.key}`), ca_file: one(file) });
  const entry = new OutMap({ host: new Leaf(host.key), mirrors: new OutList([itself]) }, host);
  if (file !== undefined) share(nodes, 'registries', host.key, entry);
}

const one = (text: string | undefined): Leaf | undefined => (text === undefined ? undefined : new Leaf(text));

/** A CA certificate, in base64 as Talos has it, becomes a file. */
function caFile(field: Field | undefined, host: string, draft: Draft): string | undefined {
  const text = field?.text();
  if (text === undefined) return undefined;
  const pem = text.includes('-----BEGIN') ? text : Buffer.from(text, 'base64').toString('utf8');
  if (!pem.startsWith('-----BEGIN CERTIFICATE-----'))
    return void field?.lose(
      'it is no certificate',
      'save the certificate as a file, and name it in the `ca_file` of a mirror',
    );
  const file = `${host.replace(/[^a-z0-9.-]+/gi, '-')}-ca.pem`;
  draft.files.set(file, pem.endsWith('\n') ? pem : `${pem}\n`);
  return file;
}
