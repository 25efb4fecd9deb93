/** The protocol between the command line and a running lab: one line of JSON each way on the lab's socket. */
import { createConnection } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { BuildError } from '../../builder/system/errors.ts';
import type { NodeView } from '../console/console-text.ts';
import type { ApiForward } from '../plan.ts';

export type Action = 'start' | 'kill' | 'pause' | 'resume' | 'partition' | 'heal' | 'wipe';

export type LabCall = { readonly do: 'status' | 'down' } | { readonly do: Action; readonly node: string };

export type Power = 'off' | 'running' | 'paused';

export interface NodeStatus {
  readonly name: string;
  readonly power: Power;
  readonly partitioned: boolean;
  readonly view: NodeView;
  /** Why QEMU ended with an error; null otherwise. */
  readonly problem: string | null;
}

export interface LabStatus {
  readonly cluster: string;
  readonly folder: string;
  /** Milliseconds since 1970. */
  readonly endsAt: number;
  readonly api: readonly ApiForward[];
  readonly serviceUrl: string | null;
  /** Why the gateway does not run; null when it runs, or when there is none. */
  readonly gatewayProblem: string | null;
  readonly nodes: readonly NodeStatus[];
}

export type LabAnswer =
  | { readonly ok: true; readonly status: LabStatus }
  | { readonly ok: false; readonly message: string; readonly hint?: string; readonly exitCode: number };

export const controlSocket = (run: string): string => join(run, 'control');
/** Short, because the path of a socket has at most 107 bytes (unix(7)). */
export const nodeSocket = (run: string, index: number, name: string): string => join(run, `n${index}.${name}`);

/** @throws BuildError with the lab's error message, or when the lab does not answer */
export async function call(run: string, request: LabCall): Promise<LabStatus> {
  const text = await exchange(controlSocket(run), `${JSON.stringify(request)}\n`);
  const answer = text === '' ? null : (JSON.parse(text) as LabAnswer);
  if (answer === null) throw new BuildError('The lab does not answer.', { exitCode: 5 });
  if (answer.ok) return answer.status;
  const { message, exitCode, hint } = answer;
  throw new BuildError(message, hint === undefined ? { exitCode } : { exitCode, hint });
}

/** Sends a text and returns everything that the other side sends until it closes the connection. */
async function exchange(path: string, text: string): Promise<string> {
  const socket = createConnection(path);
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
  socket.write(text);
  await once(socket, 'close').catch(() => undefined); // an error gives an empty answer
  return answer;
}
