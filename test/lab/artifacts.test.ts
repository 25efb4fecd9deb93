/** The files that a lab's nodes may fetch from the operator's folder, through the gateway's relay. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { relayCommand, serveArtifacts } from '../../src/lab/network/artifact-server.ts';
import { temporaryFolder } from '../builder/temporary.ts';

/** The whole answer to a request, as it comes out of the relay. */
async function ask(socket: string, request: string): Promise<string> {
  const [command = '', ...args] = relayCommand(socket);
  const relay = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  let answer = '';
  relay.stdout.setEncoding('utf8').on('data', (text: string) => (answer += text));
  relay.stdin.write(`${request} HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n`);
  await once(relay, 'close');
  return answer;
}

test('files of the folder, and nothing else', async () => {
  const folder = await temporaryFolder();
  const served = join(folder, 'served');
  await mkdir(join(served, 'images'), { recursive: true });
  await writeFile(join(served, 'images/pause.tar'), 'an archive');
  await writeFile(join(folder, 'secret'), 'not for nodes');
  await symlink(join(folder, 'secret'), join(served, 'link'));
  const socket = join(folder, 'socket');
  await serveArtifacts(served, socket);

  expect(await ask(socket, 'GET /images/pause.tar')).toMatch(
    /^HTTP\/1\.1 200 OK\r\nContent-Length: 10\r\n[^]*\r\n\r\nan archive$/,
  );
  expect(await ask(socket, 'HEAD /images/pause.tar')).toMatch(
    /^HTTP\/1\.1 200 OK\r\nContent-Length: 10\r\n[^]*\r\n\r\n$/,
  );
  const refused = ['/', '/images', '/none', '/link', '/../secret', '/%2e%2e/secret', '/%00', '/%zz'];
  for (const path of refused) expect(await ask(socket, `GET ${path}`)).toMatch(/^HTTP\/1\.1 404 /);
  expect(await ask(socket, 'PUT /images/pause.tar')).toMatch(/^HTTP\/1\.1 405 /);
});

test('the relay ends when nobody serves', async () => {
  expect(await ask(join(await temporaryFolder(), 'nobody'), 'GET /')).toBe('');
});
