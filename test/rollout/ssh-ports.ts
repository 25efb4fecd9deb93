/** The system's `ssh`, told that the nodes are at ports of this machine. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

/**
 * Puts an `ssh` on the PATH that reaches each node at the port in the file `port-NODE` of the folder. All else is as the caller says.
 * @param user as whom it logs in, whatever the caller says
 * @returns what takes it away again
 */
export async function redirectSsh(folder: string, user?: string): Promise<() => void> {
  const bin = join(folder, 'bin');
  await mkdir(bin);
  const { stdout: ssh } = await execa('which', ['ssh']);
  const login = user === undefined ? '' : `-o User=${user} `;
  const wrapper = `#!/bin/bash
for word; do [[ $word == HostKeyAlias=* ]] && node=\${word#*=}; done
exec ${ssh} -F /dev/null ${login}-o HostName=127.0.0.1 -o Port="$(cat '${folder}/port-'"$node" 2>/dev/null || echo 9)" "$@"
`;
  await writeFile(join(bin, 'ssh'), wrapper, { mode: 0o755 });
  const path = process.env['PATH'];
  process.env['PATH'] = `${bin}:${path ?? ''}`;
  return () => void (process.env['PATH'] = path);
}
