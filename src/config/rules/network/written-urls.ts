/**
 * Every URL and registry in the definition, once, with its place and the program that connects to it. Rules about hosts use this
 * list, like rules about addresses use `written-addresses.ts`.
 */
import type { Path } from '../../../diagnostics/path.ts';
import { memo } from '../../memo.ts';
import { formatIp, parseIp } from '../../network/net.ts';
import { type WrittenProxy } from '../../schema/network.ts';
import type { WrittenRegistry } from '../../schema/registry.ts';
import type { Facts } from '../rule.ts';

/** A node before the cluster is up; containerd, which tries the next source if a host does not answer; the build machine. */
export type Asker = 'node' | 'containerd' | 'builder';

interface WrittenUrl {
  readonly path: Path;
  /** A name, or an address in canonical form without brackets. */
  readonly host: string;
  readonly by: Asker;
}

/** All URLs, without those of unused settings, e.g. a mirror if nothing is downloaded. Other rules report these. */
export const writtenUrls = memo(({ cluster, nodes }: Facts): readonly WrittenUrl[] => {
  const { networking, kubernetes, bootstrap, ceph, image, control_plane: controlPlane } = cluster;
  const isDownloading = kubernetes.delivery === 'first-boot';
  const isExternal = bootstrap.token_distribution === 'external';
  return [
    ...ofProxy(['cluster', 'networking', 'proxy'], networking.proxy),
    ...listed(['cluster', 'networking', 'calico_manifest'], [networking.calico_manifest], 'builder'),
    ...listed(['cluster', 'kubernetes', 'mirror'], [isDownloading ? kubernetes.mirror : undefined], 'node'),
    ...listed(['cluster', 'kubernetes', 'containerd', 'mirror'], [kubernetes.containerd.mirror], 'builder'),
    ...listed(['cluster', 'kubernetes', 'manifests'], kubernetes.manifests, 'builder'),
    ...ofRegistries(['cluster', 'registries'], cluster.registries),
    ...listed(['cluster', 'bootstrap', 'external', 'url'], [isExternal ? bootstrap.external?.url : undefined], 'node'),
    ...listed(
      ['cluster', 'control_plane', 'etcd_snapshots', 'store', 'url'],
      [controlPlane.etcd_snapshots.store?.url],
      'node',
    ),
    ...listed(['cluster', 'ceph', 'csi_url'], [ceph.csi_url], 'builder'),
    ...listed(['cluster', 'image', 'mirrors'], image.mirrors, 'builder'),
    ...listed(['cluster', 'update', 'url'], [cluster.update?.url], 'node'),
    ...nodes.flatMap(({ name, proxy, registries = [] }) => [
      ...ofProxy(['nodes', name, 'proxy'], proxy === 'none' ? undefined : proxy),
      ...ofRegistries(['nodes', name, 'registries'], registries),
    ]),
  ];
});

const ofProxy = (path: Path, { http, https }: Partial<WrittenProxy> = {}): readonly WrittenUrl[] => [
  ...listed([...path, 'http'], [http], 'node'),
  ...listed([...path, 'https'], [https], 'node'),
];

const ofRegistries = (path: Path, registries: readonly WrittenRegistry[]): readonly WrittenUrl[] =>
  registries.flatMap(({ host, mirrors }, index) => [
    ...listed([...path, index, 'host'], host === '_default' ? [] : [`https://${host}`], 'containerd'),
    ...mirrors.flatMap(({ url }, m) => listed([...path, index, 'mirrors', m, 'url'], [url], 'containerd')),
  ]);

/** The URLs of a setting. Values without a host, e.g. files, are left out. Paths have an index only if the setting is a list. */
function listed(path: Path, urls: readonly (string | undefined)[], by: Asker): readonly WrittenUrl[] {
  return urls.flatMap((url, index) => {
    const host = url === undefined ? '' : hostIn(url);
    const at = LISTS.includes(String(path.at(-1))) ? [...path, index] : path;
    return host === '' ? [] : [{ path: at, host, by }];
  });
}

const LISTS: readonly string[] = ['manifests', 'mirrors'];

/** The host of a URL or of a `deb` line (sources.list(5)); empty if there is none. */
export function hostIn(text: string): string {
  const [, url = ''] = /^(?:deb +(?:\[[^\]]*\] +)?)?([a-z+]+:\/\/\S+)/.exec(text) ?? [];
  if (!URL.canParse(url)) return '';
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  const ip = parseIp(host) ?? parseIp(unmapped(host));
  return ip ? formatIp(ip) : host;
}

/** The IPv4 address of an IPv4-mapped IPv6 address (RFC 4291, section 2.5.5.2). */
function unmapped(host: string): string {
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(host) ?? [];
  const bytes = [high, low].flatMap((group = '') => group.padStart(4, '0').match(/../g) ?? []);
  return high === undefined ? '' : bytes.map((byte) => String(Number.parseInt(byte, 16))).join('.');
}
