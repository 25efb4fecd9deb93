/** The folder of `cluster.update`: a real server that gives a bundle to the node whose certificate it sees, and to nobody else. */
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { expect, it, onTestFinished } from 'vitest';
import { reveal } from '../../../src/pki/secret.ts';
import { storeFrom } from '../join/join-service.ts';
import { machine } from '../machine.ts';

const LIBRARY = ['bundle', 'fetch'].map((part) => `source "$LIB_DIR/update/${part}.sh"`).join('; ');

it('shows the certificate of its kubelet, and takes an answer only from a server that it can trust', async () => {
  const pki = await storeFrom(new Date());
  const ca = pki.authorities['kubernetes']!.current.certificate;
  const { certificate: cert, key } = pki.certificates['nodes/master-01/join-server']!;
  const options = { cert, key: reveal(key), ca, requestCert: true, rejectUnauthorized: true };
  const server = createServer(options, (asked, answer) => {
    const { CN } = (asked.socket as TLSSocket).getPeerCertificate().subject;
    const isOwn = asked.url === `/lab/${String(CN).replace('system:node:', '')}.raucb`;
    answer.writeHead(isOwn ? 200 : 403).end(isOwn ? `of ${String(CN)}` : '');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const client = pki.certificates['nodes/master-01/kubelet-client']!;
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const url = `https://127.0.0.1:${String((server.address() as AddressInfo).port)}/lab`;
  const made = await machine({
    files: {
      'etc/cluster-config/fetch.env': `FETCH_URL="${url}"\nFETCH_HOURS="22:00-04:00"\nLOCK_PORT="6444"\n`,
      'etc/kubernetes/pki/ca.crt': ca,
      'etc/kubernetes/kubelet.conf': `users:\n- user:\n    client-certificate-data: ${base64(client.certificate)}\n    client-key-data: ${base64(reveal(client.key))}\n`,
    },
  });
  const look = (name: string) => made.bash(`${LIBRARY}; load_fetch; NODE_NAME=${name}; look_for_update`);
  expect((await look('master-01')).status).toBe(0);
  expect(await made.read('run/cluster/fetch/update.raucb')).toBe('of system:node:master-01');
  expect((await look('worker-01')).status).toBe(1);
  expect((await made.steps()).at(-1)).toBe('update failed bundle-unreachable');
  await made.write(
    'etc/kubernetes/pki/ca.crt',
    (await storeFrom(new Date())).authorities['kubernetes']!.current.certificate,
  );
  expect((await look('master-01')).output).toMatch(/cannot be read: curl: \(60\) .*certificate/);
});
