/** Input and output of an image build, as values. */
import type { Cluster } from '../../config/cluster.ts';
import type { ImageFormat } from '../../config/formats.ts';
import type { Plan } from '../../render/plan/plan.ts';
import type { FileTree } from '../../render/tree/tree.ts';
import type { Updates } from '../update/bundle.ts';
import type { ArtifactSources } from '../artifacts/artifacts.ts';

export interface ImageRequest {
  readonly cluster: Cluster;
  readonly plan: Plan;
  /** Trees of the nodes to build, by name, with their files from the secrets store. */
  readonly trees: ReadonlyMap<string, FileTree>;
  /** The operator's kubeconfig, published beside the images; null for a cluster without Kubernetes. */
  readonly kubeconfig: Uint8Array | null;
  /** What update bundles need of the secrets store; null for a cluster whose nodes take none. */
  readonly updates: Updates | null;
  /** Names of the nodes to build; null for all. */
  readonly only: readonly string[] | null;
  /** The cluster's own output folder, e.g. `out/lab`. */
  readonly outDir: string;
  readonly cacheDir: string;
  /** Seconds since 1970; the time of every file in an image. */
  readonly epoch: number;
  /** Number of nodes that are packed at the same time. */
  readonly jobs: number;
  readonly signal: AbortSignal | undefined;
  readonly artifacts: ArtifactSources;
}

interface BuiltFile {
  /** Absolute. */
  readonly path: string;
  readonly format: ImageFormat;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
}

export interface BuildReport {
  readonly nodes: readonly {
    readonly name: string;
    readonly state: 'built' | 'unchanged';
    readonly files: readonly BuiltFile[];
  }[];
  readonly kubeconfig: 'written' | 'unchanged' | 'none';
}
