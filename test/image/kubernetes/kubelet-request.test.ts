/** A node finds its real kubelet's certificate request among those of all nodes, so that it can report its progress. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { end } from './etcd.ts';
import { machine } from '../../node/machine.ts';

const KUBELET = join(process.env['COLDSTART_ARTIFACTS'] ?? '/nowhere', 'kubelet');
const isMissing = !existsSync(KUBELET) || process.getuid?.() !== 0;

const CONFIG = `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
rotateCertificates: true
failCgroupV1: false
`;
const kubeconfig = (port: number): string => `apiVersion: v1
kind: Config
clusters: [{ name: lab, cluster: { server: "http://127.0.0.1:${String(port)}" } }]
contexts: [{ name: lab, context: { cluster: lab, user: joining } }]
current-context: lab
users: [{ name: joining, user: { token: abcdef.0123456789abcdef } }]
`;

describe.skipIf(isMissing)('a kubelet that joins (needs root, and COLDSTART_ARTIFACTS with kubelet)', () => {
  it('asks for its certificate as the node looks for it', async () => {
    const made = await machine({ env: { NODE_NAME: 'worker-01', NODE_ROLES: 'worker', BOOT_ROLE: 'worker' } });
    const folder = mkdtempSync(join(tmpdir(), 'coldstart-kubelet-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const asked = new Promise<string>((resolve) => {
      server.on('request', (request, response) => {
        let text = '';
        request.on('data', (part) => (text += String(part)));
        request.on('end', () => {
          const isAsking = request.method === 'POST';
          if (isAsking) resolve(/-----BEGIN[^]*-----END CERTIFICATE REQUEST-----\n/.exec(text)?.[0] ?? text);
          response.writeHead(isAsking ? 503 : 200).end('ok');
        });
      });
    });
    const pki = made.path('var/lib/kubelet/pki');
    mkdirSync(pki, { recursive: true });
    writeFileSync(join(folder, 'kubelet.yaml'), CONFIG);
    writeFileSync(join(folder, 'bootstrap.conf'), kubeconfig((server.address() as AddressInfo).port));
    const flags = [
      ...[`--config=${join(folder, 'kubelet.yaml')}`, `--bootstrap-kubeconfig=${join(folder, 'bootstrap.conf')}`],
      ...[`--kubeconfig=${join(folder, 'kubelet.conf')}`, `--cert-dir=${pki}`, `--root-dir=${join(folder, 'root')}`],
      '--hostname-override=worker-01',
    ];
    const kubelet = spawn(KUBELET, flags, { stdio: 'ignore' });
    onTestFinished(() => end(kubelet));
    const request = Buffer.from(await asked).toString('base64');
    const item = { metadata: { name: 'csr-x' }, spec: { username: 'system:bootstrap:abcdef', request } };
    await made.write('list', JSON.stringify({ items: [item] }));
    const ask =
      'ask_with_token() { STATUS=200 TOKEN_ID=abcdef BODY=$(<"$COLDSTART_ROOT/list"); }; ask_request; echo "$STATUS $REQUEST"';
    expect((await made.bash(ask)).output).toBe('200 csr-x');
    expect((await made.bash(`NODE_NAME=worker-02; ${ask}`)).output).toBe('404 ');
  }, 120_000);
});
