/** `identify`: says whose network card has a MAC address. For a console that reports the cards of an unknown machine. */
import type { Cluster } from '../config/cluster.ts';
import { loadCluster } from '../config/load.ts';
import { mac as macForm } from '../config/schema/forms.ts';
import type { Result } from '../diagnostics/diagnostic.ts';
import { Findings } from './findings.ts';
import type { Host } from './host.ts';
import { fromProcess } from './project.ts';
import { UsageError } from './usage.ts';

interface IdentifyRequest {
  /** As the user gave it; the current folder by default. */
  readonly config: string | undefined;
  /** As the user gave them, in any notation that the configuration allows. */
  readonly macs: readonly string[];
}

export interface Card {
  /** In the notation of the program: lower case, with colons. */
  readonly mac: string;
  /** The node that has the card; null if none has. */
  readonly node: string | null;
  /** The most similar addresses of the configuration if no node has the card, by name of the node. */
  readonly nearest: readonly Similar[];
}

interface Similar {
  readonly node: string;
  readonly mac: string;
  /** How many of the twelve hexadecimal digits differ. */
  readonly digits: number;
}

interface Identified {
  readonly cluster: string;
  /** In the order of the request. */
  readonly cards: readonly Card[];
}

/** @throws UsageError for a word that is no MAC address */
export async function identify({ config, macs }: IdentifyRequest, host: Host): Promise<Result<Identified>> {
  const asked = macs.map(parseMac);
  const findings = new Findings(host);
  const { value: cluster, diagnostics, frame } = await loadCluster(fromProcess(host, config ?? '.'));
  if (!findings.add(diagnostics, frame) || cluster === undefined) return findings.stopped();
  const owners = ownersOf(cluster);
  return findings.done({ cluster: cluster.name, cards: asked.map((mac) => cardOf(mac, owners)) });
}

function parseMac(word: string): string {
  const { data } = macForm.safeParse(word);
  if (data === undefined) throw new UsageError(`\`${word}\` is no MAC address.`, 'write it like `52:54:00:12:34:01`');
  return data;
}

/** Names of nodes by MAC. */
const ownersOf = ({ nodes }: Cluster): ReadonlyMap<string, string> =>
  new Map(nodes.flatMap(({ name, macs }) => macs.map((mac) => [mac, name] as const)));

function cardOf(mac: string, owners: ReadonlyMap<string, string>): Card {
  const node = owners.get(mac) ?? null;
  if (node !== null) return { mac, node, nearest: [] };
  const all = [...owners].map(([known, name]) => ({ node: name, mac: known, digits: differing(mac, known) }));
  const fewest = all.reduce((least, { digits }) => Math.min(least, digits), Infinity);
  return { mac, node, nearest: all.filter(({ digits }) => digits === fewest).slice(0, MOST_SIMILAR) };
}

/** A line on the screen for each is enough. */
const MOST_SIMILAR = 3;

const differing = (a: string, b: string): number => [...a].filter((digit, index) => digit !== b[index]).length;
