/** The output and the effects of each command of a node in the simulation. */
import { renameSync, rmSync } from 'node:fs';
import { socat } from './balancer.ts';
import { memberUrl, type Member } from './etcd.ts';
import { BOOTSTRAP, type Entry, type Node } from './node.ts';
import { httpReply, STORE, store } from './joining.ts';
import { askApi, kubectl } from './kubectl.ts';
import { after, refuse, say, type Reply } from './reply.ts';
import { ip, nft } from './routes.ts';
import type { Run } from './run.ts';
import type { Topic, World } from './world.ts';

type Command = (world: World, node: Node, args: readonly string[]) => Reply;

function systemctl(world: World, node: Node, args: readonly string[]): Reply {
  const units = args.slice(1).filter((each) => !each.startsWith('--'));
  if (args[0] === 'is-active') return world.kubernetes.isActive(node, units[0]!) ? say() : refuse('', 0.05, 3);
  for (const unit of units) {
    if (args[0] === 'start') world.kubernetes.start(node, unit);
    if (args[0] === 'stop') world.kubernetes.stop(node, unit);
  }
  return say('', args[0] === 'stop' ? world.random.between(0.2, 5) : 0.05);
}

function curl(world: World, node: Node, args: readonly string[]): Reply {
  const url = new URL(args.at(-1)!);
  if (url.pathname === '/members') return members(world, node, world.at(url.hostname));
  if (url.hostname === STORE) return store(world, url, args);
  const api = world.kubernetes.through(node);
  if (url.pathname === '/readyz') return api === null ? refuse('', 0.1, 22) : say();
  if (api === null) return httpReply('503', '');
  const token = args.find((each) => each.startsWith('Authorization: Bearer '))?.slice(22) ?? '';
  const asked = world.kubernetes.requestOf(node, api, token.trim());
  if (asked === null) return httpReply('401', '{}');
  if (!url.pathname.includes('/node-csr-')) return httpReply('200', JSON.stringify({ items: asked === undefined ? [] : [asked] })); // prettier-ignore
  return asked === undefined ? httpReply('404', '{}') : httpReply('200', JSON.stringify(asked));
}

/** The port for peers: it answers once etcd serves, and is open before. */
function members(world: World, node: Node, other: Node | undefined): Reply {
  if (other === undefined || !world.connected(node, other)) {
    return { ...refuse('', 3, 28), out: 'connected 0.000000 000\n' };
  }
  if (world.etcd.serves(other)) {
    const { cluster } = world.etcd.of(other)!;
    const named = cluster.members.map(({ id, url, name }) => ({ id, name, peerURLs: [url] }));
    const head = `HTTP/1.1 200 OK\r\nX-Etcd-Cluster-Id: ${cluster.id.toString(16)}`;
    return say(`${head}\r\n\r\n${JSON.stringify(named)}\n\nconnected 0.001 200\n`);
  }
  if (other.etcd?.phase === 'starting') return { ...refuse('', 6, 28), out: 'connected 0.001 000\n' };
  return { ...refuse('', 0.05, 7), out: 'connected 0.000000 000\n' };
}

const LINE = ({ id, url, name, learner }: Member): string =>
  `${id.toString(16)}, ${name === '' ? 'unstarted' : 'started'}, ${name}, ${url}, ${name === '' ? '' : url.replace('2380', '2379')}, ${String(learner)}\n`;

function etcdctl(world: World, node: Node, args: readonly string[]): Reply {
  const { etcd } = world;
  const url = new URL(after(args, '--endpoints'));
  const at = url.hostname === '127.0.0.1' ? node : world.at(url.hostname);
  if (at === undefined || !world.connected(node, at) || !etcd.answers(at))
    return refuse('context deadline exceeded', 3);
  const rest = args.slice(args.findIndex((each) => /^(member|endpoint|lease|put|get|del)$/.test(each)));
  const part = etcd.of(at)!;
  // No cluster of the simulation was restored from a snapshot.
  if (rest[0] === 'get' && rest[1] === '--consistency') return say();
  if (rest[0] === 'endpoint' && rest[1] === 'status') {
    return say(`"ClusterID" : ${String(part.cluster.id)}\n"MemberID" : ${String(at.data!.member)}\n`);
  }
  if (part.member?.learner !== false) return refuse('etcdserver: rpc not supported for learner');
  if (!etcd.takesRequests(at)) return refuse('context deadline exceeded', 6);
  if (rest[0] === 'endpoint') return say('healthy\n');
  if (rest[0] !== 'member') return key(world, at, rest);
  const reply = change(world, node, at, rest);
  // What was done is done, also when the answer is lost.
  const isLost = reply.status === 0 && rest[1] !== 'list' && world.random.chance(0.03);
  return isLost ? refuse('context deadline exceeded', 6) : reply;
}

/** The key by which masters of another cluster say where they are, and those by which masters say where their API servers are. */
function key(world: World, at: Node, args: readonly string[]): Reply {
  const { cluster } = world.etcd.of(at)!;
  if (args[1] === '--prefix') return say([...cluster.apart].map(([name, value]) => `${name}\n${value}\n`).join(''));
  if (args[1]!.startsWith('coldstart/api-addresses/')) {
    if (args[0] === 'put') cluster.apart.set(args[1]!, args[2]!);
    else cluster.apart.delete(args[1]!);
    return say('OK\n');
  }
  if (args[0] === 'lease') return say('lease 1a granted with TTL(600s)\n');
  if (args[0] === 'put') {
    cluster.told = { masters: args.at(-1)!, until: world.now + 600 };
    return say('OK\n');
  }
  return say(cluster.told !== undefined && world.now < cluster.told.until ? `${cluster.told.masters}\n` : '');
}

function change(world: World, node: Node, at: Node, args: readonly string[]): Reply {
  const { etcd } = world;
  const { cluster } = etcd.of(at)!;
  const done = (refusal: string | null, out = ''): Reply => {
    world.note(node, `etcdctl ${args.slice(0, 3).join(' ')} at ${at.name}: ${refusal ?? 'done'}`);
    return refusal === null ? say(out) : refuse(`Error: ${refusal}`);
  };
  switch (args[1]) {
    case 'list':
      return say(cluster.members.map(LINE).join(''));
    case 'remove':
      return done(etcd.remove(at, parseInt(args[2]!, 16), node));
    case 'update':
      return done(etcd.update(at, parseInt(args[2]!, 16), after(args, '--peer-urls')));
    case 'promote':
      return done(etcd.promote(at, parseInt(args[2]!, 16)));
    case 'add': {
      world.check.adding(node);
      const member = etcd.add(
        at,
        world.nodes.find((each) => memberUrl(each) === after(args, '--peer-urls'))!,
      );
      if (typeof member === 'string') return done(member);
      const all = cluster.members.map((each) => `${each === member ? args[2]! : each.name}=${each.url}`);
      return done(
        null,
        `Member added\n\nETCD_NAME="${args[2]!}"\nETCD_INITIAL_CLUSTER="${all.join(',')}"\nETCD_INITIAL_CLUSTER_STATE="existing"\n`,
      );
    }
    default:
      throw new Error(`etcdctl ${args.join(' ')}`);
  }
}

/** A repetition of the step's last line is not written again. */
function ledger(world: World, node: Node, args: readonly string[]): Reply {
  const [step = '', state = '', cause = '', message = '', todo = ''] = args;
  const entry: Entry = { step, state, cause, message, todo };
  const before = node.ledger.get(step);
  node.ledger.set(step, entry);
  if (JSON.stringify(before) !== JSON.stringify(entry)) world.note(node, `${step} ${state} ${cause}: ${message}`);
  return say('', 0.01);
}

/** A file is put in its place. */
function mv(world: World, node: Node, args: readonly string[]): Reply {
  const [source, target] = args.slice(-2) as [string, string];
  const word = node.read(source.slice(node.root.length)).trim();
  if (target.includes('/cluster-state/')) world.note(node, `${target.replace(/.*\//, '')} = ${word}`);
  if (target.endsWith(BOOTSTRAP)) node.tokenSince = world.now;
  if (target.endsWith('/bootstrap-state')) world.check.state(node, word);
  if (source.endsWith('/etcd/member')) {
    world.check.givingUp(node);
    node.unsynced = node.data;
    node.data = null;
    return say();
  }
  renameSync(source, target);
  node.unsynced = null;
  return say();
}

function rm(world: World, node: Node, args: readonly string[]): Reply {
  for (const path of args.filter((each) => !each.startsWith('-'))) {
    if (path.endsWith('/etcd/member')) {
      world.check.deletion(node);
      node.unsynced = node.data ?? node.unsynced;
      node.data = null;
    } else rmSync(path, { recursive: true, force: true });
  }
  return say();
}

/** Files that were changed a short time ago, as join.sh looks for them. */
function find(world: World, node: Node, args: readonly string[]): Reply {
  const isOld = args[0]!.endsWith(BOOTSTRAP) && world.now - node.tokenSince > 60;
  return say(isOld ? '' : `${args[0]!}\n`);
}

function sync(_: World, node: Node): Reply {
  node.unsynced = null;
  return say();
}

const COMMANDS: Readonly<Record<string, Command>> = {
  ...{ systemctl, curl, etcdctl, kubectl, ledger, mv, rm, find, sync, ip, nft, socat },
  ask_api: askApi,
  step_state: (_, node, [step]) => say(`${node.ledger.get(step!)?.state ?? ''}\n`),
  chronyc: () => say(),
};

/** What would have to change for another answer. */
function topics(node: Node, [command, ...args]: readonly string[]): readonly Topic[] {
  if (command === 'systemctl') return args[0] === 'is-active' ? [`unit ${node.name} ${args.at(-1)!}`] : [];
  if (command === 'etcdctl' || (command === 'curl' && args.at(-1)!.endsWith('/members'))) return ['etcd'];
  return command === 'curl' || command === 'kubectl' || command === 'ask_api'
    ? [`api ${node.name}`, `listed ${node.name}`]
    : [];
}

/** A disk with errors, a system manager that is busy: what never fails in all of a node's life, but may. */
const changes = ([command, ...args]: readonly string[]): boolean =>
  ['rm', 'mv', 'sync'].includes(command!) || (command === 'systemctl' && args[0] !== 'is-active');

/** Does it, and says what the script is to hear, and when. */
export function answer(world: World, node: Node, run: Run, question: readonly string[]): Reply {
  const [name, ...args] = question;
  const command = COMMANDS[name!];
  if (command === undefined) throw new Error(`no such command: ${name!}`);
  for (const topic of topics(node, question)) run.topics.add(topic);
  if (node.failing !== null && changes(question) && --node.failing <= 0) {
    node.failing = null;
    world.note(node, `fails: ${question.join(' ')}`);
    return refuse('Input/output error');
  }
  return command(world, node, args);
}
