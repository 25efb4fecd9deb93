/** The options of commands that log in to nodes. */
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import type { SshChoices } from '../../usecases/rollout/ssh/ssh.ts';
import type { Session } from '../session.ts';

export interface SshOptions {
  readonly sshKey?: string;
  readonly login?: string;
}

export function sshOptions(command: Command): Command {
  return command
    .addOption(new Option('--ssh-key <file>', 'private key for SSH (default: agent and keys of ssh)'))
    .addOption(new Option('--login <user>', 'user for SSH (default: the first one with sudo and a key)'));
}

export const sshChoices = ({ sshKey, login }: SshOptions, { cwd }: Session): SshChoices => ({
  key: sshKey === undefined ? undefined : resolve(cwd, sshKey),
  user: login,
});
