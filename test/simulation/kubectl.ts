/** The API server's answers and changes for kubectl: nodes, and the secrets with bootstrap tokens. */
import type { Api, Token } from './kubernetes.ts';
import type { Node } from './node.ts';
import { after, refuse, say, type Reply } from './reply.ts';
import type { World } from './world.ts';

const CONFLICT = 'Error from server (Conflict)';
const NODE_LABEL = 'joins.coldstart/node';
const secretName = (id: string): string => `bootstrap-token-${id}`;

/** Dates of the API are compared with the machine's clock, which is not the simulator's. */
const instant = (world: World, seconds: number): string =>
  new Date(Date.now() + (seconds - world.now) * 1000).toISOString().replace(/\.\d+/, '');

/** The answer to a GET: its status, and on the next line what it says. */
export function askApi(world: World, node: Node, [config, path = '']: readonly string[]): Reply {
  const api = world.kubernetes.through(node);
  if (api === null) return say('000\nThe connection to the server 127.0.0.1:6443 was refused');
  if (config === 'admin' && !api.administrators) return say('403\nForbidden');
  const found = resource(world, api, path);
  return say(found === null ? '404\nNotFound' : `200\n${JSON.stringify(found)}`);
}

function resource(world: World, api: Api, path: string): object | null {
  const [kind, name, part] = path.replace('/api/v1/', '').split(/[/?]/);
  if (part === 'secrets') return { items: secrets(world, api, path.includes('?labelSelector=')) };
  if (part === 'configmaps' && path.endsWith('/coldstart-peers') && api.peers !== null) {
    return { metadata: { resourceVersion: String(api.peers.version) }, data: { 'peers.json': api.peers.text } };
  }
  if (part === 'configmaps' && path.endsWith('/coldstart-refused') && api.refused !== null)
    return { data: api.refused };
  if (part === 'configmaps') return null;
  if (kind === 'namespaces') return { metadata: { creationTimestamp: instant(world, api.created) } };
  if (name === undefined) return { items: [...api.nodes.keys()].map((each) => listed(world, api, each)) };
  return api.nodes.has(name) ? listed(world, api, name) : null;
}

const listed = (world: World, api: Api, name: string): object => ({
  metadata: { name },
  spec: api.shares.has(name) ? { podCIDRs: [api.shares.get(name)] } : {},
  status: {
    addresses: [{ type: 'InternalIP', address: api.nodes.get(name)!.address }],
    conditions: [{ type: 'Ready', status: world.kubernetes.isReady(name, api) ? 'True' : 'Unknown' }],
    nodeInfo: { bootID: api.nodes.get(name)!.boot },
  },
});

export function kubectl(world: World, node: Node, args: readonly string[]): Reply {
  const api = world.kubernetes.through(node);
  if (api === null) return refuse('The connection to the server 127.0.0.1:6443 was refused');
  const words = args.filter((each) => !each.startsWith('--')).join(' ');
  const isAdmin = after(args, '--kubeconfig').endsWith('/admin.conf');
  if (isAdmin && !api.administrators) return refuse('Error from server (Forbidden)');
  if (after(args, '--filename') === '-') return keep(world, api, words, args.at(-1)!);
  if (words.includes(' apply ')) api.administrators = true;
  if (words.includes(' annotate secret ')) return annotate(api, args);
  if (words.includes(' configmap ')) return refusal(api, words, after(args, '--patch'));
  if (words.includes(' delete node ')) {
    const name = args.at(-2)!;
    if (api.nodes.has(name)) world.note(node, `the API server does not list ${name} any more`);
    world.kubernetes.drop(api, name);
  }
  if (words.includes(' delete secret ')) {
    for (const id of api.tokens.keys()) if (args.includes(secretName(id))) api.tokens.delete(id);
  }
  return say();
}

/** A patch of one key of the config map. */
function refusal(api: Api, words: string, patch: string): Reply {
  if (words.includes(' create ')) api.refused ??= {};
  else if (api.refused === null) return refuse('Error from server (NotFound)');
  else Object.assign(api.refused, (JSON.parse(patch) as { data: object }).data);
  return say();
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

function secrets(world: World, api: Api, labelled: boolean): readonly object[] {
  const found = [...api.tokens].filter(([, { node }]) => !labelled || node !== undefined);
  return found.map(([id, { secret, until, version, published, node, description }]) => ({
    metadata: {
      name: secretName(id),
      ...(node === undefined ? {} : { labels: { [NODE_LABEL]: node } }),
      resourceVersion: String(version),
      annotations: published ? { 'published.coldstart/token': 'yes' } : {},
    },
    data: {
      ...{ 'token-id': base64(id), 'token-secret': base64(secret), description: base64(description) },
      expiration: base64(instant(world, until)),
    },
  }));
}

interface ConfigMap {
  readonly kind: 'ConfigMap';
  readonly metadata: { readonly resourceVersion?: string };
  readonly data: Readonly<Record<'peers.json', string>>;
}

/** Refused when another master was faster. */
function publish(world: World, api: Api, words: string, { metadata, data }: ConfigMap): Reply {
  const isStale = words.includes(' create ')
    ? api.peers !== null
    : String(api.peers?.version) !== metadata.resourceVersion;
  if (isStale) return refuse(CONFLICT);
  api.peers = { text: data['peers.json'], version: api.version++, of: world.kubernetes.truth(api) };
  world.stir('peers');
  return say();
}

interface Wanted {
  readonly metadata: { readonly resourceVersion?: string; readonly labels?: Readonly<Record<string, string>> };
  readonly stringData: Readonly<Record<'token-id' | 'token-secret' | 'expiration' | 'description', string>>;
}

/** Of what is created or replaced, each item for itself is refused when another master was faster. */
function keep(world: World, api: Api, words: string, list: string): Reply {
  let isRefused = false;
  const sent = JSON.parse(list) as { items: Wanted[] } | Wanted | ConfigMap;
  if ('data' in sent) return publish(world, api, words, sent);
  for (const { metadata, stringData } of 'items' in sent ? sent.items : [sent]) {
    const id = stringData['token-id'];
    const before = api.tokens.get(id);
    const isStale =
      (words.includes(' create ') && before !== undefined) ||
      (words.includes(' replace ') && String(before?.version) !== metadata.resourceVersion);
    isRefused ||= isStale;
    if (isStale) continue;
    const until = world.now + (Date.parse(stringData.expiration) - Date.now()) / 1000;
    const token: Token = {
      ...{ secret: stringData['token-secret'], until, version: api.version++, published: false },
      ...{ node: metadata.labels?.[NODE_LABEL], description: stringData.description },
    };
    api.tokens.set(id, words.includes(' apply ') ? { ...token, published: before?.published ?? false } : token);
  }
  for (const each of world.nodes) world.stir(`api ${each.name}`);
  return isRefused ? refuse(CONFLICT) : say();
}

function annotate(api: Api, args: readonly string[]): Reply {
  const id = args.find((each) => each.startsWith('bootstrap-token-'))!.slice('bootstrap-token-'.length);
  const token = api.tokens.get(id);
  if (token === undefined || String(token.version) !== after(args, '--resource-version')) return refuse(CONFLICT);
  api.tokens.set(id, { ...token, version: api.version++, published: true });
  return say();
}
