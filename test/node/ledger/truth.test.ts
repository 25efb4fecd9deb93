/**
 * The status of a node is current. Every wait that shows a cause checks again until it ends: in each test the situation
 * changes while a script waits, and the status shows the new state and nothing of the old one.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { BOOT_ID, DATA, M2, master, member, type Case } from '../kubernetes/master.ts';
import { plugIn, type Machine } from '../machine.ts';
import { nodeScripts } from '../scripts.ts';

/** Seconds that a busy machine may take from a change of the world to the status. */
const PATIENCE = 60;
const WAITING = { COLDSTART_DEADLINE: '600' };

interface Shown {
  readonly step: string;
  readonly state: string;
  readonly cause: string;
  readonly message: string;
}

async function status(made: Machine): Promise<readonly Shown[]> {
  const text = await made.read('run/cluster/status.json').catch(() => '{"steps": []}');
  return (JSON.parse(text) as { steps: readonly Shown[] }).steps;
}

/** What keeps the node waiting, as `step cause: message`. */
const open = async (made: Machine): Promise<string> =>
  (await status(made))
    .filter(({ state }) => state === 'waiting' || state === 'failed')
    .map(({ step, cause, message }) => `${step} ${cause}: ${message}`)
    .join('\n');

/** What happens to the world, and what the node says then; the last one lets it go on. */
type Phase = readonly [change: (made: Machine) => Promise<unknown>, shown: RegExp | null];

const put =
  (path: string, content: string) =>
  (made: Machine): Promise<void> =>
    made.write(path, content);
const drop =
  (path: string) =>
  (made: Machine): Promise<unknown> =>
    made.bash(`rm -f "$COLDSTART_ROOT/${path}"`);
const nothing = (): Promise<void> => Promise.resolve();

/** `openssl req -new -subj /O=system:nodes/CN=system:node:master-01`, and the same of worker-07. */
const CSR = `-----BEGIN CERTIFICATE REQUEST-----
MIHxMIGZAgEAMDcxFTATBgNVBAoMDHN5c3RlbTpub2RlczEeMBwGA1UEAwwVc3lz
dGVtOm5vZGU6bWFzdGVyLTAxMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAELOxG
hYRoSTRSQ3tVM6gIzG4Ay/qEXZDjt3wSx5iiO8pJtgk9/pCXp6PsKH2GioswQIB5
78/V7ngEeal76TNRTKAAMAoGCCqGSM49BAMCA0cAMEQCIBsSqx8boXOi6ksBpI45
1+bFU6NMNpXH+2v54HBk2NPnAiAw/do1Etv101H8mml+XKOjolhyUFISdM8BXKtC
0ETSTw==
-----END CERTIFICATE REQUEST-----
`;
const CSR_OF_ANOTHER = `-----BEGIN CERTIFICATE REQUEST-----
MIHyMIGZAgEAMDcxFTATBgNVBAoMDHN5c3RlbTpub2RlczEeMBwGA1UEAwwVc3lz
dGVtOm5vZGU6d29ya2VyLTA3MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEg++X
JmBYl8mNfGy1Oy/fiQkGNWpEv56nAmOomzbObc0z2N1z0vbgzZqh8JrVMjsegRwN
psvOpWSzpfBpGfUP5KAAMAoGCCqGSM49BAMCA0gAMEUCIQCHb10sb0AjgU4SbAjo
xN+tZYNI74vH5eSOHA8Ymp72EgIgSUZFh0MPzhxjgKlmbFPCdh5BE0t459A69oDK
7xo1ifQ=
-----END CERTIFICATE REQUEST-----
`;

/** What the API server lists: a request of this node, and one of another with the same token. */
const request = (of: object): string => {
  const item = (name: string, csr: string) => ({
    metadata: { name, creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { username: 'system:bootstrap:abcdef', request: Buffer.from(csr).toString('base64') },
    status: of,
  });
  return JSON.stringify({ items: [item('csr-y', CSR_OF_ANOTHER), item('csr-x', CSR)] });
};
const condition = (...types: string[]) => ({ conditions: types.map((type) => ({ type, status: 'True' })) });
const answers = (code: string, body = '') => [put('fake/request', body), put('fake/api-status', code)];
const all =
  (changes: readonly ((made: Machine) => Promise<unknown>)[]) =>
  async (made: Machine): Promise<void> => {
    for (const change of changes) await change(made);
  };
const asked = (code: string, of?: object) => all(answers(code, of === undefined ? '' : request(of)));

const KUBELET = 'var/lib/kubelet';
const certificate = all([put(`${KUBELET}/pki/kubelet-client-current.pem`, 'x'), put(`${KUBELET}/kubelet.conf`, '')]);
const worker: Case = {
  env: { BOOT_ROLE: 'worker', NODE_ROLES: 'worker' },
  files: { 'etc/kubernetes/bootstrap-kubelet.conf': 'users:\n- user:\n    token: abcdef.made-up\n' },
};
const monitors: Case = { env: { NODE_ROLES: 'ceph-osd' } };
const CEPH = `CEPH_MONS="master-02 master-03"; CEPH_MON_IPS="192.168.50.12 192.168.50.13"; CEPH_MON_ADDRS="[v2:192.168.50.12:3300] [v2:192.168.50.13:3300]"
_listens() { [[ ! -e $COLDSTART_ROOT/fake/port-$2 ]] || printf '%s\\n' "$2"; }
`;

/** By the function that says what is missing. */
const WAITS: Readonly<Record<string, readonly [of: Case, body: string, phases: readonly Phase[]]>> = {
  say_unregistered: [
    worker,
    'await_registration; end_registration',
    [
      [asked('000'), /^token api-unreachable/],
      [asked('401'), /^token token-refused/],
      [asked('403'), /^request certificate-not-permitted/],
      [all(answers('200', '{"items": []}')), /^request certificate-not-requested/],
      [asked('200', {}), /^approval certificate-not-approved/],
      [asked('401'), /^token token-refused/],
      [asked('200', condition('Denied')), /^approval certificate-denied/],
      [asked('200', condition('Approved')), /^certificate certificate-not-issued/],
      [asked('200', condition('Approved', 'Failed')), /^certificate certificate-not-issued.*could not/],
      [
        asked('200', { ...condition('Approved'), certificate: 'eA==' }),
        /^node not-registered: the certificate is issued/,
      ],
      [all([drop('fake/boot-id'), certificate]), /^node not-registered: the API server does not list/],
      [put('fake/boot-id', 'another'), /^node not-registered.*before its last start/],
      [put('fake/boot-id', BOOT_ID), null],
    ],
  ],
  say_unlabelled: [
    worker,
    'await "$API_WAIT" say_unlabelled label_own_node',
    [
      [all([certificate, drop('fake/boot-id')]), /^node labels-refused.*not found/],
      [drop(`${KUBELET}/kubelet.conf`), /^node labels-refused.*cannot be read/],
      [all([put('fake/boot-id', BOOT_ID), put(`${KUBELET}/kubelet.conf`, '')]), null],
    ],
  ],
  say_no_share: [
    { files: { 'etc/kubernetes/pod-network.conflist': '{"plugins": [{"ipam": {}}]}' } },
    'take_share',
    [
      [put('fake/shares', 'null'), /^node pod-share-missing/],
      [drop('fake/boot-id'), /^node api-unreachable/],
      [all([put('fake/shares', '["10.244.3.0/24"]'), put('fake/boot-id', BOOT_ID)]), null],
    ],
  ],
  say_no_api: [
    worker,
    'source <(sed -n "/^say_no_api/,/^}/p; /^wait_for_api()/,/^}/p" "$BIN_DIR/join-worker.sh"); wait_for_api',
    [
      [put('fake/no-api', ''), /^api api-unreachable/],
      [drop('fake/no-api'), null],
    ],
  ],
  say_silent_master: [
    {},
    'await 9 say_silent_master all_masters_are_clear',
    [
      [put('fake/silent', '192.168.50.12\n'), /etcd-silent-master.*\.12 accepts/],
      [put('fake/silent', '192.168.50.13\n'), /etcd-silent-master.*\.13 accepts/],
      [
        // The same master, so that there is no moment at which all of them are clear.
        all([put('fake/foreign-store', '192.168.50.13\n'), put('fake/silent', '')]),
        /etcd-foreign-authority.*\.13 shows/,
      ],
      [all([put('fake/silent', '192.168.50.13\n'), put('fake/foreign-store', '')]), /etcd-silent-master.*\.13 accepts/],
      [put('fake/silent', ''), null],
    ],
  ],
  say_no_cluster: [
    {},
    'await 9 say_no_cluster reach_cluster',
    [
      [nothing, /^etcd etcd-no-cluster/],
      [put('fake/foreign-store', '192.168.50.13\n'), /etcd-foreign-authority.*\.13 shows/],
      [put('fake/foreign-store', ''), /^etcd etcd-no-cluster/],
      [put('fake/members', `${M2}\n`), null],
    ],
  ],
  say_not_added: [
    {},
    'await 9 say_not_added member_is_added',
    [
      [put('fake/members', `${M2}\n${member('c3', 'master-03', '192.168.50.13', true)}\n`), /^etcd etcd-learner-busy/],
      [put('fake/no-quorum', ''), /^etcd etcd-no-cluster/],
      [
        all([
          put('fake/refusal', ''),
          put('fake/members', `${M2}\n${member('a1', 'master-01', '192.168.50.11')}\n`),
          drop('fake/no-quorum'),
        ]),
        /^etcd etcd-not-added.*unhealthy cluster/,
      ],
      [drop('fake/refusal'), null],
    ],
  ],
  say_etcd_not_ready: [
    { files: DATA },
    'await 9 say_etcd_not_ready unit_is_active etcd',
    [
      [nothing, /^etcd etcd-not-ready/],
      [put('fake/running-etcd', ''), null],
    ],
  ],
  say_not_voting: [
    { files: { ...DATA, 'fake/running-etcd': '', 'fake/unhealthy': '' } },
    'await 9 say_not_voting member_votes',
    [
      [nothing, /^etcd etcd-no-cluster/],
      [
        put('fake/members', `${M2}\n${member('a9', 'master-01', '192.168.50.11')}\n`),
        /^etcd etcd-not-ready.*does not reach a majority/,
      ],
      [drop('fake/unhealthy'), null],
    ],
  ],
  say_old_address: [
    { files: { ...DATA, 'fake/running-etcd': '', 'fake/members': `${member('a1', 'master-01', '192.168.50.99')}\n` } },
    'MEMBER_ID=a1; await 9 say_old_address address_is_noted',
    [
      [put('fake/refusal', ''), /^etcd etcd-old-address.*request timed out/],
      [put('fake/no-quorum', ''), /^etcd etcd-old-address.*does not list its members/],
      [all([drop('fake/refusal'), drop('fake/no-quorum')]), null],
    ],
  ],
  say_no_addresses: [
    { env: { NODE_IPS: '192.168.50.11 192.168.60.11' } },
    'exec "$BIN_DIR/configure-network.sh"',
    [
      [(made) => made.command('ip', "echo '[]'"), /^network address-missing: not up: 192.168.50.11, 192.168.60.11\n/],
      [(made) => addresses(made, '192.168.50.11'), /^network address-missing: not up: 192.168.60.11\n/],
      [(made) => addresses(made, '192.168.50.11', '192.168.60.11'), null],
    ],
  ],
  say_no_match: [
    {},
    'exec "$BIN_DIR/cluster-detect.sh"',
    [
      [(made) => made.bash('rm -r "$SYS_DIR"/class/net/*'), /^detect no-nic/],
      [(made) => plugIn(made, 'eth7', { mac: '52:54:00:12:34:77', permanent: null }), /^detect no-matching-nic/],
      [(made) => plugIn(made, 'eth0', { mac: '52:54:00:12:34:01' }), null],
    ],
  ],
  say_missing: [
    {},
    'source <(sed -n "/^surveyed/p; /^say_missing/,/^}/p" "$BIN_DIR/cluster-mark-good.sh"); HEALTH=""; RECORD_RELEASE=2; RECORD_SLOT=B; other_slot() { echo A; }; survey_health() { :; }; unhealthy_reasons() { cat "$COLDSTART_ROOT/fake/reasons"; }; is_healthy() { [[ ! -s $COLDSTART_ROOT/fake/reasons ]]; }; await 9 say_missing is_healthy',
    [
      [put('fake/reasons', 'the kubelet is not ready'), /^update update-is-tried: .*the kubelet is not ready/],
      [put('fake/reasons', 'etcd does not answer'), /^update update-is-tried: .*etcd does not answer/],
      [put('fake/reasons', ''), null],
    ],
  ],
  say_no_disk: [
    {},
    'DISK_STEP=disk; survey_disks() { cat "$COLDSTART_ROOT/fake/survey"; }; await 9 say_no_disk found_a_disk',
    [
      [put('fake/survey', '{"fitting": []}'), /^disk no-matching-disk/],
      [put('fake/survey', '{"fitting": ["/dev/sda"]}'), null],
    ],
  ],
  say_no_quorum: [
    monitors,
    `${CEPH}monitors_answer() { [[ -e $COLDSTART_ROOT/fake/quorum ]]; }; await 9 say_no_quorum monitors_answer`,
    [
      [nothing, /^monitor ceph-no-quorum.*none of the others/],
      [put('fake/port-master-02', ''), /^monitor ceph-no-quorum.*3300 of: master-02/],
      [put('fake/quorum', ''), null],
    ],
  ],
  say_no_store: [
    monitors,
    `${CEPH}get_present_map() { [[ -e $COLDSTART_ROOT/fake/quorum ]]; }; await_present_map x`,
    [
      [nothing, /^monitor ceph-store-missing.*none of the others/],
      [put('fake/port-master-03', ''), /^monitor ceph-store-missing.*3300 of: master-03/],
      [put('fake/quorum', ''), null],
    ],
  ],
  say_no_manager: [
    monitors,
    `${CEPH}CEPH_DASHBOARD=yes
owned_by_ceph() { :; }
ceph_as() { case $2 in auth) : ;; config-key) [[ -e $COLDSTART_ROOT/fake/key ]] ;; *) cat "$COLDSTART_ROOT/fake/managers" ;; esac; }
await_manager`,
    [
      [put('fake/managers', '{"active_name": "", "standbys": []}'), /^manager ceph-key-refused/],
      [put('fake/key', ''), /^manager ceph-manager-missing/],
      [put('fake/managers', '{"active_name": "master-01", "standbys": []}'), null],
    ],
  ],
};

const addresses = (made: Machine, ...local: string[]): Promise<void> =>
  made.command(
    'ip',
    `printf '%s' '${JSON.stringify([{ ifname: 'eth0', operstate: 'UP', addr_info: local.map((each) => ({ local: each })) }])}'`,
  );

/** Waits until the node says so; the last thing that it said, for a test to show. */
async function until(made: Machine, shown: RegExp): Promise<string> {
  const end = performance.now() + PATIENCE * 1000;
  for (;;) {
    const text = await open(made);
    if ((shown.test(text) && !/^[a-z]+ [a-z-]+: [^]*\n[a-z]+ [a-z]+-[a-z-]+: /.test(text)) || performance.now() > end)
      return text;
    await delay(100);
  }
}

describe('a wait says what is missing now', () => {
  it.each(Object.entries(WAITS))(
    '%s',
    async (_, [of, body, phases]) => {
      const made = await master({ ...of, env: { ...WAITING, ...of.env } });
      const [first, ...later] = phases;
      await first![0](made);
      const ended = made.bash(body);
      expect(await until(made, first![1]!)).toMatch(first![1]!);
      for (const [change, shown] of later) {
        await change(made);
        if (shown !== null) expect(await until(made, shown)).toMatch(shown);
      }
      const { status: code, output } = await ended;
      expect([code, output.split('\n').at(-1)]).toEqual([0, expect.any(String)]);
    },
    PATIENCE * 20_000,
  );
});

describe('the scripts', () => {
  it('say what they wait for only where it is looked at in each round; the waits are those of this file', async () => {
    const text = (await nodeScripts()).join('\n');
    const functions = [...text.matchAll(/^(?:say_[a-z_]+|missing_on_way)\(\) \{(?:.*\}$|[^]*?^\})/gm)];
    const inside = functions.map(([body]) => body).join('\n');
    const count = (of: string): number =>
      [...of.replaceAll(/^#.*$/gm, '').matchAll(/\bmissing(?:_on_way)? (?:[a-z]+ [a-z]+-|"\$@")/g)].length;
    expect(count(inside)).toBe(count(text));
    const awaited = [...text.matchAll(/\bawait "\$[A-Z_]+" (say_[a-z_]+)/g)].map(([, name]) => name);
    expect([...new Set(awaited)].sort()).toEqual(Object.keys(WAITS).sort());
  });
});
