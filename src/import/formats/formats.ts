/** The formats that coldstart can import. */
import type { Format } from './format.ts';
import { readTalconfig } from './talos/talconfig.ts';
import { newDraft } from '../model.ts';

const talconfig: Format = {
  name: 'talconfig',
  title: "talhelper's talconfig.yaml",
  fits: (root) => root.get('clusterName') !== undefined && (root.get('nodes')?.isList ?? false),
  read: ([definition]) => (definition ? readTalconfig(definition) : newDraft()),
};

export const FORMATS: readonly Format[] = [talconfig];
