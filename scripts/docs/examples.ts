/** Examples for the reference, below the table of the group that they are of. A test loads them. */
export const examples: Readonly<Record<string, { readonly words: string; readonly yaml: string }>> = {
  'cluster.registries[]': {
    words:
      'Docker Hub through a project of Harbor that is a proxy cache, with an account there; and everything else through a pull-through cache that speaks plain http:',
    yaml: `registries:
  - host: docker.io
    mirrors:
      - url: https://harbor.lab.example/v2/dockerhub
        ca_file: harbor-ca.pem
  - host: harbor.lab.example
    auth: { username: robot$nodes, password: made-up }
  - host: _default
    mirrors:
      - url: http://cache.lab.example:5000
`,
  },
};
