/** Examples for the reference. A test loads them. */

/** The first example of the page. */
export const smallCluster = `cluster:
  name: lab
  networking:
    node_cidr: 192.168.50.0/24
    gateway: 192.168.50.1
    dns: [192.168.50.1]
  kubernetes: { delivery: first-boot }
  users:
    - name: admin
      sudo: true
      ssh_keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAII3ul82ao7hxIoJlahWLxeFUrBB6Jx5ov0UAdWUF4TsJ admin@example]
nodes:
  - name: master-01
    ip: 192.168.50.11
    roles: [master]
    hardware:
      mac_addresses: ['52:54:00:12:34:01']
      state_disk: { serial: S4EVNF0M123456 }
  - name: worker-01
    ip: 192.168.50.21
    roles: [worker]
    hardware:
      mac_addresses: ['52:54:00:12:34:02']
      state_disk: { serial: S4EVNF0M123457 }
`;

/** Keyed by the first path of the group; the example is shown below the group's table. */
export const examples: Readonly<Record<string, { readonly words: string; readonly yaml: string }>> = {
  'cluster.registries[]': {
    words:
      'Docker Hub comes through a proxy cache project of Harbor, with an account there. All other registries come through a pull-through cache over plain http:',
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
