/** `init`: makes a new definition from answers, and checks it. */
import { basename, resolve } from 'node:path';
import type { Diagnostic, Result } from '../../diagnostics/diagnostic.ts';
import { Findings } from '../findings.ts';
import type { Host } from '../host.ts';
import type { Known } from './answers.ts';
import { definitionOf } from './definition.ts';
import { loadNew } from './faults.ts';
import { Interview, type Person } from './interview.ts';
import { keyFiles, readKeys } from './keys.ts';
import { withStandIns } from './stand-ins.ts';
import { withDefaults } from './without-person.ts';
import { refuseToOverwrite, writeNew } from './write.ts';

interface InitRequest {
  /** As the user gave it; by default the current folder. */
  readonly folder: string | undefined;
  /** What the command line says, without the keys. */
  readonly given: Omit<Known, 'keys'>;
  /** Files with public SSH keys, or keys; as the user gave them. */
  readonly keys: readonly string[] | undefined;
  /** Whom to ask for the rest; null when nobody is there, and flags and defaults have to be enough. */
  readonly person: Person | null;
  /** The home folder of the user; undefined if the user has none. */
  readonly home: string | undefined;
}

export interface InitReport {
  /** Absolute. */
  readonly folder: string;
  /** Relative to the folder. */
  readonly files: readonly string[];
  readonly nodes: readonly string[];
  /** What `check` says of the new definition: warnings. */
  readonly findings: readonly Diagnostic[];
}

/** Asks, checks and writes. Writes nothing unless the whole definition passes the check. @throws UsageError */
export async function init(request: InitRequest, host: Host): Promise<Result<InitReport>> {
  const findings = new Findings(host);
  const folder = resolve(host.cwd, request.folder ?? '.');
  await refuseToOverwrite(folder);
  const keysOf = (text: string): Promise<readonly string[]> => readKeys(text, request.home, host.cwd);
  const keys = request.keys && (await Promise.all(request.keys.map(keysOf))).flat();
  const given: Known = { ...impliedBy(request.given), ...request.given, ...(keys ? { keys } : {}) };
  const { person } = request;
  if (person) {
    // Nobody should answer questions about a definition that a flag makes wrong.
    const { diagnostics, frame } = await loadNew(definitionOf(withStandIns(given)));
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    if (!findings.add(errors, frame)) return findings.stopped();
  }
  const around = { folder: basename(folder), keyFiles: await keyFiles(request.home), readKeys: keysOf };
  const answers = person ? await new Interview(person, around).complete(given) : withDefaults(given);
  const written = definitionOf(answers);
  const { diagnostics, frame, value } = await loadNew(written);
  if (!findings.add(diagnostics, frame) || !value) return findings.stopped();
  host.signal.throwIfAborted();
  await writeNew(folder, written);
  const nodes = value.nodes.map(({ name }) => name);
  return findings.done({ folder, files: ['cluster.yaml', ...written.files.keys()], nodes, findings: diagnostics });
}

/** Disks for Ceph say that there is Ceph. */
function impliedBy({ masters = [], workers = [] }: Known): Known {
  return [...masters, ...workers].some(({ osds = [] }) => osds.length > 0) ? { ceph: true } : {};
}
