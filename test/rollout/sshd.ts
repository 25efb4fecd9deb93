/**
 * Nodes that are nothing but an SSH server: a real sshd on a loopback port for each, with the host key of the secrets store. Whatever
 * command it gets, it hands to a script of the test. `ssh` on the PATH is the real one, told the port of each node, and the
 * user who runs the tests.
 */
import { generateKeyPairSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { once } from 'node:events';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';
import { reveal } from '../../src/pki/secret.ts';
import { sshHost } from '../../src/pki/issue/needs.ts';
import { entry, type Store } from '../../src/pki/store/model.ts';
import { freePort } from '../boot/free-port.ts';
import { redirectSsh } from './ssh-ports.ts';

/** Debian: openssh-server. */
const SSHD = process.env['COLDSTART_SSHD'] ?? '/usr/sbin/sshd';
export const hasSshd = existsSync(SSHD);

interface Fleet {
  readonly folder: string;
  /** File of the private key that the nodes accept. */
  readonly key: string;
  /** Its public half, for `ssh_keys`. */
  readonly publicKey: string;
  /** Starts the server of a node. @param script lines of bash; `$1` is the node, `$2` the command @param store with the host keys */
  serve(node: string, script: string, store: Store): Promise<void>;
}

/** A key for `ssh_keys` of the definition must exist before the store does. */
export async function makeFleet(folder: string): Promise<Fleet> {
  const key = join(folder, 'user-key');
  await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const { stdout: publicKey } = await execa('ssh-keygen', ['-y', '-f', key]);
  onTestFinished(await redirectSsh(folder, userInfo().username));
  return { folder, key, publicKey, serve: (node, script, store) => serve({ folder, publicKey, node, script, store }) };
}

interface Serving {
  readonly folder: string;
  readonly publicKey: string;
  readonly node: string;
  readonly script: string;
  readonly store: Store;
}

async function serve({ folder, publicKey, node, script, store }: Serving): Promise<void> {
  const place = join(folder, `sshd-${node}`);
  await mkdir(place);
  const hostKey = join(place, 'host-key');
  await writeFile(hostKey, reveal(entry(store.keyPairs, sshHost(node)).current.privateKey), { mode: 0o600 });
  await writeFile(join(place, 'keys'), `${publicKey}\n`);
  await writeFile(join(place, 'node.sh'), `#!/bin/bash\ncd '${folder}'\n${script}\n`, { mode: 0o755 });
  const port = await freePort();
  await writeFile(
    join(place, 'config'),
    [
      ...[`Port ${port}`, 'ListenAddress 127.0.0.1', `HostKey ${hostKey}`, 'PidFile none', 'UsePAM no'],
      ...[`AuthorizedKeysFile ${place}/keys`, 'StrictModes no', 'PasswordAuthentication no'],
      `ForceCommand ${place}/node.sh ${node} "$SSH_ORIGINAL_COMMAND"`,
    ].join('\n'),
  );
  const [program = '', ...words] =
    process.getuid?.() === 0 ? await asRoot(place) : [SSHD, '-D', '-f', `${place}/config`];
  const server = execa(program, words, { reject: false, stdin: 'ignore', stdout: 'ignore', stderr: 'ignore' });
  onTestFinished(async () => {
    server.kill('SIGTERM');
    await server;
  });
  await answers(port);
  await writeFile(join(folder, `port-${node}`), String(port));
}

/** As root, sshd wants an account and a folder, which the package makes; here they exist for this process alone. */
async function asRoot(place: string): Promise<string[]> {
  const start = join(place, 'start.sh');
  await writeFile(
    start,
    `set -e
    cp /etc/passwd ${place}/passwd
    grep -q ^sshd: ${place}/passwd || echo 'sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin' >>${place}/passwd
    mount --bind ${place}/passwd /etc/passwd
    mount -t tmpfs tmpfs /run
    mkdir /run/sshd
    exec ${SSHD} -D -f ${place}/config`,
  );
  await chmod(start, 0o755);
  return ['unshare', '--mount', 'bash', start];
}

async function answers(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const socket = connect(port, '127.0.0.1');
    const open = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (open) return;
    await delay(50);
  }
  throw new Error('sshd did not start');
}

/** A new key pair, as of another machine. */
export function otherKey(): { publicKey: string; privateKey: string } {
  return generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}
