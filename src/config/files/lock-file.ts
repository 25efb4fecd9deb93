/**
 * The lock: `coldstart.lock.yaml` pins all downloads of the build and the nodes. It is read as strictly as the definition,
 * because a partly read lock would pin only a part of the downloads.
 */
import type { Report } from '../../diagnostics/report.ts';
import { reportIssues } from '../definition/issues.ts';
import { lockFile, type WrittenLock } from '../schema/lock.ts';
import type { ReadText } from '../yaml/yaml.ts';

export const LOCK_FILE = 'coldstart.lock.yaml';

export interface LockedArtifact {
  /** A program's name (`kubelet`), the path of one of `kubernetes.images`, `addon-images/<file>` or `manifests/<file>`. */
  readonly name: string;
  /** The URL of upstream, also if a mirror is configured; null for a local file. */
  readonly url: string | null;
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
}

export interface LockedBase {
  /** SHA-256 of the Debian release and the requested package names. */
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

/** Reads a lock; reports its faults and then returns null. */
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
