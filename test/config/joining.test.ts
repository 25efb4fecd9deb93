/** How nodes join when the definition does not say it, and where masters listen for that. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadCluster } from '../../src/config/load.ts';
import { soloDefinition } from './solo.ts';

const WORKER = `  - name: worker-01
    ip: 192.168.50.21
    roles: [worker]
    hardware: { mac_addresses: ['52:54:00:12:34:02'] }
`;

/** What is decided, and the codes of what is reported. */
async function joining(cluster: string, nodes: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'coldstart-joining-'));
  try {
    await writeFile(join(folder, 'cluster.yaml'), soloDefinition(cluster) + nodes);
    const { value, diagnostics } = await loadCluster(folder);
    const codes = diagnostics.filter(({ at }) => /bootstrap|port/.test(String(at?.path))).map(({ code }) => code);
    const { tokenDistribution, port } = value?.bootstrap ?? { tokenDistribution: 'refused', port: 0 };
    return [tokenDistribution, String(port), ...codes].join(' ');
  } finally {
    await rm(folder, { recursive: true });
  }
}

test.each([
  ['by certificate', '', WORKER, 'http 6444'],
  ['by certificate, where all nodes are masters until a worker comes', '', '', 'http 6444'],
  ['with the token that is written', '  bootstrap: { token: abcdef.0123456789abcdef }\n', WORKER, 'embedded 6444'],
  ['beside API servers on that port', '  control_plane: { port: 6444 }\n', WORKER, 'http 6443'],
  [
    'on the port that is written',
    '  control_plane: { port: 6444 }\n  bootstrap: { port: 7000 }\n',
    WORKER,
    'http 7000',
  ],
  [
    'not where the API servers are',
    '  control_plane: { port: 6444 }\n  bootstrap: { port: 6444 }\n',
    WORKER,
    'refused 0 network/port-taken',
  ],
])('%s', async (_, cluster, nodes, expected) => {
  expect(await joining(cluster, nodes)).toBe(expected);
});
