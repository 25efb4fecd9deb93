/**
 * Runs commands on nodes by the system's ssh(1): the user's agent, keys, jump hosts and `~/.ssh/config` work as ever. What decides whom
 * to trust is set here. One connection for each node serves all commands.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { attempt } from '../../../builder/system/run.ts';
import type { Node } from '../../../config/cluster.ts';
import type { Store } from '../../../pki/store/model.ts';
import { HOST_KEY_TYPE, knownHosts } from './known-hosts.ts';
import { loginOf } from './login.ts';
import { sshProblem, type Problem } from './problem.ts';

export interface SshChoices {
  /** File of a private key; by default those of ssh(1). */
  readonly key: string | undefined;
  readonly user: string | undefined;
}

/** Seconds. */
const CONNECT = 10;
const ALIVE = 5;
/** Seconds that an unused connection stays. */
const PERSIST = 60;
/** Bytes that the path of a Unix socket may have; ssh(1) adds up to 17 to it for a moment. */
const LONGEST_SOCKET = 90;
/** ssh(1) needs them to find the user's keys and jump hosts. */
const INHERITED = ['SSH_AUTH_SOCK', 'SSH_ASKPASS', 'DISPLAY', 'WAYLAND_DISPLAY'];

interface Command {
  readonly words: readonly string[];
  readonly stdin?: Readable | Uint8Array;
  /** Seconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** The command ran, or the reason why it could not. */
export type Answer =
  | { readonly problem: null; readonly exitCode: number; readonly stdout: string; readonly lines: readonly string[] }
  | { readonly problem: Problem };

export class Ssh {
  readonly #folder: string;
  readonly #choices: SshChoices;
  readonly #used = new Map<string, Node>();

  private constructor(folder: string, choices: SshChoices) {
    this.#folder = folder;
    this.#choices = choices;
  }

  /** Makes a private folder for host keys and connections; `close` removes it. */
  static async open(store: Store, nodes: readonly Node[], choices: SshChoices): Promise<Ssh> {
    const folder = await mkdtemp(join(tmpdir(), 'coldstart-ssh-'));
    await writeFile(join(folder, 'known_hosts'), knownHosts(store, nodes), { mode: 0o600 });
    return new Ssh(folder, choices);
  }

  /** Runs a command as root. @throws the signal's reason when aborted */
  async run(node: Node, { words, stdin, timeout, signal }: Command): Promise<Answer> {
    const login = loginOf(node, this.#choices.user);
    if (login === null) return { problem: { away: false, message: nobody(this.#choices.user) } };
    this.#used.set(node.name, node);
    const command = ['sudo', '-n', '--', ...words].map(quoted).join(' ');
    const limit = AbortSignal.timeout(timeout * 1000);
    try {
      const ended = await attempt({
        ...{ command: 'ssh', args: [...this.#options(node, login), '--', command], env: inherited() },
        ...{ reason: `reach ${node.name}`, signal: AbortSignal.any([signal, limit]) },
        ...(stdin === undefined ? {} : { stdin }),
      });
      const problem = ended.code === 'ENOENT' ? MISSING : sshProblem(ended);
      return problem === null
        ? { problem, exitCode: ended.exitCode ?? -1, stdout: ended.stdout, lines: ended.lines }
        : { problem };
    } catch (error) {
      if (signal.aborted || !limit.aborted) throw error;
      return { problem: { away: true, message: `it did not answer within ${timeout} s` } };
    }
  }

  /** Ends the connection to a node, which a restart of the node would leave hanging. */
  async disconnect(node: Node): Promise<void> {
    const login = loginOf(node, this.#choices.user);
    if (login === null || !this.#used.delete(node.name)) return;
    const args = [...this.#options(node, login).slice(0, -1), '-O', 'exit', node.ips[0] ?? ''];
    const signal = AbortSignal.timeout(5000);
    await attempt({ command: 'ssh', args, env: inherited(), reason: 'disconnect', signal }).catch(() => undefined);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#used.values()].map((node) => this.disconnect(node)));
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Ends with the address. */
  #options({ name, ips: [address = ''] }: Node, user: string): string[] {
    const { key } = this.#choices;
    const socket = join(this.#folder, '%C');
    const settings: Record<string, string | number> = {
      ...{ HostName: address, HostKeyAlias: name, User: user },
      ...{ UserKnownHostsFile: join(this.#folder, 'known_hosts'), GlobalKnownHostsFile: '/dev/null' },
      ...{ KnownHostsCommand: 'none', StrictHostKeyChecking: 'yes', HostKeyAlgorithms: HOST_KEY_TYPE },
      ...{ UpdateHostKeys: 'no', VerifyHostKeyDNS: 'no', CheckHostIP: 'no', BatchMode: 'yes' },
      ...{ ConnectTimeout: CONNECT, ServerAliveInterval: ALIVE, ServerAliveCountMax: 3, LogLevel: 'ERROR' },
      ...{ RequestTTY: 'no', RemoteCommand: 'none', PermitLocalCommand: 'no', ClearAllForwardings: 'yes' },
      ...{ ForwardAgent: 'no', ForwardX11: 'no' },
      ...(socket.length + 38 > LONGEST_SOCKET ? { ControlPath: 'none' } : {}),
      ...(socket.length + 38 > LONGEST_SOCKET
        ? {}
        : { ControlMaster: 'auto', ControlPath: socket, ControlPersist: PERSIST }),
    };
    const options = Object.entries(settings).flatMap(([option, value]) => ['-o', `${option}=${value}`]);
    return [...options, ...(key === undefined ? [] : ['-i', key, '-o', 'IdentitiesOnly=yes']), address];
  }
}

const MISSING: Problem = { away: false, message: 'there is no program `ssh` on this machine (Debian: openssh-client)' };

const nobody = (user: string | undefined): string =>
  user === undefined
    ? 'no user of the definition has `ssh_keys` and may become root (`sudo: true`)'
    : `the definition has no user \`${user}\` with \`ssh_keys\` who may become root`;

const inherited = (): Record<string, string> =>
  Object.fromEntries(INHERITED.flatMap((name) => (process.env[name] ? [[name, process.env[name]] as const] : [])));

/** A word for the shell of the node. */
const quoted = (word: string): string => (/^[\w./:=@,+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
