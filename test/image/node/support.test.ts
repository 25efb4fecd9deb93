/** The support bundle with the programs of a node: Debian's awk, sed, tar, systemd and iproute2, in the base layer. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Node } from '../../../src/config/cluster.ts';
import { nodeSecrets } from '../../pki/node-secrets.ts';
import { renderNode } from '../../../src/render/plan/plan.ts';
import { makeTree } from '../../../src/render/tree/tree.ts';
import { lab, storeOf } from '../../pki/clusters.ts';
import { secretsIn } from '../../pki/least-privilege.ts';
import { SOURCES } from '../../render/sources.ts';
import { nodeRoot, type NodeRoot } from '../containers/node-root.ts';
import { testRoot } from '../containers/root.ts';

const root = await testRoot();

describe.skipIf(root === null)('cluster-support.sh on the base layer (needs root and a base layer)', () => {
  let made: NodeRoot;
  let folder = '';
  beforeAll(async () => {
    const node = lab.nodes.find(({ name }) => name === 'master-01') as Node;
    const origin = { kind: 'setting' as const, source: 'secrets', settings: [] };
    const secrets = nodeSecrets(await storeOf(lab), lab, node).map((file) => ({
      ...file,
      type: 'file' as const,
      origin,
    }));
    made = nodeRoot(root ?? '', makeTree([...renderNode(lab, node, SOURCES), ...secrets]));
    folder = mkdtempSync(join(tmpdir(), 'coldstart-support-'));
  });
  afterAll(() => {
    made.remove();
    rmSync(folder, { recursive: true });
  });

  it('says much of the node, and no secret that its logs have let slip', async () => {
    // The journal is not there without systemd; what a log has let slip is in the ledger instead.
    const { stdout, stderr } = made.run('/bin/bash', [
      '-c',
      `mkdir -p /run/cluster && cat /etc/kubernetes/*.conf /etc/kubernetes/*.tsv /etc/kubernetes/pki/*.key /etc/kubernetes/encryption-config.yaml >/run/cluster/ledger.jsonl
cp /run/cluster/ledger.jsonl /run/cluster/told && cat /run/cluster/told | base64 -w0 && echo && COLDSTART_DEADLINE=5 /usr/local/bin/cluster-support.sh - | base64 -w0`,
    ]);
    const [told = '', bundle = ''] = stdout.split('\n');
    const store = await storeOf(lab);
    expect(secretsIn([{ content: Buffer.from(told, 'base64') }], store).length).toBeGreaterThan(10);
    writeFileSync(join(folder, 'bundle.tar.gz'), Buffer.from(bundle, 'base64'));
    expect(spawnSync('tar', ['-xzf', 'bundle.tar.gz'], { cwd: folder }).status, stderr).toBe(0);
    const top = readdirSync(folder).find((name) => name.startsWith('support-master-01-')) ?? '';
    const entries = readdirSync(join(folder, top), { recursive: true, withFileTypes: true });
    const read = (path: string): string => readFileSync(join(folder, top, path), 'utf8');
    const files = entries.filter((entry) => entry.isFile());
    expect(
      secretsIn(
        files.map((entry) => ({ content: readFileSync(join(entry.parentPath, entry.name)) })),
        store,
      ),
    ).toEqual([]);
    expect(read('files/run/cluster/ledger.jsonl')).toContain('[removed]');
    expect(read('versions.txt')).toMatch(/^ii {2}containerd \d/m);
    expect(read('versions.txt')).toMatch(/^ii {2}etcd-server \d/m);
    expect(read('certificates.txt')).toMatch(/IP Address:192\.168\.50\.11/);
    expect(read('network.txt')).toMatch(/^1: lo: /m);
    expect(read('system.txt')).toMatch(/^\$ ps /m);
  });
});
