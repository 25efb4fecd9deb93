/** What systemd and the administrator's habit do on a node: services, timers, and the image that it starts from. */
import { etcdAddress } from '../../src/config/etcd.ts';
import { guessOf, giveImage } from './images.ts';
import type { Node } from './node.ts';
import type { Simulation } from './simulation.ts';
import type { World } from './world.ts';

const TOKENS_EVERY = 35;
const ORCHESTRATOR = 'cluster-bootstrap-orchestrator.sh';
const FOLLOWER = 'cluster-peers.sh';

/** Whoever has not moved, and finds the cluster, may have an image that is older than others' changes. */
export function renewImage(world: World, node: Node): void {
  const { definition, random, masters } = world;
  const described = definition.nodes.find(({ name }) => name === node.name);
  if (described === undefined) return;
  const hasMoved = node.ip !== described.ips[0] || node.etcdIp !== etcdAddress(definition, described);
  const heard = node.read('var/lib/cluster-state/peers.json');
  const isFound = ({ ip, leaving, dead }: Node): boolean =>
    !leaving && !dead && (guessOf(node).includes(ip) || heard.includes(`"${ip}"`));
  const mayKeep = !hasMoved && node.state !== 'uninitialized' && (node.isMaster || masters.some(isFound));
  if (mayKeep && random.chance(0.5)) return;
  giveImage(node, definition);
}

export function beginServices(simulation: Simulation, node: Node): void {
  const { boot } = node;
  beginState(simulation, node, boot, simulation.world.random.between(1, 40));
  if (node.isMaster) lookAfterNodes(simulation, node, boot);
}

/** What a script asks of the system manager and is more than a unit's state. */
export function control(simulation: Simulation, node: Node, [command, verb, ...units]: readonly string[]): void {
  if (command !== 'systemctl') return;
  if (verb === 'start' && units.includes('haproxy')) follow(simulation, node, node.boot, 0.5);
  if (!units.includes('cluster-bootstrap')) return;
  if (verb !== 'start') {
    node.service++;
    node.finished = false;
    for (const run of node.runs) if (run.root.script.name === ORCHESTRATOR) simulation.kill(node, run);
  }
  if (verb !== 'stop' && !node.finished) bootstrap(simulation, node, 0.1);
}

const runs = (node: Node, script: string): boolean => [...node.runs].some((run) => run.script.name === script);

/** cluster-watch.sh begins it again if it ended without a reason. */
function beginState(simulation: Simulation, node: Node, boot: string, delay: number): void {
  const { agenda, random } = simulation.world;
  agenda.plan(delay, async () => {
    if (node.boot !== boot || !node.on) return;
    await simulation.launch(node, 'cluster-state.sh', ({ script }) => {
      if (script.status === 0) bootstrap(simulation, node, random.between(0.1, 5));
      else if (node.ledger.get('state')?.cause === 'unexpected-end') beginState(simulation, node, boot, 60);
    });
  });
}

/** As cluster-bootstrap.service does it: again after a failure, with growing delays. */
function bootstrap(simulation: Simulation, node: Node, delay: number): void {
  const { service } = node;
  simulation.world.agenda.plan(delay, async () => {
    if (node.service !== service || !node.on) return;
    await simulation.launch(node, ORCHESTRATOR, ({ script }) => {
      if (script.status === 0) node.finished = true;
      else bootstrap(simulation, node, Math.min(5 * 1.7 ** node.failures++, 120));
    });
  });
}

/** cluster-peers.service begins with haproxy, and never ends. */
function follow(simulation: Simulation, node: Node, boot: string, delay: number): void {
  simulation.world.agenda.plan(delay, async () => {
    if (node.boot !== boot || !node.on || runs(node, FOLLOWER)) return;
    await simulation.launch(node, FOLLOWER, () => follow(simulation, node, boot, 5));
  });
}

/** As cluster-nodes.timer does it, but only while it would make a difference. */
function lookAfterNodes(simulation: Simulation, node: Node, boot: string): void {
  const { agenda, etcd, kubernetes } = simulation.world;
  agenda.plan(TOKENS_EVERY, async () => {
    if (node.boot !== boot || !node.on) return;
    lookAfterNodes(simulation, node, boot);
    if (runs(node, 'cluster-nodes.sh') || !node.units.has('cluster-nodes.timer')) return;
    const isKnown = node.ledger.get('clusters')?.state === 'failed';
    // A first master may learn more of the other cluster later on.
    const concerns = etcd.differ(node) ? !isKnown || node.role === 'master-first' : isKnown;
    const owesTokens = kubernetes.owesTokens(node) || node.ledger.get('store')?.state === 'waiting';
    const api = kubernetes.through(node);
    const owesPeers = api !== null && api.administrators && api.peers?.of !== kubernetes.truth(api);
    if (concerns || owesTokens || owesPeers) await simulation.launch(node, 'cluster-nodes.sh', () => undefined);
  });
}
