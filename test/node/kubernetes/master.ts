/**
 * A master in a cluster of three, for tests of the scripts of the boot roles. The etcd of the others, systemd and the
 * API are fakes that keep their state in files below `fake/`: a test can set the situation and check the result.
 */
import { machine, type Machine, type Setup } from '../machine.ts';

export const STATE = 'var/lib/cluster-state';
export const BOOT_ID = '6f6b1c0e-0000-4000-8000-000000000001';
const ENV = {
  ...{ MASTER_NAMES: 'master-01 master-02 master-03', MASTER_IPS: '192.168.50.11 192.168.50.12 192.168.50.13' },
  ...{ FIRST_MASTER: 'master-01', API_PORT: '6443', TOKEN_DISTRIBUTION: 'embedded', TOKEN_TTL: '86400' },
  // Long enough for a busy machine; cases in which something never comes to pass say otherwise.
  COLDSTART_DEADLINE: '30',
};

/** What the cluster of the other masters is: lines as `etcdctl member list` prints them; none when there is no cluster. */
type Members = readonly string[];
export const member = (id: string, name: string, ip: string, learner = false): string =>
  `${id}, ${name === '' ? 'unstarted' : 'started'}, ${name}, https://${ip}:2380, ${name === '' ? '' : `https://${ip}:2379`}, ${String(learner)}`;
export const [M2, M3] = [member('b2', 'master-02', '192.168.50.12'), member('c3', 'master-03', '192.168.50.13')];

/** The members are a file, so that what is added and removed stays; services are files that say that they run. */
const commands = (root: string): Readonly<Record<string, string>> => ({
  etcdctl: `cd ${root}/fake
while [[ $1 == --* ]]; do [[ $1 == --endpoints ]] && url=$2; shift 2; done
printf '%s\\n' "$*" >>calls
case "$1 $2" in
  'endpoint status')
    if [[ $url == *127.0.0.1* ]]; then [[ -e running-etcd ]] || exit 1; else ! grep -qF "$url" dead 2>/dev/null || exit 1; fi
    printf '"ClusterID" : %d\\n"MemberID" : %d\\n' 0x$(cat own-cluster 2>/dev/null || echo ca) 0x$(cat own-id) ;;
  'endpoint health') [[ -e running-etcd && ! -e unhealthy ]] && ! grep -q '192.168.50.11:2380.*true$' members ;;
  'member list')
    if [[ $url == *127.0.0.1* && -e own-members ]]; then cat own-members; else [[ -s members && ! -e no-quorum ]] && cat members; fi ;;
  'member remove')
    printf 'etcd %s\n' "$([[ -e running-etcd ]] && echo runs || echo stopped)" >>calls
    if [[ -e refusal ]]; then echo 'Error: etcdserver: unhealthy cluster' >&2; exit 1; fi
    sed -i "/^$3,/d" members ;;
  'member add')
    if grep -qF "\${!#}, " members; then echo 'Error: etcdserver: Peer URLs already exists' >&2; exit 1; fi
    if grep -q ', true$' members; then echo 'Error: etcdserver: too many learner members in cluster' >&2; exit 1; fi
    echo 'a9, unstarted, , https://192.168.50.11:2380, , true' >>members
    echo a9 >own-id
    printf 'Member a9 added to cluster ca\\n\\nETCD_NAME="%s"\\nETCD_INITIAL_CLUSTER="x=y"\\nETCD_INITIAL_CLUSTER_STATE="existing"\\n' "$3" ;;
  'member update')
    if [[ -e refusal ]]; then echo 'Error: etcdserver: request timed out' >&2; exit 1; fi
    for list in members own-members; do
      [[ ! -e $list ]] || sed -i "s#^\\($3, [^,]*, [^,]*, \\)[^,]*#\\1$5#" $list
    done ;;
  'lease grant') echo 'lease 1a2b granted with TTL(600s)' ;;
  'put --lease') ;;
  'put coldstart/restored') echo "$3" >restored-127.0.0.1 ;;
  'get --consistency') ip=\${url#https://}; cat "restored-\${ip%:*}" 2>/dev/null ;;
  'get --print-value-only') [[ $url != *127.0.0.1* ]] || cat told 2>/dev/null ;;
  'member promote')
    if [[ ! -e in-sync ]]; then touch in-sync; echo 'Error: can only promote a learner member which is in sync with leader' >&2; exit 1; fi
    sed -i 's/^a9,.*/a9, started, master-01, https:\\/\\/192.168.50.11:2380, x, false/' members ;;
esac`,
  systemctl: `cd ${root}/fake
case $1 in
  is-active) [[ -e running-\${3%.service} ]] ;;
  start) shift 2
    for unit in "$@"; do
      printf 'start %s\\n' "$unit" >>calls
      grep -qxF "$unit" broken 2>/dev/null && continue
      touch "running-\${unit%.service}"
      if [[ $unit == etcd && -e ${root}/run/cluster/etcd.env ]]; then
        mkdir -p ${root}/var/lib/etcd/member/wal
        ! grep -q '"new"' ${root}/run/cluster/etcd.env || echo "$(cat own-id), started, master-01, https://192.168.50.11:2380, x, false" >own-members
      fi
    done ;;
  stop) shift; for unit in "$@"; do rm -f "running-$unit"; done ;;
  show)
    case "$*" in
      *InvocationID*) cat invocation 2>/dev/null || true ;;
      *) [[ ! -e activating ]] || echo activating ;;
    esac
    ;;
  restart) printf '%s\\n' "$*" >>calls ;;
esac`,
  curl: `cd ${root}/fake
url=\${!#}
case $url in
  *:2380/members)
    # As etcd, once it has run for some minutes.
    if [[ " $* " != *' --http1.1 '* ]]; then printf 'connected 0.001 000\\n'; exit 52; fi
    ip=\${url#https://} ip=\${ip%%:*}
    if grep -qxF "$ip" foreign-store 2>/dev/null; then printf 'connected 0.001 000\\n'; exit 60; fi
    if grep -qxF "$ip" silent 2>/dev/null; then printf 'connected 0.001 000\\n'; exit 28; fi
    list=members
    if [[ $ip == 192.168.50.11 ]]; then
      # It answers peers before it has quorum.
      if [[ ! -e running-etcd && ! -e running-peer-port ]]; then printf 'connected 0.000000 000\\n'; exit 7; fi
      [[ ! -e own-members ]] || list=own-members
    fi
    if [[ $ip == 192.168.50.11 ]] || grep -qF "$ip" $list 2>/dev/null; then printf 'HTTP/1.1 200 OK\\r\\nX-Etcd-Cluster-Id: %s\\r\\n\\r\\n%s\\nconnected 0.001 200\\n' "$(cat cluster-$ip 2>/dev/null || echo ca)" \\
      "$(jq -R -s -c '[split("\\n")[] | select(. != "") | split(", ") | {id: 1, name: .[2], peerURLs: [.[3]]}]' $list)"
    else printf 'connected 0.000000 000\\n'; exit 7; fi ;;
  */readyz) [[ ! -e no-api ]] ;;
  */certificatesigningrequests/*)
    printf '%s\\n%s ' "$(jq -c --arg name "\${url##*/}" '.items[] | select(.metadata.name == $name)' request 2>/dev/null)" "$(cat api-status)" ;;
  */certificatesigningrequests*) printf '%s\\n%s ' "$(cat request 2>/dev/null)" "$(cat api-status 2>/dev/null || echo 404)" ;;
  */api/v1/nodes/*) if [[ -e boot-id ]]; then printf '{"metadata": {"name": "x"}, "spec": {"podCIDRs": %s}, "status": {"nodeInfo": {"bootID": "%s"}}}\\n200 ' "$(cat shares 2>/dev/null || echo '["10.244.3.0/24"]')" "$(cat boot-id)"; else printf '{"message": "not found"}\\n404 '; fi ;;
esac`,
  kubectl: `cd ${root}/fake
printf 'kubectl %s\\n' "$*" | sed 's/--kubeconfig [^ ]*\\/\\([^ ]*\\) --request-timeout 60s/\\1/' >>calls`,
  journalctl: 'echo the last words',
  // A certificate is good as long as it is there.
  openssl: `cd ${root}/fake; case "$*" in
  *-startdate*) [[ -s $3 ]] && printf '%s\n' 'notBefore=2020-01-01 00:00:00Z' 'notAfter=2099-01-01 00:00:00Z' ;;
  verify*) [[ -s \${!#} && ! -e foreign ]] ;;
  *) exec /usr/bin/openssl "$@" ;;
esac`,
});

export const SOON = { COLDSTART_DEADLINE: '1' };

export interface Case {
  readonly members?: Members;
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

export async function master({ members = [], files = {}, env = {} }: Case = {}): Promise<Machine> {
  const setup: Setup = {
    env: { ...ENV, ...env },
    files: {
      'etc/kubernetes/pki/ca.crt': 'made up\n',
      'etc/kubernetes/kubelet.conf': '',
      'etc/systemd/system/kube-proxy.service': '',
      'fake/own-id': 'a1\n',
      'fake/boot-id': BOOT_ID,
      'fake/members': members.map((line) => `${line}\n`).join(''),
      ...files,
    },
  };
  const made = await machine(setup);
  for (const [name, body] of Object.entries(commands(made.root))) await made.command(name, body);
  for (const name of ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy']) {
    await made.command(name, 'exit 1');
  }
  return made;
}

export const additional = (of: Case = {}): Promise<Machine> =>
  master({ ...of, env: { BOOT_ROLE: 'master-additional', ...of.env } });
export const DATA = { 'var/lib/etcd/member/wal/0.wal': '' };
export const state = (made: Machine, name: string): Promise<string> => made.read(`${STATE}/${name}`).catch(() => '');
export const calls = (made: Machine): Promise<string> => made.read('fake/calls');
export const stopped = async (made: Machine): Promise<string> => (await made.steps()).at(-1) ?? '';
