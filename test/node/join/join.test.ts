/** token_distribution: http, from the worker's request to the token in the API, with every kind of refusal. */
import { existsSync } from 'node:fs';
import { stat, utimes } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { X509Certificate } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { reveal } from '../../../src/pki/secret.ts';
import {
  joiningWorker,
  joinService,
  renewCertificate,
  storeFrom,
  SYSTEMD_SOCKET_ACTIVATE,
  type JoinService,
} from './join-service.ts';
import { api } from './kubectl.ts';
import { machine, type Machine } from '../machine.ts';

const obtain = (worker: Machine) => worker.bash('obtain_join_information');
const tokenOf = async (worker: Machine): Promise<string> =>
  (parse(await worker.read('etc/kubernetes/bootstrap-kubelet.conf')) as { users: { user: { token: string } }[] })
    .users[0]!.user.token;
const serialOf = async (worker: Machine): Promise<string> =>
  new X509Certificate(await worker.read('etc/kubernetes/pki/join-client.crt')).serialNumber;
const decoded = (data: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));

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
      metadata: { name: `bootstrap-token-${token.slice(0, 6)}`, labels: { 'joins.coldstart/node': 'worker-01' } },
    });
    expect(data).toMatchObject({
      'auth-extra-groups': 'system:bootstrappers:coldstart:workers',
      ...{ description: 'lets join: worker-01', 'usage-bootstrap-signing': 'false' },
    });
    const minutes = (Date.parse(data['expiration']!) - began) / 60_000;
    expect(minutes).toBeGreaterThan(13);
    expect(minutes).toBeLessThanOrEqual(16);
    expect(token).toMatch(/^[a-z0-9]{6}\.[a-z0-9]{16}$/);
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
    const token = await tokenOf(worker);
    const [, secret = ''] = (await worker.read('etc/kubernetes/pki/join-client.key')).split('\n');
    const texts = [
      output,
      service.log(),
      JSON.stringify(await worker.ledger()),
      await worker.read('arguments'),
      await service.api.calls(),
    ];
    for (const text of texts) {
      expect(text).not.toContain(token.slice(7));
      expect(text).not.toContain(secret);
    }
    const lines = service
      .log()
      .split('\n')
      .filter((line) => line.startsWith('worker-01'));
    const serial = await serialOf(worker);
    expect(lines).toEqual([`worker-01 (certificate ${serial}) from 192.0.2.7: 200 was let in`]);
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
  const cases: readonly [string, string, (service: JoinService, worker: Machine) => Promise<unknown>][] = [
    [
      'its certificate is from another secrets store',
      'join-not-recognised',
      async (_, worker) => {
        const { certificate, key } = (await storeFrom(new Date())).certificates['nodes/worker-01/join-client']!;
        await worker.write('etc/kubernetes/pki/join-client.crt', certificate);
        await worker.write('etc/kubernetes/pki/join-client.key', reveal(key));
      },
    ],
    ['somebody refused it', 'join-refused', ({ master }) => master.run('cluster-nodes.sh', '--refuse', 'worker-01')],
    [
      'somebody refused its certificate',
      'join-refused',
      async ({ master }, worker) => master.run('cluster-nodes.sh', '--refuse', await serialOf(worker)),
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
    expect((await service.master.run('cluster-nodes.sh', '--renew', 'worker-01')).status).toBe(0);
    expect((await obtain(worker)).status).toBe(0);
  });

  it('is let in by a certificate of now, however old the cluster is', async () => {
    const service = await joinService();
    const worker = await joiningWorker(service.port);
    await service.api.began(new Date('2020-01-01'));
    expect((await obtain(worker)).status).toBe(1);
    await renewCertificate(worker);
    expect((await obtain(worker)).status).toBe(0);
  });

  it('is let in again by a new certificate after its name was refused, and after it was readmitted', async () => {
    const service = await joinService();
    const [old, fresh] = [await joiningWorker(service.port), await joiningWorker(service.port)];
    await service.api.nodes({ 'worker-01': false }); // a member may come back always
    await service.master.run('cluster-nodes.sh', '--refuse', 'worker-01');
    await renewCertificate(fresh);
    expect((await obtain(old)).status).toBe(1);
    expect((await obtain(fresh)).status).toBe(0);
    await service.master.run('cluster-nodes.sh', '--refuse', await serialOf(fresh));
    expect((await obtain(fresh)).status).toBe(1);
    for (const what of ['worker-01', await serialOf(fresh)]) {
      await service.master.run('cluster-nodes.sh', '--readmit', what);
    }
    expect(await service.api.refused()).toEqual({});
    expect((await obtain(old)).status).toBe(0);
    expect((await obtain(fresh)).status).toBe(0);
  });

  it('loses its token once it is ready', async () => {
    const service = await joinService();
    await obtain(await joiningWorker(service.port));
    expect((await service.master.run('cluster-nodes.sh')).status).toBe(0);
    expect(await service.api.tokens()).toHaveLength(1);
    await service.api.nodes({ 'worker-01': true, 'worker-02': true });
    expect(await service.master.run('cluster-nodes.sh')).toEqual({ status: 0, output: '' });
    expect(await service.api.tokens()).toEqual([]);
  });

  it('asks no server of another authority', async () => {
    // As like as two peas, but from another secrets store.
    const { certificate: cert, key } = (await storeFrom(new Date())).certificates['nodes/master-01/join-server']!;
    let asked = 0;
    const foreign = createServer({ cert, key: reveal(key) }, (_, response) => void (asked++, response.end('{}')));
    await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void foreign.close());
    const worker = await joiningWorker((foreign.address() as AddressInfo).port);
    expect((await obtain(worker)).status).toBe(1);
    expect(await worker.steps()).toEqual(['join running', 'join failed join-unreachable']);
    expect((await worker.ledger()).at(-1)?.message).toMatch(/certificate/i);
    expect(asked).toBe(0);
  });
});

describe('a person decides who may join', () => {
  const onMaster = async (): Promise<Machine> => {
    const made = await machine({
      env: { TOKEN_DISTRIBUTION: 'http', TOKEN_TTL: '3600', API_PORT: '6443' },
      files: {},
    });
    await api(made);
    return made;
  };

  it.each([
    ['the name of a node', 'worker-01', 'name.worker-01'],
    ['a serial number', '4f'.repeat(16), `serial.${'4F'.repeat(16)}`],
    ['a serial number with colons', Array(16).fill('4f').join(':'), `serial.${'4F'.repeat(16)}`],
  ])('by %s', async (_, what, key) => {
    const made = await onMaster();
    await made.run('cluster-nodes.sh', '--refuse', what);
    expect(Object.keys((JSON.parse(await made.read('api/refused')) as { data: object }).data)).toEqual([key]);
  });

  it.each(['', '-x', 'Worker', 'a b', '"}', '../x', 'a.b'])('but not by %j', async (what) => {
    for (const option of ['--refuse', '--readmit', '--renew']) {
      const made = await onMaster();
      expect((await made.run('cluster-nodes.sh', option, what)).status).not.toBe(0);
      expect(existsSync(made.path('api/refused'))).toBe(false);
    }
  });

  it('and is told that a refused node is not renewed', async () => {
    const made = await onMaster();
    await made.run('cluster-nodes.sh', '--refuse', 'worker-01');
    expect(await made.run('cluster-nodes.sh', '--renew', 'worker-01')).toEqual({
      status: 1,
      output: 'cluster-nodes.sh: worker-01 is refused; if that is over: cluster-nodes.sh --readmit worker-01',
    });
  });

  it('also where tokens are in images: a refused one has none', async () => {
    const made = await machine({
      env: { TOKEN_DISTRIBUTION: 'embedded', TOKEN_TTL: '3600', API_PORT: '6443' },
      files: {
        'etc/kubernetes/bootstrap-tokens.tsv':
          'worker-01\taaaaaa.0123456789abcdef\nworker-02\tbbbbbb.0123456789abcdef\n',
      },
    });
    const fake = await api(made);
    await made.run('cluster-nodes.sh');
    expect(await fake.tokens()).toHaveLength(2);
    await made.run('cluster-nodes.sh', '--refuse', 'worker-01');
    expect((await fake.tokens()).map(({ metadata }) => metadata.name)).toEqual(['bootstrap-token-bbbbbb']);
    await made.run('cluster-nodes.sh', '--readmit', 'worker-01');
    expect(await fake.tokens()).toHaveLength(2);
  });
});

describe('the handler of the join service', () => {
  const GOOD = {
    'x-forwarded-for': '192.0.2.7',
    'x-join-name': 'coldstart:joining:worker-01',
    'x-join-serial': '4F'.repeat(16),
    'x-join-not-before': '261126120000Z',
  };
  const ask = async (first: string, headers: Readonly<Record<string, string>>) => {
    const made = await machine({
      env: { TOKEN_DISTRIBUTION: 'http', TOKEN_TTL: '3600', API_PORT: '6443' },
      files: { request: [first, ...Object.entries(headers).map((pair) => pair.join(': ')), '', ''].join('\r\n') },
    });
    const fake = await api(made);
    const { output } = await made.bash('cluster-join.sh <"$COLDSTART_ROOT/request" 2>/dev/null');
    return { status: Number(output.split(' ')[1]), output, calls: await fake.calls() };
  };

  it('reads what haproxy tells', async () => {
    expect(await ask('POST /v1/join HTTP/1.1', GOOD)).toMatchObject({ status: 200 });
  });

  it.each<[string, string, Record<string, string>]>([
    ['another path', 'POST /v1/join/worker-02 HTTP/1.1', GOOD],
    ['another method', 'GET /v1/join HTTP/1.1', GOOD],
    ['no request', 'x', {}],
    ['no certificate', 'POST /v1/join HTTP/1.1', {}],
    ['a name that is none', 'POST /v1/join HTTP/1.1', { ...GOOD, 'x-join-name': 'coldstart:joining:$(id)' }],
    ['a name without its kind', 'POST /v1/join HTTP/1.1', { ...GOOD, 'x-join-name': 'worker-01' }],
    ['another kind of name', 'POST /v1/join HTTP/1.1', { ...GOOD, 'x-join-name': 'system:node:worker-01' }],
    ['a way out', 'POST /v1/join HTTP/1.1', { ...GOOD, 'x-join-name': 'coldstart:joining:../nodes' }],
    ['a serial number that is none', 'POST /v1/join HTTP/1.1', { ...GOOD, 'x-join-serial': '' }],
    ['a time that is none', 'POST /v1/join HTTP/1.1', { ...GOOD, 'x-join-not-before': 'now' }],
    [
      'many headers',
      'POST /v1/join HTTP/1.1',
      { ...Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`x-${String(n)}`, 'y'])), ...GOOD },
    ],
  ])('refuses %s', async (_, first, headers) => {
    const { status, output, calls } = await ask(first, headers);
    expect(status, output).toBe(400);
    expect(calls).toBe('');
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
