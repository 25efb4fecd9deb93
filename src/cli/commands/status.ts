/** `coldstart status`. */
import { exitClass } from '../../diagnostics/codes.ts';
import { clusterStatus, isWell } from '../../usecases/rollout/status.ts';
import { hostOf, type IdentityOptions } from '../host.ts';
import { NOT_WELL } from '../options/exit-codes.ts';
import { sshChoices, type SshOptions } from '../options/ssh.ts';
import { statusText } from '../rollout/status-text.ts';
import { writeJson, type CommonOptions, type Session } from '../session.ts';

export interface StatusOptions extends IdentityOptions, SshOptions {
  readonly node?: readonly string[];
  readonly out?: string;
}

export async function status(
  config: string | undefined,
  options: CommonOptions & StatusOptions,
  session: Session,
): Promise<number> {
  const request = { config, nodes: options.node, out: options.out, ssh: sshChoices(options, session) };
  const { value, diagnostics } = await clusterStatus(request, hostOf(options, session));
  if (value === undefined) return exitClass(diagnostics);
  if (options.json) value.nodes.forEach((node) => writeJson(session, { type: 'status', ...node }));
  else session.stdout.write(statusText(value, session.stdout.columns));
  return isWell(value) ? 0 : NOT_WELL;
}
