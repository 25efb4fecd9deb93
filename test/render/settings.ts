/** A cluster that sets what it can of Kubernetes' programs, by the real front end. */
import { join } from 'node:path';
import type { Cluster } from '../../src/config/cluster.ts';
import { definition } from './examples.ts';

export const settings = (): Promise<Cluster> => definition(join(import.meta.dirname, 'settings'));

/** What it is about. */
export const SETTINGS_FILES =
  /^(opt\/|etc\/(kubernetes\/(?!pki|addons\/[013])|etcd|containerd|cluster-config\/(cluster.yaml|nodes))|etc\/systemd\/system\/(kube|etcd))/;
