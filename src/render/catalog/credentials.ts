/** Templates for the credentials of Kubernetes' programs, and for the keys that encrypt its secrets. */
import { kubeconfigsOf } from '../views/kubernetes/kubeconfig.ts';
import { ofCluster } from '../views/subject.ts';
import * as tokens from '../views/kubernetes/tokens.ts';
import { clusterFile, nodeFiles, type CatalogEntry } from './entry.ts';

/** The template of all kubeconfigs, also of the operator's. */
export const KUBECONFIG = { template: 'etc/kubernetes/user.conf.ejs', format: 'yaml' } as const;

const SECRET = { mode: 0o600, secret: true, header: false } as const;

export const credentialEntries: readonly CatalogEntry[] = [
  nodeFiles({
    ...KUBECONFIG,
    ...SECRET,
    outputs: kubeconfigsOf,
  }),
  clusterFile({
    ...SECRET,
    template: 'etc/kubernetes/bootstrap-tokens.tsv.ejs',
    audience: 'master',
    format: 'line',
    when: tokens.hasTokenTable,
    view: tokens.tokenTableView,
    settings: () => ['nodes', ...ofCluster('bootstrap')],
  }),
  clusterFile({
    ...SECRET,
    template: 'etc/kubernetes/encryption-config.yaml.ejs',
    audience: 'master',
    format: 'yaml',
    view: tokens.encryptionView,
    settings: () => [],
  }),
];
