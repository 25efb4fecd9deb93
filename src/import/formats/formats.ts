/** The formats that coldstart can import. */
import { clusterTemplate } from './cluster-template.ts';
import { edgeImageBuilder } from './edge-image-builder.ts';
import type { Format } from './format.ts';
import { openshift } from './openshift.ts';
import { keyfiles, netplan, nmstate } from './single-hosts.ts';
import { machineConfigs } from './talos/machine-configs.ts';
import { talconfig } from './talos/talconfig.ts';

export const FORMATS: readonly Format[] = [
  ...[talconfig, machineConfigs, clusterTemplate, edgeImageBuilder, openshift],
  ...[nmstate, netplan, keyfiles],
];
