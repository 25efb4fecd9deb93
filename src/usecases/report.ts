/** `report`: gathers what the page about a cluster shows, and writes the page. Of the secrets store it takes names and dates only. */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { readManifest, type Manifest } from '../builder/output/output-manifest.ts';
import { BuildError } from '../builder/system/errors.ts';
import { sha256 } from '../builder/system/digest.ts';
import type { Cluster } from '../config/cluster.ts';
import type { Diagnostic, Result } from '../diagnostics/diagnostic.ts';
import { expiries, type Expiry } from '../pki/certificates/expiry.ts';
import { ClosedStore } from '../pki/errors.ts';
import { openStore } from '../pki/store/store.ts';
import type { Plan } from '../render/plan/plan.ts';
import { inventory } from '../render/tree/inventory.ts';
import { diff } from './diff.ts';
import { Findings } from './findings.ts';
import type { Host } from './host.ts';
import { openProject, outFolder, type Project } from './project.ts';
import type { NodeChange } from './review/comparison.ts';
import { draftTrees, type Closed, type Drafts } from './secrets/draft-trees.ts';
import { storePath } from './secrets/store-path.ts';

export interface ReportFacts {
  readonly cluster: Cluster;
  readonly plan: Plan;
  /** Of all nodes. */
  readonly trees: Drafts;
  /** `file:line` of a setting; null if the user has not written it. */
  readonly place: (setting: string) => string | null;
  readonly warnings: readonly Diagnostic[];
  /** Of the certificates in the secrets store; otherwise why they are unknown. */
  readonly expiries: readonly Pick<Expiry, 'id' | 'notAfter'>[] | 'no store' | 'closed store';
  /** The images in the output folder; null if there are none. */
  readonly manifest: Manifest | null;
  /** Nodes whose images in the output folder hold exactly the files of this definition. */
  readonly current: ReadonlySet<string>;
  /** Null if there is only one definition. */
  readonly change: { readonly before: string; readonly changes: readonly NodeChange[] } | null;
}

interface ReportRequest {
  /** As the user gave it; the current folder by default. */
  readonly config: string | undefined;
  /** An earlier definition, or an output folder. */
  readonly before: string | undefined;
}

interface Gathered {
  readonly facts: ReportFacts;
  readonly closed: Closed | null;
}

/** @throws UsageError, SecretsError for a store that a build would refuse, too */
export async function gatherReport({ config, before }: ReportRequest, host: Host): Promise<Result<Gathered>> {
  const findings = new Findings(host);
  const project = await openProject({ config }, findings);
  if (project === undefined) return findings.stopped();
  const { cluster, plan } = project;
  const { trees, closed } = await draftTrees(project, host);
  const compared = before === undefined ? null : await changesSince(before, config, host);
  if (compared?.value === undefined && compared !== null)
    return { value: undefined, diagnostics: compared.diagnostics };
  const manifest = await readManifest(outFolder(host, cluster.name, undefined));
  const { diagnostics } = findings.done(null);
  const facts: ReportFacts = {
    ...{ cluster, plan, trees, manifest, place: placeOf(project) },
    warnings: diagnostics.filter(({ severity }) => severity === 'warning'),
    expiries: await expiriesOf(project, host),
    current: new Set(manifest === null ? [] : currentIn(manifest, trees)),
    change: compared?.value && before !== undefined ? { before, changes: compared.value.changes } : null,
  };
  return findings.done({ facts, closed });
}

/** What the second definition warns of is said already. */
async function changesSince(before: string, config: string | undefined, host: Host): ReturnType<typeof diff> {
  const quiet = { ...host, onDiagnostics: () => undefined };
  const request = { a: before, b: config ?? '.', out: undefined, nodes: undefined };
  const compared = await diff(request, quiet);
  // An error must be seen.
  return compared.value === undefined ? diff(request, host) : compared;
}

const placeOf =
  ({ settings }: Project) =>
  (setting: string): string | null => {
    const at = settings.isWritten(setting) ? settings.locate(setting) : undefined;
    return at === undefined ? null : `${at.file}:${String(at.line)}`;
  };

async function expiriesOf({ cluster, folder }: Project, host: Host): Promise<ReportFacts['expiries']> {
  try {
    const opened = await openStore(storePath(cluster, folder), host.identities);
    return opened === null ? 'no store' : expiries(opened.store, host.now);
  } catch (error) {
    if (error instanceof ClosedStore) return 'closed store';
    throw error;
  }
}

function currentIn(manifest: Manifest, trees: Drafts): readonly string[] {
  const built = Object.entries(manifest.nodes);
  return built.flatMap(([name, record]) => {
    const tree = trees.get(name);
    return tree !== undefined && record.inventory === sha256(inventory(tree)) ? [name] : [];
  });
}

/** The place of the page, absolute. @param out as the user gave it */
export const reportFile = ({ cwd }: Pick<Host, 'cwd'>, out: string | undefined): string =>
  resolve(cwd, out ?? join('out', 'report.html'));

/** Writes the page whole, or not at all. @throws BuildError exit 6 */
export async function writeReport(file: string, page: string): Promise<void> {
  const fresh = `${file}.${String(process.pid)}.unfinished`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(fresh, page);
    await rename(fresh, file);
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => undefined);
    const reason = error instanceof Error ? error.message : String(error);
    throw new BuildError(`The report cannot be written: ${reason}`, {
      exitCode: 6,
      hint: 'choose another file with --out',
    });
  }
}
