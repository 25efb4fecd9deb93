/** Copies of snapshots in the user's S3 storage: with the real curl, and a server that checks signatures and digests. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { reveal } from '../../../src/pki/secret.ts';
import { storeFrom } from '../join/join-service.ts';
import { machine, type Machine } from '../machine.ts';
import { isSigned, S3_KEY } from '../s3.ts';

const pki = await storeFrom(new Date());
const AUTHORITY = pki.authorities['kubernetes']!.current.certificate;
const { certificate, key } = pki.certificates['nodes/master-01/join-server']!;
const DIR = 'var/lib/etcd-snapshots';
const PLACE = '/backups/etcd/lab/master-01';
/** Larger than curl sends at once. */
const SNAPSHOT = Buffer.alloc(3_000_000, 'snapshot');

interface Bucket {
  readonly url: string;
  readonly content: Map<string, Buffer>;
  /** Answers instead of the bucket. */
  refusal: string | null;
}

async function bucket(): Promise<Bucket> {
  const made: Bucket = { url: '', content: new Map(), refusal: null };
  const take = (request: IncomingMessage, body: Buffer): readonly [number, string] => {
    if (made.refusal !== null) return [503, `<Error><Code>${made.refusal}</Code></Error>`];
    const isWhole = request.headers['x-amz-content-sha256'] === createHash('sha256').update(body).digest('hex');
    if (request.method !== 'PUT' || !isSigned(request, body) || !isWhole) return [403, '<Error><Code>SignatureDoesNotMatch</Code></Error>']; // prettier-ignore
    made.content.set(request.url ?? '', body);
    return [200, ''];
  };
  const server = createServer({ cert: certificate, key: reveal(key) }, (request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const [status, text] = take(request, Buffer.concat(parts));
      response.writeHead(status).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return Object.assign(made, { url: `https://127.0.0.1:${String((server.address() as AddressInfo).port)}` });
}

/** A master whose last snapshot is new; it notes with which arguments curl was called. */
async function master(url: string, credentials = S3_KEY.join(':')): Promise<Machine> {
  const made = await machine({
    files: {
      'etc/cluster-config/etcd-snapshots.env': `SNAPSHOT_EVERY=3600\nSNAPSHOT_KEEP=3\nSNAPSHOT_STORE_URL=${url}/backups/etcd\nSNAPSHOT_STORE_REGION=eu-central-1\n`,
      'etc/kubernetes/snapshot-store-credentials': `${credentials}\n`,
      'etc/kubernetes/snapshot-store-ca.crt': AUTHORITY,
    },
  });
  await made.command('curl', `printf '%s\\n' "$*" >>${made.root}/argv; exec /usr/bin/curl "$@"`);
  await add(made, 'etcd-20260101T000000Z.db');
  return made;
}
const add = async (made: Machine, name: string): Promise<void> => {
  await mkdir(made.path(DIR), { recursive: true });
  await writeFile(made.path(`${DIR}/${name}`), SNAPSHOT);
};
const copy = (made: Machine) => made.run('cluster-etcd-snapshot.sh');
const last = async (made: Machine): Promise<string | undefined> => (await made.steps()).at(-1);

it('has each snapshot once, signed, under the names of cluster and master', async () => {
  const store = await bucket();
  const made = await master(store.url);
  expect(await copy(made)).toMatchObject({ status: 0 });
  expect([...store.content.keys()]).toEqual([`${PLACE}/etcd-20260101T000000Z.db`]);
  expect(store.content.get(`${PLACE}/etcd-20260101T000000Z.db`)?.equals(SNAPSHOT)).toBe(true);
  expect(await last(made)).toBe('snapshots done');
  expect((await made.ledger()).at(-1)?.message).toContain(`copied to ${store.url}${PLACE}`);
  store.content.clear();
  await add(made, 'etcd-20260102T000000Z.db');
  expect(await copy(made)).toMatchObject({ status: 0 });
  expect([...store.content.keys()]).toEqual([`${PLACE}/etcd-20260102T000000Z.db`]);
  const argv = await made.read('argv');
  for (const word of S3_KEY) expect(argv).not.toContain(word);
});

it('gets what it lacks once it answers again; the node says why and keeps its snapshots', async () => {
  const store = await bucket();
  const made = await master(store.url);
  store.refusal = 'SlowDown';
  expect((await copy(made)).status).toBe(1);
  expect(await last(made)).toBe('snapshots skipped etcd-snapshot-not-stored');
  expect((await made.ledger()).at(-1)?.message).toContain('it answers with 503 (SlowDown)');
  expect(await readdir(made.path(DIR))).toEqual(['etcd-20260101T000000Z.db']);
  await add(made, 'etcd-20260102T000000Z.db');
  store.refusal = null;
  expect((await copy(made)).status).toBe(0);
  expect([...store.content.keys()]).toEqual(['01', '02'].map((day) => `${PLACE}/etcd-202601${day}T000000Z.db`));
  expect(await last(made)).toBe('snapshots done');
});

it.each<[string, (made: Machine) => Promise<unknown>, string | RegExp]>([
  ['wrong credentials', (made) => made.write('etc/kubernetes/snapshot-store-credentials', `${S3_KEY[0]}:other\n`), '403 (SignatureDoesNotMatch)'], // prettier-ignore
  ['a certificate of another authority', (made) => made.write('etc/kubernetes/snapshot-store-ca.crt', pki.authorities['etcd']!.current.certificate), /certificate/], // prettier-ignore
  ['no credentials', (made) => made.bash('rm "$COLDSTART_ROOT/etc/kubernetes/snapshot-store-credentials"'), 'cannot be read'], // prettier-ignore
])('gets nothing with %s', async (_, spoil, why) => {
  const store = await bucket();
  const made = await master(store.url);
  await spoil(made);
  expect((await copy(made)).status).toBe(1);
  expect(await last(made)).toBe('snapshots skipped etcd-snapshot-not-stored');
  const { message } = (await made.ledger()).at(-1)!;
  expect(message).toEqual(typeof why === 'string' ? expect.stringContaining(why) : expect.stringMatching(why));
  expect(message).not.toContain(S3_KEY[1]);
  expect(store.content.size).toBe(0);
});

it('gets nothing from a server that does not answer', async () => {
  const made = await master('https://127.0.0.1:9');
  expect((await copy(made)).status).toBe(1);
  expect(await last(made)).toBe('snapshots skipped etcd-snapshot-not-stored');
  expect((await made.ledger()).at(-1)?.message).toMatch(/connect/i);
});
