/**
 * Measures the time of one machine from power-on to a cluster whose node is `Ready`, and of a restart; against the same
 * programs of the same image, started by hand one after the other, each as soon as the previous one is ready.
 */
import { mkdir, stat } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { ARTIFACTS, versionOf } from '../../test/image/build/artifact-folder.ts';
import { copyExample } from '../../test/image/build/definition.ts';
import { logIn, type Shell } from '../../test/boot/shell.ts';
import { Cluster, eventually } from '../../test/machines/kubernetes.ts';
import { attach, runLab, TESTER, type Console } from '../../test/machines/lab.ts';
import { formatSeconds, type Row } from './measure.ts';
import { gaps, parseUnits, UNIT_PROPERTIES, type Interval } from './timeline.ts';

/** Seconds; long, because the machine is emulated and the host may be busy. */
const PATIENCE = 2400;
const NODE = 'solo';
const ADDRESS = '192.168.50.11';

/** The name of each row, and the unit whose start-up it shows. */
const COMPONENTS = [
  ['etcd', 'etcd.service'],
  ['way to the API servers', 'haproxy.service'],
  ['API server', 'kube-apiserver.service'],
  ['controller manager', 'kube-controller-manager.service'],
  ['scheduler', 'kube-scheduler.service'],
  ['containerd', 'containerd.service'],
  ['import of container images', 'cluster-images.service'],
  ['kubelet', 'kubelet.service'],
  ['service proxy', 'kube-proxy.service'],
] as const;
const BOOTED = 'multi-user.target';

const systemctl = (...units: readonly string[]): string => units.map((unit) => `systemctl start ${unit}`).join(' && ');

/** The commands of a person who knows the order. */
const BY_HAND = [
  `printf 'ETCD_INITIAL_CLUSTER=${NODE}=https://${ADDRESS}:2380\\nETCD_INITIAL_CLUSTER_STATE=new\\n' > /run/cluster/etcd.env`,
  systemctl('etcd', 'haproxy', 'kube-apiserver'),
  'kubectl --kubeconfig /etc/kubernetes/super-admin.conf apply --server-side --validate=false -f /etc/kubernetes/addons/00-admins.yaml',
  systemctl('kube-controller-manager', 'kube-scheduler'),
  systemctl('cluster-pod-network', 'containerd', 'cluster-images', 'kubelet', 'kube-proxy'),
];

interface Seen {
  readonly units: readonly Interval[];
  /** Seconds since the kernel began, from power-on (negative) to `Ready`. */
  readonly whole: Omit<Interval, 'name'>;
  /** Seconds since the kernel began. */
  readonly booted: number;
  readonly ledger: readonly { readonly at: number; readonly text: string }[];
}

/** The table's rows, and the details for `bench.json`. Skipped by name without the programs of Kubernetes. */
export async function measureCluster(folder: string): Promise<Row[]> {
  if (ARTIFACTS === '') {
    const measured = 'skipped (needs COLDSTART_ARTIFACTS)';
    return [{ what: 'power-on to Ready', measured, against: '', ratio: null, aim: '' }];
  }
  const { alone, restart } = await withLab(folder, 'alone', [], async (lab) => {
    const ready = await lab.untilReady(MEMBER);
    const shell = await lab.logIn();
    const seen = await look(shell, lab.began, ready.at);
    const command = Date.now();
    lab.console.type('sudo systemctl reboot\n');
    const back = await lab.untilReady(MEMBER, ready.boot);
    return { alone: seen, restart: (back.at - command) / 1000 };
  });
  const masked = ['systemd.mask=cluster-bootstrap.service'];
  const { hand, commands } = await withLab(folder, 'by-hand', masked, async (lab) => {
    await lab.console.waitFor(/ login: /, PATIENCE);
    const shell = await lab.logIn();
    const began = Date.now();
    for (const words of BY_HAND) await obey(shell, words);
    const ready = await lab.untilReady(null);
    return { hand: await look(shell, lab.began, ready.at), commands: (ready.at - began) / 1000 };
  });
  const load = loadavg()[2] ?? NaN; // of the last 15 minutes
  return rowsOf({ alone, restart, hand, commands, load: load.toFixed(1) });
}

interface Lab {
  /** Milliseconds since 1970 at power-on. */
  readonly began: number;
  readonly console: Console;
  readonly logIn: () => Promise<Shell>;
  /**
   * Waits until all services run and the API server reports the node as ready.
   * @param sign console text to wait for before the API is asked; null to ask now
   * @param former boot id of an earlier boot, which does not count
   */
  readonly untilReady: (
    sign: RegExp | null,
    former?: string,
  ) => Promise<{ readonly at: number; readonly boot: string }>;
}

/** Builds the image, starts the machine, and removes it afterwards. */
async function withLab<T>(
  folder: string,
  name: string,
  kernelArgs: readonly string[],
  use: (lab: Lab) => Promise<T>,
): Promise<T> {
  const place = join(folder, name);
  const definition = await copyExample('single-node', join(place, 'definition'), [
    [['cluster', 'name'], name],
    [['cluster', 'kubernetes'], { version: await versionOf(ARTIFACTS), delivery: 'embedded' }],
    [['cluster', 'users'], [TESTER]],
    [['nodes', 0, 'kernel_args'], kernelArgs],
  ]);
  await mkdir(join(place, 'run'), { recursive: true });
  await runLab(place, 'up', definition, '--no-wait', '--memory', '3072', '--for', '4h', '--artifacts', ARTIFACTS);
  const state = join(place, 'out', name, 'lab');
  const cluster = new Cluster(join(state, 'kubeconfig'));
  try {
    const console = await attach(place, name, 0);
    return await use({
      began: (await stat(join(state, `${NODE}.serial.log`))).birthtimeMs, // opened at power-on
      console,
      logIn: () => logIn(console, TESTER.name, 'console'),
      untilReady: async (sign, former) => {
        if (sign !== null) await console.waitFor(sign, PATIENCE);
        const suits = ({ ready, boot }: { ready: boolean; boot: string }): boolean => ready && boot !== former;
        const nodes = await eventually(
          PATIENCE,
          () => cluster.nodes(),
          (all) => all.some(suits),
        );
        const node = nodes.find(suits);
        if (node === undefined) throw new Error(`${name}: not ready within ${String(PATIENCE)} s`);
        return { at: Date.now(), boot: node.boot };
      },
    });
  } finally {
    await runLab(place, 'down');
  }
}

async function obey(shell: Shell, words: string): Promise<void> {
  const said = await shell(`sudo bash -c ${quote(words)} || echo "it failed"`, PATIENCE);
  if (said.includes('it failed')) throw new Error(`${words}: ${said}`);
}

const quote = (words: string): string => `'${words.replaceAll("'", String.raw`'\''`)}'`;

/** Reads from the machine which units started when. */
async function look(shell: Shell, began: number, ready: number): Promise<Seen> {
  const clock = await shell("cut -d' ' -f1 /proc/uptime");
  const kernel = Date.now() - Number(clock) * 1000;
  const since = (moment: number): number => (moment - kernel) / 1000;
  const names = [BOOTED, ...COMPONENTS.map(([, unit]) => unit)].join(' ');
  const properties = UNIT_PROPERTIES.map((property) => `--property=${property}`).join(' ');
  const units = parseUnits(await shell(`systemctl show ${properties} ${names}`));
  const lines = await shell(`sudo jq -rc '[.time, .step, .state, .message] | @tsv' /run/cluster/ledger.jsonl`);
  const ledger = lines.split(/\r?\n/).map((line) => {
    const [time = '', ...text] = line.split('\t');
    return { at: since(Date.parse(time)), text: text.join(' ') };
  });
  const booted = units.find(({ name }) => name === BOOTED)?.end ?? NaN;
  return { units, whole: { begin: since(began), end: since(ready) }, booted, ledger };
}

/** Text above the login prompt of the serial console. */
const MEMBER = /, bootstrapped, ok\s/;

interface Outcome {
  readonly alone: Seen;
  readonly hand: Seen;
  /** Seconds from the first command by hand to `Ready`. */
  readonly commands: number;
  /** Seconds from the command to restart to `Ready`. */
  readonly restart: number;
  readonly load: string;
}

function rowsOf({ alone, hand, commands, restart, load }: Outcome): Row[] {
  const [total, boot, bootByHand] = [length(alone.whole), bootOf(alone), bootOf(hand)];
  const byHand = bootByHand + commands;
  const compare = (what: string, ours: number, theirs: number): Row => {
    return {
      what,
      measured: formatSeconds(ours),
      against: `by hand: ${formatSeconds(theirs)}`,
      ratio: ours / theirs,
      aim: '',
    };
  };
  const waste = wasteOf(alone);
  const wasted = waste.reduce((sum, gap) => sum + length(gap), 0);
  const none = { against: '', ratio: null, aim: '' };
  return [
    compare(`power-on to Ready, one machine with all roles (load average ${load})`, total, byHand),
    compare('… until multi-user.target', boot, bootByHand),
    compare('… from then on', total - boot, commands),
    ...COMPONENTS.map(([what, unit]) => compare(`… start-up of ${what}`, startUp(alone, unit), startUp(hand, unit))),
    compare('… from the kubelet to Ready', settling(alone), settling(hand)),
    {
      what: "… waiting that is no component's own start-up",
      measured: `${formatSeconds(wasted)}, ${((100 * wasted) / total).toFixed(1)} %`,
      against: waste.map(({ begin, end, text }) => `${formatSeconds(end - begin)} after "${text}"`).join('; '),
      ratio: wasted / total,
      aim: 'under 0.10',
    },
    { ...none, what: 'restart of that cluster, from the command to Ready', measured: formatSeconds(restart) },
  ];
}

const length = ({ begin, end }: Omit<Interval, 'name'>): number => end - begin;

/** Seconds from power-on to `multi-user.target`. */
const bootOf = ({ booted, whole }: Seen): number => booted - whole.begin;

function startUp({ units }: Seen, unit: string): number {
  const found = units.find(({ name }) => name === unit);
  return found === undefined ? NaN : length(found);
}

/** Seconds from the kubelet's readiness to the node's. */
const settling = ({ units, whole }: Seen): number =>
  whole.end - (units.find(({ name }) => name === 'kubelet.service')?.end ?? NaN);

/**
 * The times when no component was starting, with the last message of the ledger. The boot, and the time from the
 * kubelet's start to a ready node, count as start-up, too.
 */
function wasteOf(seen: Seen): readonly (Omit<Interval, 'name'> & { readonly text: string })[] {
  const { units, whole, booted, ledger } = seen;
  const booting = { name: BOOTED, begin: whole.begin, end: booted };
  const settled = { name: 'Ready', begin: whole.end - settling(seen), end: whole.end };
  const starting = units.filter(({ name }) => name !== BOOTED);
  return gaps(whole, [booting, ...starting, settled]).map((gap) => {
    return { ...gap, text: ledger.findLast(({ at }) => at <= gap.begin + 1)?.text ?? '' };
  });
}
