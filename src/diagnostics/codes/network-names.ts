/** Codes about the names in a cluster's networks: domains, endpoints, servers with names, proxies. */
import type { CodeTable } from './table.ts';

export const networkNameCodes = {
  'network/localhost': {
    severity: 'error',
    message: '`{name}` always means the local machine, so it cannot be {what}.',
    hint: 'choose another name',
  },
  'network/domain-in-cluster-domain': {
    severity: 'warning',
    message: '`{name}` is in `{clusterdomain}`. Pods get these names only from Kubernetes, so they would not find it.',
    hint: 'choose a domain outside of `{clusterdomain}`',
  },
  'network/local-domain': {
    severity: 'warning',
    message:
      '`{name}` ends in `.local`, which many programs resolve by multicast and not with name servers (RFC 6762).',
    hint: 'choose your own domain, or one below `.internal`',
  },
  'network/endpoint-is-node': {
    severity: 'error',
    message: 'The endpoint name `{name}` is also a name of node `{node}`.',
    hint: 'choose another name for the endpoint; it must lead to every master',
  },
  'network/endpoint-is-service': {
    severity: 'warning',
    message:
      '`{name}` is also the name of the API in pods: there it has the address of the service, not that of the endpoint.',
    hint: 'choose another name, like `api.lab.example`',
  },
  'network/server-of-cluster-domain': {
    severity: 'warning',
    message: 'Nodes cannot resolve `{name}`: only pods use the cluster DNS, which has the names in `{clusterdomain}`.',
    hint: 'name a server outside of the cluster; for a registry in the cluster, use the address of its service',
  },
  'network/proxy-without-url': {
    severity: 'warning',
    message: 'This proxy has no effect: it has neither `http` nor `https`.',
    hint: 'add `http: http://proxy.lab.example:3128`, or remove it; a node without one has `proxy: none`',
  },
  'network/proxy-on-node': {
    severity: 'warning',
    message: '`{host}` is the node itself, so the proxy works only if it runs on every node.',
    hint: 'name the machine that runs the proxy',
  },
  'network/hosts-taken': {
    severity: 'error',
    message: '`{name}` in `hosts` leads to `{ip}`, but it is a name of {owner}.',
    hint: 'remove the name from the entry, or choose another one',
  },
} as const satisfies CodeTable;
