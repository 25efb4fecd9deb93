/** token_distribution: http, from the worker's request to the token in the API, with every kind of refusal. */
import { createHmac } from 'node:crypto';
import { existsSync } from 'node:fs';
import { stat, utimes, readdir } from 'node:fs/promises';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { reveal } from '../../../src/pki/secret.ts';
import { joiningWorker, joinService, storeFrom, SYSTEMD_SOCKET_ACTIVATE, type JoinService } from './join-service.ts';
import { machine, type Machine } from '../machine.ts';

const obtain = (worker: Machine) => worker.bash('obtain_join_information');
const secretOf = (worker: Machine): Promise<string> =>
  worker.read('etc/kubernetes/join-token').then((text) => text.trim());
const tokenOf = async (worker: Machine): Promise<string> =>
  (parse(await worker.read('etc/kubernetes/bootstrap-kubelet.conf')) as { users: { user: { token: string } }[] })
    .users[0]!.user.token;
const decoded = (data: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
const prove = (secret: string, node: string, challenge: string): string =>
  createHmac('sha256', secret).update(`${node} ${challenge}`).digest('hex');

describe('hmac', () => {
  it('is the HMAC-SHA256 of others', async () => {
    const key = fc.stringMatching(/^[ -~]{1,64}$/);
    await fc.assert(
      fc.asyncProperty(key, fc.string(), async (secret, text) => {
        const made = await machine({ files: { key: secret, text } });
        const { output } = await made.bash('hmac "$(<"$COLDSTART_ROOT/key")" <"$COLDSTART_ROOT/text"');
        const expected = createHmac('sha256', secret.replace(/\n+$/, '')).update(text).digest('hex');
        expect(output).toBe(expected);
      }),
      {
        numRuns: 12,
        examples: [
          ['Jefe', 'what do ya want for nothing?'],
          ['x'.repeat(64), ''],
        ],
      },
    );
  });
});

describe.skipIf(!existsSync(SYSTEMD_SOCKET_ACTIVATE))('a worker asks a master (needs systemd-socket-activate)', () => {
  it('and gets a token of its own, minutes long, in the group of workers', async () => {
    const service = await joinService();
    const worker = await joiningWorker(service.port);
    const began = Date.now();
    expect(await obtain(worker)).toMatchObject({ status: 0 });
    const token = await tokenOf(worker);
    const [stored] = await service.api.tokens();
    const data = decoded(stored!.data);
    expect(`${data['token-id']}.${data['token-secret']}`).toBe(token);
    expect(stored).toMatchObject({
      type: 'bootstrap.kubernetes.io/token',
      metadata: { name: `bootstrap-token-${token.slice(0, 6)}` },
    });
    expect(data).toMatchObject({
      'auth-extra-groups': 'system:bootstrappers:coldstart:workers',
      ...{ description: 'lets join: worker-01', 'usage-bootstrap-signing': 'false' },
    });
    const minutes = (Date.parse(data['expiration']!) - began) / 60_000;
    expect(minutes).toBeGreaterThan(13);
    expect(minutes).toBeLessThanOrEqual(16);
    expect(token).toMatch(/^[a-z0-9]{6}\.[a-z0-9]{16}$/);
    expect(token).not.toBe(await secretOf(worker));
    expect((await stat(worker.path('etc/kubernetes/bootstrap-kubelet.conf'))).mode & 0o777).toBe(0o600);
    expect(await worker.steps()).toEqual(['join running', 'join done']);
    // A kubelet that runs has read the file already.
    expect(await worker.read('systemctl-calls')).toContain('try-restart --no-block kubelet');
  });

  it('and nothing secret is written anywhere, on either side', async () => {
    const service = await joinService();
    const worker = await joiningWorker(service.port);
    await worker.command('curl', `printf '%s\\n' "$@" >>${worker.path('arguments')}; exec /usr/bin/curl "$@"`);
    const { output } = await obtain(worker);
    const [token, secret] = [await tokenOf(worker), await secretOf(worker)];
    const texts = [
      output,
      service.log(),
      JSON.stringify(await worker.ledger()),
      await worker.read('arguments'),
      await service.api.calls(),
    ];
    for (const text of texts) {
      expect(text).not.toContain(token.slice(7));
      expect(text).not.toContain(secret.slice(7));
    }
    const lines = service
      .log()
      .split('\n')
      .filter((line) => line.startsWith('worker-01'));
    expect(lines).toEqual(['worker-01 from ?: 200 asked', 'worker-01 from ?: 200 was let in']);
  });

  it('gets another one when it asks again, and the one before ends with it', async () => {
    const service = await joinService();
    const worker = await joiningWorker(service.port);
    await obtain(worker);
    const first = await tokenOf(worker);
    await obtain(worker);
    expect(await tokenOf(worker)).not.toBe(first);
    expect(await service.api.tokens()).toHaveLength(1);
  });

  it('goes to the next master when the first one is dead', async () => {
    const service = await joinService();
    const worker = await joiningWorker(service.port, { MASTER_IPS: '127.0.0.9 127.0.0.1' });
    expect((await obtain(worker)).status).toBe(0);
  });

  it('asks nobody when it has a certificate, and again when that has expired', async () => {
    const service = await joinService();
    const worker = await joiningWorker(service.port);
    const certificate = 'var/lib/kubelet/pki/kubelet-client-current.pem';
    await worker.write('var/lib/kubelet/kubelet.conf', 'made up');
    const kubelet = async (now: Date) => (await storeFrom(now)).certificates['nodes/worker-01/kubelet']!.certificate;
    await worker.write(certificate, await kubelet(new Date()));
    expect((await obtain(worker)).status).toBe(0);
    expect(await worker.steps()).toEqual([]);
    await worker.write(certificate, await kubelet(new Date('2015-01-01')));
    await obtain(worker);
    expect(await worker.steps()).toEqual(['join running', 'join done']);
  });

  const long = new Date(Date.now() - 7_200_000);
  const cases: readonly [string, string, (service: JoinService, worker: Machine) => Promise<void>][] = [
    [
      'its secret is another cluster’s',
      'join-not-recognised',
      (_, worker) => worker.write('etc/kubernetes/join-token', 'abcdef.0123456789abcdef\n'),
    ],
    [
      'it is no node of the cluster',
      'join-not-recognised',
      async ({ master }) => master.write('etc/kubernetes/bootstrap-tokens.tsv', ''),
    ],
    ['the cluster has it already, ready', 'join-member-already', ({ api }) => api.nodes({ 'worker-01': true })],
    ['its time is over', 'join-too-late', ({ api }) => api.began(long)],
    ['the API server does not answer', 'join-service-busy', ({ api }) => api.fail()],
  ];
  it.each(cases)('is refused when %s: %s', async (_, cause, arrange) => {
    const service = await joinService();
    const worker = await joiningWorker(service.port);
    await arrange(service, worker);
    expect((await obtain(worker)).status).toBe(1);
    expect(await worker.steps()).toEqual(['join running', `join failed ${cause}`]);
    expect(await service.api.tokens()).toEqual([]);
    expect(existsSync(worker.path('etc/kubernetes/bootstrap-kubelet.conf'))).toBe(false);
  });

  it('is let in after its time when it was a member, or when a person renewed it', async () => {
    const service = await joinService();
    const worker = await joiningWorker(service.port);
    await service.api.began(long);
    await service.api.nodes({ 'worker-01': false });
    expect((await obtain(worker)).status).toBe(0);
    await service.api.nodes({});
    expect((await obtain(worker)).status).toBe(1);
    await service.master.write('etc/kubernetes/node-labels.tsv', '');
    expect((await service.master.run('cluster-nodes.sh', '--renew', 'worker-01')).status).toBe(0);
    expect((await obtain(worker)).status).toBe(0);
  });

  it('stays unanswered when nobody is there, and tells its secret to no server of another authority', async () => {
    // As like as two peas, but from another secrets store.
    const { certificate: cert, key } = (await storeFrom(new Date())).certificates['nodes/master-01/join-server']!;
    let asked = 0;
    const foreign = createServer(
      { cert, key: reveal(key) },
      (_, response) => void (asked++, response.end('0'.repeat(64))),
    );
    await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void foreign.close());
    const worker = await joiningWorker((foreign.address() as AddressInfo).port);
    expect((await obtain(worker)).status).toBe(1);
    expect(await worker.steps()).toEqual(['join running', 'join failed join-unreachable']);
    expect((await worker.ledger()).at(-1)?.message).toMatch(/certificate/i);
    expect(asked).toBe(0);
  });
});

describe.skipIf(!existsSync(SYSTEMD_SOCKET_ACTIVATE))('the join service (needs systemd-socket-activate)', () => {
  interface Answer {
    readonly status: number;
    readonly text: string;
  }
  /** A request as anybody could make it. */
  const ask = (service: JoinService, method: string, path: string, body = '', headers = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: service.port, method, path, rejectUnauthorized: false, headers };
      const sent = request(options, (response) => {
        let text = '';
        response.on('data', (part) => (text += String(part)));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text: text.trimEnd() }));
      });
      sent.on('error', reject);
      sent.end(body);
    });
  const challengeOf = async (service: JoinService): Promise<string> =>
    (await ask(service, 'GET', '/v1/join/worker-01')).text;
  const post = (service: JoinService, node: string, body: string) =>
    ask(service, 'POST', `/v1/join/${node}`, body, { 'content-length': body.length });
  const secrets = async (service: JoinService) =>
    Object.fromEntries(
      (await service.master.read('etc/kubernetes/bootstrap-tokens.tsv'))
        .trim()
        .split('\n')
        .map((row) => row.split('\t') as [string, string]),
    );

  it('takes an answer to a challenge once', async () => {
    const service = await joinService();
    const challenge = await challengeOf(service);
    const body = `${challenge} ${prove((await secrets(service))['worker-01']!, 'worker-01', challenge)}\n`;
    expect((await post(service, 'worker-01', body)).status).toBe(200);
    const [first] = await service.api.tokens();
    expect(await post(service, 'worker-01', body)).toEqual({
      status: 410,
      text: 'this challenge was used, is older than a minute, or is not from this master; ask for another one',
    });
    expect(await service.api.tokens()).toEqual([first]);
  });

  it('takes two copies of an answer at the same time as one', async () => {
    const service = await joinService();
    const challenge = await challengeOf(service);
    const body = `${challenge} ${prove((await secrets(service))['worker-01']!, 'worker-01', challenge)}\n`;
    const answers = await Promise.all([1, 2, 3, 4].map(() => post(service, 'worker-01', body)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 410, 410, 410]);
  });

  it('takes no answer to a challenge that is older than a minute, and forgets it', async () => {
    const service = await joinService();
    const challenge = await challengeOf(service);
    const minuteAgo = new Date(Date.now() - 61_000);
    const folder = service.master.path('run/cluster-join');
    await utimes(`${folder}/${challenge}`, minuteAgo, minuteAgo);
    const body = `${challenge} ${prove((await secrets(service))['worker-01']!, 'worker-01', challenge)}\n`;
    expect((await post(service, 'worker-01', body)).status).toBe(410);
    const next = await challengeOf(service);
    expect(await readdir(folder)).toEqual([next]);
  });

  it('uses a challenge up with a wrong proof, so that guessing needs a new one each time', async () => {
    const service = await joinService();
    const challenge = await challengeOf(service);
    expect(await post(service, 'worker-01', `${challenge} ${'0'.repeat(64)}\n`)).toEqual({
      status: 401,
      text: 'this is not the proof of a node of this cluster',
    });
    const right = prove((await secrets(service))['worker-01']!, 'worker-01', challenge);
    expect((await post(service, 'worker-01', `${challenge} ${right}\n`)).status).toBe(410);
    expect(service.log()).toContain('worker-01 from ?: 401 this is not the proof of a node of this cluster\n');
    expect(service.log()).not.toContain(right);
  });

  it.each([
    ['another node’s secret', 'worker-01', 'worker-02', 'worker-01'],
    ['a proof for another node', 'worker-01', 'worker-02', 'worker-02'],
    ['the name of a master', 'master-01', 'worker-01', 'master-01'],
    ['an unknown name', 'nobody', 'worker-01', 'nobody'],
  ])('recognises nobody by %s', async (_, asked, secret, signed) => {
    const service = await joinService();
    const challenge = await challengeOf(service);
    const proof = prove((await secrets(service))[secret]!, signed, challenge);
    expect((await post(service, asked, `${challenge} ${proof}\n`)).status).toBe(401);
    expect(await service.api.calls()).toBe('');
  });

  it.each<[string, string, string, string, Record<string, string | number>, number]>([
    ['another path', 'GET', '/', '', {}, 400],
    ['a way out', 'GET', '/v1/join/../../etc', '', {}, 400],
    ['a name with a blank', 'GET', '/v1/join/a%20b', '', {}, 400],
    ['a name that is none', 'GET', '/v1/join/$(id)', '', {}, 400],
    ['another method', 'PUT', '/v1/join/worker-01', '', {}, 405],
    ['too much', 'POST', '/v1/join/worker-01', 'x'.repeat(300), { 'content-length': 300 }, 400],
    ['a length that is none', 'POST', '/v1/join/worker-01', '', { 'transfer-encoding': 'chunked' }, 410],
    ['a challenge that is a path', 'POST', '/v1/join/worker-01', '../join.sock x', { 'content-length': 14 }, 410],
    ['nothing', 'POST', '/v1/join/worker-01', '', { 'content-length': 0 }, 410],
    [
      'many headers',
      'GET',
      '/v1/join/worker-01',
      '',
      Object.fromEntries(Array.from({ length: 60 }, (__, n) => [`x-${n}`, 'y'])),
      400,
    ],
  ])('refuses %s', async (_, method, path, body, headers, status) => {
    const service = await joinService();
    const answer = await ask(service, method, path, body, headers).catch((error: Error) => ({
      status: 0,
      text: error.message,
    }));
    expect(answer).toMatchObject({ status });
    expect(answer.text).not.toContain('\n');
    expect(await service.api.calls()).toBe('');
  });
});

describe('a token that is refused', () => {
  const refused = async (age: number): Promise<Machine> => {
    const made = await machine({
      env: { TOKEN_DISTRIBUTION: 'http', NODE_ROLES: 'worker', BOOT_ROLE: 'worker', API_PORT: '6443' },
    });
    await made.write('etc/kubernetes/bootstrap-kubelet.conf', 'users:\n- user:\n    token: abcdef.made-up\n');
    const then = new Date(Date.now() - age * 1000);
    await utimes(made.path('etc/kubernetes/bootstrap-kubelet.conf'), then, then);
    await made.command('curl', String.raw`printf '\n401 '`);
    return made;
  };

  it('ends the attempt, so that the next one asks for another', async () => {
    const made = await refused(61);
    expect((await made.bash('await_registration')).status).toBe(1);
    expect(await made.steps()).toEqual(['token failed token-refused']);
  });

  it('is given a minute, as masters learn of it one after the other', async () => {
    const made = await refused(5);
    await made.bash('await_registration');
    expect(await made.steps()).toEqual(['token waiting token-refused', 'token failed token-refused']);
  });
});
