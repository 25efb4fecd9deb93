/**
 * Names of registries as containerd knows them: which hosts it asks for the images of one, where it finds credentials for
 * them, and how it reads the path of a mirror's URL (containerd 1.7, remotes/docker/config/hosts.go and pkg/cri/server/image_pull.go).
 */

/** Other names of Docker Hub; image names know only the first part (distribution/reference, `splitDockerDomain`). */
const ALIASES: Readonly<Record<string, string>> = {
  'index.docker.io': 'docker.io',
  'registry-1.docker.io': 'docker.io',
};

/** A registry by the name that stands in image names. */
export const canonicalHost = (host: string): string => ALIASES[host] ?? host;

/** The host that is asked for images of a registry (`DefaultHost` in remotes/docker/registry.go); null for all others. */
export function serverOf(host: string): string | null {
  if (host === '_default') return null;
  return host === 'docker.io' ? 'registry-1.docker.io' : host;
}

/** The host under which credentials for a URL are looked up: with the port, where one is written. */
export const hostOfUrl = (url: string): string => /^https?:\/\/([^/?#]*)/.exec(url)?.[1]?.toLowerCase() ?? '';

/**
 * Whether the path of a mirror's URL is taken as it is. containerd puts `/v2` at its end otherwise, which is wrong for a
 * mirror that keeps each upstream in a folder below `/v2`, as Harbor, GitLab and Quay do.
 */
export const isWholePath = (url: string): boolean => /^https?:\/\/[^/]+\/(.*\/)?v2\//.test(url);
