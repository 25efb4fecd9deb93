/** A node's haproxy: the API servers that it uses, and the commands of its runtime API that the scripts give. */
import type { Node } from './node.ts';
import { say, type Reply } from './reply.ts';
import type { World } from './world.ts';

interface Server {
  address: string;
  readonly port: string;
  isReady: boolean;
}

export type Balancer = Map<string, Server>;

/** What haproxy starts with: the first guess of the image. */
export function readServers(config: string): Balancer {
  const lines = config.matchAll(/^ *server (\S+) (\S+):(\d+) verifyhost/gm);
  return new Map(
    [...lines].map(([, name, address, port]) => [name!, { address: address!, port: port!, isReady: true }]),
  );
}

export const uses = (balancer: Balancer | null, ip: string): boolean =>
  [...(balancer ?? [])].some(([, { address, isReady }]) => isReady && address === ip);

/** As the management guide has the columns of `show servers state`. */
const line = ([name, { address, port, isReady }]: [string, Server]): string =>
  `3 masters 1 ${name} ${address} 2 ${isReady ? '0' : '1'} 1 1 10 6 3 4 6 0 0 0 - ${port} - 0 0 - - 0`;

export function socat(_: World, node: Node, [commands = '']: readonly string[]): Reply {
  const { balancer } = node;
  if (balancer === null) throw new Error('a socket without haproxy');
  return say(
    commands
      .split(/[;\n]/)
      .map((each) => command(balancer, each.trim().split(' ')))
      .join(''),
    0.01,
  );
}

function command(balancer: Balancer, [verb = '', what, path = '', ...rest]: readonly string[]): string {
  if (verb === '' || verb === 'shutdown') return '\n';
  if (verb === 'show') return `1\n# be_id be_name\n${[...balancer].map((each) => `${line(each)}\n`).join('')}\n`;
  const name = path.replace('masters/', '');
  const server = balancer.get(name);
  if (verb === 'add') {
    const [, address, port] = /^(.*):(\d+)$/.exec(rest[0]!)!;
    if (server !== undefined) return 'Already exists a server with the same name in backend.\n';
    balancer.set(name, { address: address!, port: port!, isReady: false });
    return 'New server registered.\n';
  }
  if (server === undefined) return 'No such server.\n';
  if (verb === 'enable') server.isReady ||= what === 'server';
  else if (rest[0] === 'addr') server.address = rest[1]!;
  else if (rest[0] === 'state') server.isReady = rest[1] === 'ready';
  else throw new Error(`haproxy: ${verb} ${path} ${rest.join(' ')}`);
  return '\n';
}
