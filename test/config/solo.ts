/** The smallest valid definition, for tests that extend it. */

/** @param extra lines of `cluster`, with two blanks in front and a line feed at the end */
export const soloDefinition = (extra = ''): string => `cluster:
  name: lab
  networking: { node_cidr: 192.168.50.0/24, gateway: 192.168.50.1, dns: [192.168.50.1] }
  users: [{ name: admin, password_hash: '$y$j9T$abcdefghijklmnopqrstuv$abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG' }]
${extra}nodes:
  - name: solo
    ip: 192.168.50.11
    roles: [master, worker]
    hardware: { mac_addresses: ['52:54:00:12:34:01'], state_disk: { serial: state } }
`;
