/** Rules about HTTP proxies: a proxy has a URL, and it is not the node itself. */
import type { Path } from '../../../diagnostics/path.ts';
import type { WrittenProxy } from '../../schema/network.ts';
import { isItself } from '../names.ts';
import { type Facts, type Rule } from '../rule.ts';
import { hostIn } from './written-urls.ts';

/** The proxy of the cluster and those of the nodes. */
const written = ({ cluster, nodes }: Facts): readonly { readonly path: Path; readonly proxy: WrittenProxy }[] => [
  ...(cluster.networking.proxy ? [{ path: ['cluster', 'networking', 'proxy'], proxy: cluster.networking.proxy }] : []),
  ...nodes.flatMap(({ name, proxy }) =>
    proxy === undefined || proxy === 'none' ? [] : [{ path: ['nodes', name, 'proxy'], proxy }],
  ),
];

const somebody: Rule = {
  name: 'a proxy has a URL',
  check: (_, facts, report) => {
    for (const { path, proxy } of written(facts)) {
      if (proxy.http === undefined && proxy.https === undefined)
        report.add('network/proxy-without-url', {}, { at: facts.key(path) });
    }
  },
};

const elsewhere: Rule = {
  name: 'a proxy is not on the node itself',
  check: (_, facts, report) => {
    for (const { path, proxy } of written(facts)) {
      for (const key of ['http', 'https'] as const) {
        const host = hostIn(proxy[key] ?? '');
        if (isItself(host)) report.add('network/proxy-on-node', { host }, { at: facts.at([...path, key]) });
      }
    }
  },
};

export const proxyRules: readonly Rule[] = [somebody, elsewhere];
