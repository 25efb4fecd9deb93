/** Codes about the names in a cluster's networks: domains, end points, servers by name, proxies. */
import type { CodeTable } from './table.ts';

export const networkNameCodes = {
  'network/localhost': {
    severity: 'error',
    message: '`{name}` means the machine itself wherever it is looked up, so it cannot be {what}.',
    hint: 'choose another name',
  },
  'network/domain-in-cluster-domain': {
    severity: 'warning',
    message:
      '`{name}` lies in `{clusterdomain}`, whose names pods are told by Kubernetes alone: they would not find it.',
    hint: 'choose a domain outside of `{clusterdomain}`',
  },
  'network/local-domain': {
    severity: 'warning',
    message: '`{name}` ends in `.local`, which many programs look up by multicast and not at name servers (RFC 6762).',
    hint: 'choose a domain of yours, or one under `.internal`',
  },
  'network/endpoint-is-node': {
    severity: 'error',
    message: 'The endpoint name `{name}` is also a name of node `{node}`.',
    hint: 'the endpoint must lead to every master; give it a name of its own',
  },
  'network/endpoint-is-service': {
    severity: 'warning',
    message:
      'Pods call the API `{name}`, too: they get the address of its service instead of the address of the endpoint.',
    hint: 'choose a name of your own, like `api.lab.example`',
  },
  'network/server-of-cluster-domain': {
    severity: 'warning',
    message: 'Nodes do not find `{name}`: names in `{clusterdomain}` are for pods, which ask the cluster DNS.',
    hint: 'name a server outside of the cluster; a registry that runs in it goes by the address of its service',
  },
  'network/proxy-without-url': {
    severity: 'warning',
    message: 'This proxy has neither `http` nor `https`, so everything is reached directly.',
    hint: 'add `http: http://proxy.lab.example:3128`, or remove it; a node without one has `proxy: none`',
  },
  'network/proxy-on-node': {
    severity: 'warning',
    message: '`{host}` is each node itself, so nothing is reached unless every node has a proxy of its own.',
    hint: 'name the machine on which the proxy runs',
  },
} as const satisfies CodeTable;
