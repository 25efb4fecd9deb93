/** View of the downloads at the first boot: one row per program of Kubernetes. */
import { programsOf } from '../../../config/artifacts.ts';
import type { Subject } from '../subject.ts';

/** `-` means that the digest is not known yet: the node then downloads `<url>.sha256`. */
export const artifactTableView = ({ cluster, node }: Subject) => ({
  rows: programsOf(cluster, node).map(({ name, url, sha256 }) => ({
    ...{ name, url, sha256: sha256 ?? '-' },
    ...{ mode: '0755', destination: `/usr/local/bin/${name}` },
  })),
});
