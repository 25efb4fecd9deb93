/** nginx, which serves one file: what `coldstart serve` is compared with. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { dirname, basename, join } from 'node:path';
import { execa } from 'execa';

interface RunningNginx {
  readonly url: URL;
  /** The main process and its workers. */
  readonly pids: readonly number[];
  readonly stop: () => Promise<void>;
}

/** Null where nginx is not installed. @param file its folder also gets the configuration */
export async function startNginx(file: string, scheme: 'http' | 'https'): Promise<RunningNginx | null> {
  if ((await execa('nginx', ['-v'], { reject: false })).exitCode !== 0) return null;
  const [folder, port] = [dirname(file), await freePort()];
  await writeFile(join(folder, 'nginx.conf'), configuration(folder, port, scheme === 'https'));
  if (scheme === 'https') await makeCertificate(folder);
  const main = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: 'inherit' });
  if (main.pid === undefined) throw new Error('nginx did not start');
  const workers = await workersOf(main.pid);
  const stop = async (): Promise<void> => {
    main.kill();
    await once(main, 'exit');
  };
  return { url: new URL(`${scheme}://127.0.0.1:${port}/${basename(file)}`), pids: [main.pid, ...workers], stop };
}

/** As Debian ships it: a worker for each processor, and sendfile. The workers stay this user, who can read the folder. */
function configuration(folder: string, port: number, isTls: boolean): string {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const tls = isTls ? 'ssl_certificate nginx.crt; ssl_certificate_key nginx.key; ssl_protocols TLSv1.2 TLSv1.3;' : '';
  return `user ${userInfo().username}; daemon off; worker_processes auto; pid ${folder}/nginx.pid; error_log stderr error;
events { worker_connections 1024; }
http {
  access_log off; sendfile on; tcp_nopush on; ${paths.join(' ')}
  server { listen 127.0.0.1:${port}${isTls ? ' ssl' : ''}; ${tls} root ${folder}; }
}
`;
}

async function makeCertificate(folder: string): Promise<void> {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', join(folder, 'nginx.key')];
  await execa('openssl', ['req', '-x509', ...key, '-subj', '/CN=bench', '-out', join(folder, 'nginx.crt')]);
}

async function workersOf(pid: number): Promise<readonly number[]> {
  for (let count = 0; count < 100; count++) {
    const workers = await childrenOf(pid);
    if (workers.length > 0) return workers;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('nginx has no workers');
}

/** `children` of proc_tid_children(5). */
export async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8');
  return text.trim() === '' ? [] : text.trim().split(' ').map(Number);
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}
