/**
 * A cluster of nodes that fetch their updates, for tests: the real scripts on nodes and masters, and one world that they share: the API
 * server's lease and nodes, etcd, and the folder with the bundles. What haproxy does, a fake curl does: it hands a node's request, with the
 * name in its certificate, to cluster-lock.sh of a master.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { machine, OVERLAY, type Machine } from '../machine.ts';
import { installed, type Installed } from './installed.ts';

interface Lease {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: Readonly<Record<'holderIdentity' | 'renewTime', string>> & { readonly leaseDurationSeconds: number };
}

export interface FetchingCluster {
  readonly nodes: Readonly<Record<string, Installed>>;
  readonly master: Machine;
  /** A node looks for its update, as its timer does. */
  fetch(node: string): Promise<string>;
  /** The folder has a bundle of this release for the node. */
  publish(node: string, release: number, kubernetes?: string): Promise<void>;
  /** The node restarts as the boot loader has it, and decides; `good` is whether it is healthy there. */
  restart(node: string, good?: boolean): Promise<string>;
  lease(): Promise<Lease>;
  setLease(lease: Lease): Promise<void>;
  failure(): Promise<unknown>;
  /** Names of the nodes that get no new pods. */
  cordoned(): Promise<readonly string[]>;
  /** Whether `cluster-update.sh --start` has restarted the node since it came up. */
  hasLeft(node: string): Promise<boolean>;
  /** A file of the world: `budget`, `ill`, `masters-down`. */
  put(name: string, text: string): Promise<void>;
  unput(name: string): Promise<void>;
}

/** The API server: it refuses what was read before the last change. `locked` is one change at a time. */
const kubectl = (world: string): string => `shift 4; cd ${world}; [[ ! -e api-down ]] || exit 1
exec 6>api.lock; flock 6
node() { jq -c --arg name "$1" '.items[] | select(.metadata.name == $name)' nodes; }
change() { jq -c --arg name "$1" "(.items[] | select(.metadata.name == \\$name)) |= ($2)" nodes >nodes.new && mv nodes.new nodes; }
store() { jq -c --argjson version "$1" '.metadata.resourceVersion = ($version | tostring)' <<<"$new" >lease; }
case "$1 \${2:-}" in
  'get lease') [[ ! -e lease ]] || cat lease ;;
  'create --filename') new=$(cat); [[ ! -e lease ]] && store 1 ;;
  'replace --filename') new=$(cat); has=$(jq -r .metadata.resourceVersion lease)
    [[ $(jq -r .metadata.resourceVersion <<<"$new") == "$has" ]] && store $((has + 1)) ;;
  'get nodes') cat nodes ;;
  'get node') node "$3" | grep . ;;
  'annotate node') case "$*" in *rollout-) change "$3" 'del(.metadata.annotations["coldstart/rollout"])' ;; *) change "$3" '.metadata.annotations["coldstart/rollout"] = "cordoned"' ;; esac ;;
  cordon*) change "$2" '.spec.unschedulable = true' ;;
  uncordon*) change "$2" 'del(.spec.unschedulable)' ;;
  drain*) [[ ! -e budget ]] || { echo 'error: Cannot evict pod as it would violate the pod budget' >&2; exit 1; }; echo "drain $2" >>log ;;
esac`;

/** A member is healthy unless `ill` names it. */
const etcdctl = (world: string, masters: readonly string[]): string => `case "$*" in
  *'member list'*) echo '${JSON.stringify({ members: masters.map((name) => ({ name, clientURLs: [`https://${name}:2379`] })) })}' ;;
  *health*) for name in $(cat ${world}/ill 2>/dev/null); do [[ $* != *"https://$name:"* ]] || exit 1; done ;;
esac`;

const curl = (world: string, name: string, master: Machine): string => `config='' output='' url=''
for word in "$@"; do
  case $word in https://*) url=$word ;; esac
  [[ \${before:-} != --output ]] || output=$word
  before=$word
done
if [[ $1 == --config ]]; then
  url=$(sed -n 's/^url = "\\(.*\\)"$/\\1/p')
  [[ -e ${world}/folder/\${url##*/} ]] || { echo 'curl: (22) The requested URL returned error: 404' >&2; exit 22; }
  cp "${world}/folder/\${url##*/}" "$output"; exit
fi
[[ ! -e ${world}/masters-down ]] || { printf '\\n000 no route'; exit 7; }
answer=$(printf 'POST %s HTTP/1.1\\r\\nX-Join-Name: system:node:${name}\\r\\nX-Join-Serial: 0A\\r\\nX-Forwarded-For: ::1\\r\\n\\r\\n' "/\${url#https://*/}" |
  env COLDSTART_ROOT=${master.root} PATH=${master.path('commands')}:/usr/bin:/bin ${OVERLAY}/usr/local/bin/cluster-lock.sh 2>>${world}/lock-log) || true
code=\${answer#HTTP/1.1 }; printf '%s\\n%s ' "\${answer##*$'\\n'}" "\${code%% *}"`;

const CREDENTIALS = 'users:\n- user:\n    client-certificate-data: eA==\n    client-key-data: eA==\n';

/** By default one master and two workers; all run release 6, Kubernetes 1.35.6. */
export async function fetchingCluster(
  roles: Readonly<Record<string, string>> = { 'master-01': 'master', 'worker-01': 'worker', 'worker-02': 'worker' },
): Promise<FetchingCluster> {
  const world = await mkdtemp(join(tmpdir(), 'coldstart-world-'));
  onTestFinished(() => rm(world, { recursive: true, force: true }));
  const put = (name: string, text: string): Promise<void> => writeFile(join(world, name), text);
  const names = Object.keys(roles);
  const masters = names.filter((name) => roles[name] === 'master');
  const isMaster = (name: string): boolean => masters.includes(name);
  const items = names.map((name) => ({
    metadata: { name, labels: isMaster(name) ? { 'node-role.kubernetes.io/control-plane': '' } : {} },
    ...{ spec: {}, status: { nodeInfo: { kubeletVersion: 'v1.35.6' } } },
  }));
  await put('nodes', JSON.stringify({ items }));
  await put('log', '');
  const api = { kubectl: kubectl(world), etcdctl: etcdctl(world, masters) };
  const master = await machine({ commands: api });
  const nodes: Record<string, Installed> = {};
  for (const name of names) {
    const made = await installed({
      env: {
        ...{ NODE_NAME: name, NODE_ROLES: 'worker', BOOT_ROLE: 'worker', MASTER_IPS: '192.0.2.1' },
      },
      commands: { mount: 'exit 1', umount: 'exit 1', curl: curl(world, name, master), date: DATE },
      files: {
        'etc/cluster-config/fetch.env': `FETCH_URL="https://builds.lab.example/lab"\nFETCH_HOURS="22:00-04:00"\nLOCK_PORT="6444"\n`,
        'etc/cluster-config/state-disk.env':
          'STATE_DISK_OWNER=x\nVAR_PARTLABEL=var-1\nSLOT_A_PARTLABEL=slot-a-1\nSLOT_B_PARTLABEL=slot-b-1\n',
        'var/lib/kubelet/kubelet.conf': CREDENTIALS,
        'run/cluster/identified': `${name}\n`,
        'fake/time': '23:00\n',
      },
    });
    await made.bash('mv "$COLDSTART_ROOT/commands/rauc" "$COLDSTART_ROOT/commands/rauc-itself"');
    await made.command('rauc', `if [[ $1 == info ]]; then cat "\${@: -1}"; else exec rauc-itself "$@"; fi`);
    nodes[name] = made;
  }
  const node = (name: string): Installed => nodes[name]!;
  const lease = async (): Promise<Lease> => JSON.parse(await readFile(join(world, 'lease'), 'utf8')) as Lease;
  return {
    ...{ nodes, master, put, lease },
    unput: (name) => rm(join(world, name)),
    fetch: async (name) => (await node(name).run('cluster-fetch.sh')).output,
    publish: async (name, release, version = '1.35.6') => {
      const update = { compatible: `coldstart/lab/${name}`, version: String(release) };
      await node(name).bash(`mkdir -p ${world}/folder`);
      await put(`folder/${name}.raucb`, JSON.stringify({ update, meta: { kubernetes: { version } } }));
    },
    restart: async (name, good = true) => {
      const one = node(name);
      const release = String((await one.record())['release']);
      const slot = await one.start();
      await one.write('run/cluster/identified', `${name}\n`);
      await one.write('proc/sys/kernel/random/boot_id', `${String(Math.random())}\n`);
      await one.bash(`ledger bootstrap ${good || slot === 'A' ? 'done' : 'failed'} '' m`);
      const running = slot === 'A' ? '6' : release;
      await one.write('etc/rauc/system.conf', `min-bundle-version=${running}\n`);
      await one.write('fake/systemctl', '');
      await one.run('cluster-mark-good.sh');
      return slot;
    },
    setLease: (changed) => put('lease', JSON.stringify(changed)),
    failure: async () => JSON.parse((await lease()).metadata.annotations?.['coldstart/failed'] ?? 'null') as unknown,
    cordoned: async () => {
      const now = JSON.parse(await readFile(join(world, 'nodes'), 'utf8')) as {
        items: { metadata: { name: string }; spec: { unschedulable?: boolean } }[];
      };
      return now.items.filter(({ spec }) => spec.unschedulable === true).map(({ metadata }) => metadata.name);
    },
    hasLeft: async (name) => (await node(name).read('fake/systemctl')).includes('reboot'),
  };
}

/** The time of the day is fake/time; all else of date(1) is real. */
const DATE = `if [[ $* == +%H:%M ]]; then cat "$COLDSTART_ROOT/fake/time"; else exec /usr/bin/date "$@"; fi`;
