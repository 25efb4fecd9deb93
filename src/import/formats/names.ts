/** Names of the formats, for the command line: it must not load their readers. */
export const FORMAT_NAMES = [
  ...([
    'talconfig',
    'talos',
    'cluster-template',
    'edge-image-builder',
    'openshift',
    'nmstate',
    'netplan',
    'networkmanager',
  ] as const),
] as const;

export type FormatName = (typeof FORMAT_NAMES)[number];
