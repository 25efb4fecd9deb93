/**
 * token_distribution: external: masters put tokens into the user's external store, nodes read them; with the real curl,
 * and servers that check credentials like the real ones.
 */
import type { IncomingMessage } from 'node:http';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { reveal } from '../../../src/pki/secret.ts';
import { storeFrom } from './join-service.ts';
import { api } from './kubectl.ts';
import { machine, type Machine } from '../machine.ts';
import { isSigned, S3_KEY } from '../s3.ts';

type Type = 'vault' | 's3' | 'http';
interface Stored {
  readonly token: string;
  readonly expires: string;
}

const pki = await storeFrom(new Date());
const AUTHORITY = pki.authorities['kubernetes']!.current.certificate;
const pair = (id: string) => {
  const { certificate, key } = pki.certificates[id]!;
  return { cert: certificate, key: reveal(key) };
};
// Any server and any client of one authority.
const SERVER = pair('nodes/master-01/join-server');
const CLIENT = pair('nodes/worker-01/kube-proxy');

const VAULT_TOKEN = 'hvs.made-up';
const BEARER = 'made-up-bearer';

/** What a store asks to see; a client certificate is asked for by the connection. */
const ADMITS: Readonly<Record<string, (request: IncomingMessage, body: string) => boolean>> = {
  vault: ({ headers }) => headers['x-vault-token'] === VAULT_TOKEN,
  s3: isSigned,
  http: ({ headers }) => headers.authorization === `Bearer ${BEARER}`,
  certificate: ({ socket }) => (socket as TLSSocket).authorized,
};

interface Store {
  readonly url: string;
  readonly content: Map<string, string>;
  readonly asked: string[];
}

/** A store on loopback; Vault answers with what was written, below `data` as its second version does. */
async function storeServer(admits: string, of: { readonly readOnly?: boolean } = {}): Promise<Store> {
  const made = { content: new Map<string, string>(), asked: [] as string[] };
  const tls: ServerOptions = {
    ...SERVER,
    ca: AUTHORITY,
    requestCert: admits === 'certificate',
    rejectUnauthorized: false,
  };
  const server = createServer(tls, (request, response) => {
    let body = '';
    request.on('data', (part) => (body += String(part)));
    request.on('end', () => {
      const { method = '', url = '' } = request;
      made.asked.push(`${method} ${url}`);
      if (!ADMITS[admits]!(request, body)) return void response.writeHead(403).end('{"errors":["permission denied"]}');
      if (method !== 'GET' && of.readOnly === true) return void response.writeHead(405).end();
      if (method === (admits === 'vault' ? 'POST' : 'PUT')) {
        made.content.set(url, body);
        return void response.writeHead(admits === 'vault' ? 204 : 200).end();
      }
      const found = made.content.get(url);
      if (found === undefined) return void response.writeHead(404).end();
      response.end(
        admits === 'vault'
          ? JSON.stringify({ data: { ...(JSON.parse(found) as object), metadata: { version: 1 } } })
          : found,
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return Object.assign(made, { url: `https://127.0.0.1:${String((server.address() as AddressInfo).port)}` });
}

const CREDENTIALS: Readonly<Record<string, string>> = {
  vault: VAULT_TOKEN,
  s3: S3_KEY.join(':'),
  http: BEARER,
  certificate: CLIENT.cert + CLIENT.key,
};

async function nodeAt(url: string, admits: string, of: Readonly<Record<string, string>> = {}): Promise<Machine> {
  const type: Type = admits === 'certificate' ? 'http' : (admits as Type);
  const env = { TOKEN_DISTRIBUTION: 'external', TOKEN_TTL: '3600', API_PORT: '6443', NODE_NAME: 'worker-01', ...of };
  const settings = { STORE_TYPE: type, STORE_URL: `${url}/v1/secret/data/lab/{node}`, STORE_REGION: 'eu-central-1' };
  return machine({
    env,
    files: {
      'etc/cluster-config/join.env': Object.entries(settings)
        .map(([name, value]) => `${name}="${value}"\n`)
        .join(''),
      'etc/kubernetes/join-store-ca.crt': AUTHORITY,
      'etc/kubernetes/join-credentials': `${CREDENTIALS[admits]!}\n`,
      'etc/kubernetes/bootstrap-tokens.tsv': 'worker-01\taaaaaa.0123456789abcdef\nworker-02\tbbbbbb.0123456789abcdef\n',
    },
  });
}
const master = (url: string, admits: string): Promise<Machine> => nodeAt(url, admits, { NODE_NAME: 'master-01' });
const obtain = (worker: Machine) => worker.bash('obtain_join_information');
const tokenOf = async (worker: Machine): Promise<string | undefined> =>
  /^ {4}token: (\S+)$/m.exec(await worker.read('etc/kubernetes/bootstrap-kubelet.conf'))?.[1];
const PLACE = '/v1/secret/data/lab/worker-01';
const inStore = (text: string): Stored => {
  const value = JSON.parse(text) as { data?: Stored } & Stored;
  return value.data ?? value;
};

describe.each(['vault', 's3', 'http', 'certificate'])('a store that asks for: %s', (admits) => {
  it('takes tokens from masters and gives each to its node', async () => {
    const store = await storeServer(admits);
    const first = await master(store.url, admits);
    const cluster = await api(first);
    expect(await first.run('cluster-nodes.sh')).toMatchObject({ status: 0 });
    expect([...store.content.keys()]).toEqual([PLACE, PLACE.replace('01', '02')]);
    const worker = await nodeAt(store.url, admits);
    expect(await obtain(worker)).toMatchObject({ status: 0 });
    const token = await tokenOf(worker);
    const [stored] = await cluster.tokens();
    const text = (key: string): string => Buffer.from(stored!.data[key]!, 'base64').toString();
    expect(`${text('token-id')}.${text('token-secret')}`).toBe(token);
    // Made anew: the token of the secrets store is in no image but the masters'.
    expect(token).toMatch(/^aaaaaa\.[a-z0-9]{16}$/);
    expect(token).not.toContain('0123456789abcdef');
    expect(inStore(store.content.get(PLACE)!)).toEqual({ token, expires: text('expiration') });
    expect(await worker.steps()).toEqual(['join running', 'join done']);
    expect(await first.steps()).toEqual(['store done']);
  });

  it('refuses a node with other credentials, which says so without them', async () => {
    const store = await storeServer(admits);
    const worker = await nodeAt(store.url, admits);
    const other = { vault: 'hvs.wrong', s3: 'AKIAMADEUP:wrong', http: 'wrong', certificate: 'wrong' }[admits]!;
    await worker.write('etc/kubernetes/join-credentials', `${other}\n`);
    await worker.command('curl', `printf '%s\\n' "$@" >>${worker.path('arguments')}; exec /usr/bin/curl "$@"`);
    expect((await obtain(worker)).status).toBe(1);
    expect(await worker.steps()).toEqual(['join running', 'join failed store-refused']);
    expect(JSON.stringify(await worker.ledger()) + (await worker.read('arguments'))).not.toContain('wrong');
  });
});

describe('a worker at a store', () => {
  it.each([
    ['the bare token', 'aaaaaa.fedcba9876543210\n'],
    ['what the first version of Vault’s engine gives', '{"data":{"token":"aaaaaa.fedcba9876543210"}}'],
    ['what the second one gives', '{"data":{"data":{"token":"aaaaaa.fedcba9876543210"},"metadata":{}}}'],
    ['what masters write into the first one', '{"data":{"data":{"token":"aaaaaa.fedcba9876543210"}}}'],
    ['plain JSON', '{"token":"aaaaaa.fedcba9876543210"}'],
  ])('understands %s', async (_, text) => {
    const store = await storeServer('http');
    store.content.set(PLACE, text);
    const worker = await nodeAt(store.url, 'http');
    expect((await obtain(worker)).status).toBe(0);
    expect(await tokenOf(worker)).toBe('aaaaaa.fedcba9876543210');
  });

  it.each([
    ['nothing', undefined],
    ['a page', '<html>please log in</html>'],
    ['a token that would be more than one', '{"token":"aaaaaa.fedcba9876543210\\nx: y"}'],
    ['too much', 'x'.repeat(70_000)],
  ])('says that the store holds %s, and no token', async (_, text) => {
    const store = await storeServer('http');
    if (text !== undefined) store.content.set(PLACE, text);
    const worker = await nodeAt(store.url, 'http');
    expect((await obtain(worker)).status).toBe(1);
    const cause = text !== undefined && text.length > 65_536 ? 'store-unreachable' : 'store-empty';
    expect(await worker.steps()).toEqual(['join running', `join failed ${cause}`]);
  });

  it('asks again, as masters may only be about to write it', async () => {
    const store = await storeServer('http');
    const worker = await nodeAt(store.url, 'http');
    await obtain(worker);
    expect(store.asked).toEqual(Array.from({ length: 4 }, () => `GET ${PLACE}`));
  });

  it('believes no server of another authority, and shows it nothing', async () => {
    const store = await storeServer('http');
    const worker = await nodeAt(store.url, 'http');
    await worker.write('etc/kubernetes/join-store-ca.crt', pki.authorities['etcd']!.current.certificate);
    expect((await obtain(worker)).status).toBe(1);
    expect(await worker.steps()).toEqual(['join running', 'join failed store-unreachable']);
    expect(store.asked).toEqual([]);
  });
});

describe('masters at a store', () => {
  it('write a token once, whichever of them made it', async () => {
    const store = await storeServer('vault');
    const first = await master(store.url, 'vault');
    const cluster = await api(first);
    await first.run('cluster-nodes.sh');
    const before = new Map(store.content);
    const asked = store.asked.length;
    await first.run('cluster-nodes.sh');
    expect([store.content, store.asked.length]).toEqual([before, asked]);
    expect((await cluster.tokens()).map(({ metadata }) => metadata.annotations)).toEqual([
      { 'published.coldstart/token': 'yes' },
      { 'published.coldstart/token': 'yes' },
    ]);
  });

  it('that start at the same time agree', async () => {
    const store = await storeServer('http');
    const first = await master(store.url, 'http');
    const cluster = await api(first);
    await Promise.all([1, 2, 3].map(() => first.run('cluster-nodes.sh')));
    for (const { data } of await cluster.tokens()) {
      const text = (key: string): string => Buffer.from(data[key]!, 'base64').toString();
      const node = text('description').replace('lets join: ', '');
      expect(inStore(store.content.get(`/v1/secret/data/lab/${node}`)!).token).toBe(
        `${text('token-id')}.${text('token-secret')}`,
      );
    }
    expect(await cluster.tokens()).toHaveLength(2);
  });

  it('make a new one for a node that is lost before the old one ends, and none for one that is ready', async () => {
    const store = await storeServer('http');
    const first = await master(store.url, 'http');
    const cluster = await api(first);
    await cluster.began(new Date(Date.now() - 3_570_000)); // half a minute is left
    await first.run('cluster-nodes.sh');
    const before = inStore(store.content.get(PLACE)!);
    await cluster.nodes({ 'worker-01': false, 'worker-02': true });
    await first.run('cluster-nodes.sh');
    const after = inStore(store.content.get(PLACE)!);
    expect(after.token).not.toBe(before.token);
    expect(Date.parse(after.expires) - Date.now()).toBeGreaterThan(800_000);
    expect((await cluster.tokens()).map(({ metadata }) => metadata.name)).toEqual(['bootstrap-token-aaaaaa']);
  });

  it('say what the store does not take, without the token, and that it does again', async () => {
    const store = await storeServer('http', { readOnly: true });
    const first = await master(store.url, 'http');
    const cluster = await api(first);
    const { output } = await first.run('cluster-nodes.sh');
    expect(await first.steps()).toEqual(['store waiting store-not-written']);
    const [{ message } = { message: '' }] = await first.ledger();
    expect(message).toBe(
      'the store does not accept the token of: worker-01 (it answers with 405) worker-02 (it answers with 405)',
    );
    const secret = Buffer.from((await cluster.tokens())[0]!.data['token-secret']!, 'base64').toString();
    expect(output + (await cluster.calls())).not.toContain(secret);
    const [again] = [await storeServer('http')];
    await first.write('etc/cluster-config/join.env', `STORE_TYPE=http\nSTORE_URL='${again.url}/{node}'\n`);
    await first.run('cluster-nodes.sh');
    expect(await first.steps()).toEqual(['store waiting store-not-written', 'store done']);
  });
});
