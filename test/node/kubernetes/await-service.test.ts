/** await-service.sh, with the test's own servers and processes. */
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { execa } from 'execa';
import { expect, it } from 'vitest';

const SCRIPT = new URL('../../../overlays/common/usr/local/bin/await-service.sh', import.meta.url).pathname;

const run = (mainPid: number | undefined, seconds: number, port: number) =>
  execa(SCRIPT, [String(seconds), `http://127.0.0.1:${String(port)}/readyz`], {
    env: { MAINPID: String(mainPid) },
    reject: false,
  });

/** A server that refuses as often as told, then answers. Returns its port and how to end it. */
async function serve(refusals: number): Promise<{ port: number; asked: () => number; [Symbol.dispose]: () => void }> {
  let asked = 0;
  const server = createServer((_, response) => response.writeHead(asked++ < refusals ? 503 : 200).end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, asked: () => asked, [Symbol.dispose]: () => server.close() };
}

it('ends well as soon as the service is ready', async () => {
  using server = await serve(1);
  const { exitCode, stderr } = await run(process.pid, 60, server.port);
  expect([exitCode, stderr, server.asked()]).toEqual([0, '', 2]);
});

it('ends at once when the service has ended', async () => {
  using server = await serve(Infinity);
  const service = execa('true');
  await service;
  const { exitCode, stderr } = await run(service.pid, 60, server.port);
  expect([exitCode, stderr, server.asked()]).toEqual([1, 'it ended before it was ready', 1]);
});

it('ends when the time is over', async () => {
  using server = await serve(Infinity);
  const { exitCode, stderr } = await run(process.pid, 1, server.port);
  expect([exitCode, stderr]).toEqual([1, 'it was not ready in time']);
});
