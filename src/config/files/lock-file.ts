/**
 * The lock: what `coldstart.lock.yaml` says about everything that a build or a node downloads. Reading is as strict as for
 * the definition itself: a lock that is understood in part would pin in part.
 */
import type { Report } from '../../diagnostics/report.ts';
import { reportIssues } from '../definition/issues.ts';
import { lockFile, type WrittenLock } from '../schema/lock.ts';
import type { ReadText } from '../yaml/yaml.ts';

export const LOCK_FILE = 'coldstart.lock.yaml';

export interface LockedArtifact {
  /** A program's name (`kubelet`), the path of one of `kubernetes.images`, `addon-images/<file>` or `manifests/<file>`. */
  readonly name: string;
  /** Where upstream publishes it, whatever mirror is configured; null for a local file. */
  readonly url: string | null;
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
}

export interface LockedBase {
  /** SHA-256 of the Debian release and the package names that were asked for. */
  readonly request: string;
  /** SHA-256 of the layer's `packages.tsv`. */
  readonly sha256: string;
  /** `name version architecture`, sorted. */
  readonly packages: readonly string[];
}

export interface Lock {
  readonly artifacts: readonly LockedArtifact[];
  readonly bases: readonly LockedBase[];
}

/** The lock that a text holds; null when something is wrong with it, which is reported. */
export function readLock({ source, data }: ReadText, report: Report): Lock | null {
  if (!source || data === undefined) return null;
  const parsed = lockFile.safeParse(data);
  if (!parsed.success) {
    reportIssues({ source, schema: lockFile, data }, report);
    return null;
  }
  const names = parsed.data.artifacts.map(({ name }) => name);
  names.forEach((name, index) => {
    const first = names.indexOf(name);
    if (first === index) return;
    const place = (at: number) => source.locate(['artifacts', at, 'name']).at;
    report.add(
      'lock/duplicate',
      { name },
      { at: place(index), related: [{ message: 'first here', at: place(first) }] },
    );
  });
  return normalise(parsed.data);
}

function normalise({ artifacts, bases }: WrittenLock): Lock {
  return { artifacts: artifacts.map((one) => ({ ...one, url: one.url ?? null })), bases };
}
