/**
 * Registries in containerd: the hosts that it asks for images of a registry, the credentials for these hosts, and the meaning
 * of the path in a mirror's URL (containerd 1.7, remotes/docker/config/hosts.go and pkg/cri/server/image_pull.go).
 */

/** Other names of Docker Hub. Image names use only `docker.io` (distribution/reference, `splitDockerDomain`). */
const ALIASES: Readonly<Record<string, string>> = {
  'index.docker.io': 'docker.io',
  'registry-1.docker.io': 'docker.io',
};

/** The name of a registry in image names. */
export const canonicalHost = (host: string): string => ALIASES[host] ?? host;

/** The host that containerd asks for images of a registry (`DefaultHost` in remotes/docker/registry.go); null for `_default`. */
export function serverOf(host: string): string | null {
  if (host === '_default') return null;
  return host === 'docker.io' ? 'registry-1.docker.io' : host;
}

/** The host by which containerd looks up credentials for a URL, with the port if one is written. */
export const hostOfUrl = (url: string): string => /^https?:\/\/([^/?#]*)/.exec(url)?.[1]?.toLowerCase() ?? '';

/**
 * Whether containerd should use the path of a mirror's URL unchanged. By default it appends `/v2`, which is wrong for a mirror
 * with a folder below `/v2` for each upstream, as in Harbor, GitLab and Quay.
 */
export const isWholePath = (url: string): boolean => /^https?:\/\/[^/]+\/(.*\/)?v2\//.test(url);
