/** A node's kernel, as far as pods of other nodes are concerned: the routes to them, and which addresses know the way back. */
import type { Node } from './node.ts';
import { say, type Reply } from './reply.ts';
import type { World } from './world.ts';

export function ip(_: World, node: Node, args: readonly string[]): Reply {
  if (args.includes('show')) {
    const listed = [...node.routes].map(([dst, gateway]) => ({ dst, gateway }));
    return say(JSON.stringify(args.includes('-4') ? listed : []), 0.01);
  }
  for (const line of args.at(-1)!.trim().split('\n')) {
    const [, verb, target, , via] = line.split(' ');
    if (verb === 'del') node.routes.delete(target!);
    else if (verb === 'replace') node.routes.set(target!, via!);
    else throw new Error(`ip ${line}`);
  }
  return say('', 0.01);
}

export function nft(_: World, node: Node, args: readonly string[]): Reply {
  for (const line of args.at(-1)!.trim().split('\n')) {
    const [, verb, set] = /^(flush|add) \w+ inet coldstart-pods (\w+)/.exec(line) ?? [];
    if (set === 'nodes4' && verb === 'flush') node.sources.clear();
    const added = /\{ (.*) \}/.exec(line)?.[1] ?? '';
    for (const address of added.split(', ')) if (address !== '') node.sources.add(address);
  }
  return say('', 0.01);
}
