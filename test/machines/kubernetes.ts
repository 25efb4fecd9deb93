/** A lab's cluster as its operator sees it: through the admin kubeconfig and the forwarded ports. */
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { releaseOf } from '../../src/config/kubernetes/releases.ts';
import { ARTIFACTS, versionOf } from '../image/build/artifact-folder.ts';

const PROBE = join(import.meta.dirname, 'probe.yaml');

export class Cluster {
  readonly #access: readonly string[];

  /**
   * @param kubeconfig its path
   * @param context by default the kubeconfig's own, which is the first master
   */
  constructor(kubeconfig: string, context?: string) {
    this.#access = ['--kubeconfig', kubeconfig, ...(context === undefined ? [] : ['--context', context])];
  }

  /** What kubectl prints, trimmed; throws where it fails. */
  async kubectl(...words: readonly string[]): Promise<string> {
    return (await execa(join(ARTIFACTS, 'kubectl'), [...this.#access, ...words], { timeout: 900_000 })).stdout.trim();
  }

  /** The nodes that the API server lists, sorted. */
  async nodes(): Promise<readonly { name: string; ready: boolean; boot: string }[]> {
    const { items } = JSON.parse(await this.kubectl('get', 'nodes', '-o', 'json')) as { items: readonly NodeObject[] };
    return items.map(({ metadata, status }) => ({
      name: metadata.name,
      ready: status.conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
      boot: status.nodeInfo.bootID,
    }));
  }

  /** Applies a manifest whose pods use the pause image. */
  async applyFile(path: string): Promise<void> {
    const input = (await readFile(path, 'utf8')).replaceAll('registry.k8s.io/pause:VERSION', await pauseImage());
    const words = ['apply', '--server-side', '--force-conflicts', '--validate=false', '-f', '-'];
    await execa(join(ARTIFACTS, 'kubectl'), [...this.#access, ...words], { input, timeout: 900_000 });
  }

  /** Puts a pod on each node, and waits until each is ready. */
  async startProbes(seconds: number): Promise<void> {
    await this.applyFile(PROBE);
    await this.kubectl('rollout', 'status', 'daemonset/probe', `--timeout=${String(seconds)}s`);
  }

  /**
   * Who answers to whom: from each node's pod to each pod by its address, and to the service by address, short and long name.
   * `*` where any of them may answer.
   */
  async reach(): Promise<Record<string, Record<string, string>>> {
    const pods = (await this.kubectl('get', 'pods', '-l', 'app=probe', '-o', POD_COLUMNS)).split('\n').map(parsePod);
    const service = await this.kubectl('get', 'service', 'probe', '-o', 'jsonpath={.spec.clusterIP}');
    const any = new Set(pods.map(({ node }) => node));
    const found: Record<string, Record<string, string>> = {};
    for (const from of pods) {
      const answers: Record<string, string> = {};
      for (const to of pods) answers[to.node] = await this.#ask(from.name, `${to.address}:8080`);
      const names = { address: service, name: 'probe', 'full name': 'probe.default.svc.cluster.local' };
      for (const [key, host] of Object.entries(names)) {
        const answer = await this.#ask(from.name, `${host}:80`);
        answers[`service by ${key}`] = any.has(answer) ? '*' : answer;
      }
      found[from.node] = answers;
    }
    return found;
  }

  async #ask(pod: string, target: string): Promise<string> {
    // A connection to a pod whose node has just lost its power is open to nobody, for ever.
    const socat = ['/usr/bin/socat', '-u', '-T', '20', `TCP:${target},connect-timeout=20`, '-'];
    return this.kubectl('exec', pod, '--', ...socat).catch((error: unknown) => String(error));
  }
}

/** The pause image that nodes have: its tag is that of their version of Kubernetes. */
export async function pauseImage(): Promise<string> {
  return `registry.k8s.io/pause:${releaseOf(await versionOf(ARTIFACTS)).pause}`;
}

/** What {@link Cluster.reach} says when all is well. */
export function everyoneReaches(nodes: readonly string[]): Record<string, Record<string, string>> {
  const services = { 'service by address': '*', 'service by name': '*', 'service by full name': '*' };
  const answers = { ...Object.fromEntries(nodes.map((node) => [node, node])), ...services };
  return Object.fromEntries(nodes.map((node) => [node, answers]));
}

/** Asks again until the answer suits or the time is over; returns the last answer, so that a test can say what was wrong. */
export async function eventually<T>(seconds: number, ask: () => Promise<T>, suits: (answer: T) => boolean): Promise<T> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    try {
      const answer = await ask();
      if (suits(answer) || performance.now() > end) return answer;
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    await delay(2000);
  }
}

interface NodeObject {
  readonly metadata: { readonly name: string };
  readonly status: {
    readonly conditions: readonly { readonly type: string; readonly status: string }[];
    readonly nodeInfo: { readonly bootID: string };
  };
}

const POD_COLUMNS =
  'jsonpath={range .items[?(@.status.phase=="Running")]}{.metadata.name} {.spec.nodeName} {.status.podIP}{"\\n"}{end}';

function parsePod(line: string): { name: string; node: string; address: string } {
  const [name = '', node = '', address = ''] = line.split(' ');
  return { name, node, address };
}
