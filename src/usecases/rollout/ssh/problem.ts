/** Why a command on a node could not be run, in one sentence, from what ssh(1) says. Pure. */

/** The exit code of ssh(1) for its own errors. */
const SSH_FAILED = 255;

interface Ended {
  readonly exitCode?: number | undefined;
  readonly lines: readonly string[];
}

export interface Problem {
  /** Whether the node does not answer, as during a restart; all other problems stay without a person. */
  readonly away: boolean;
  readonly message: string;
}

const PROBLEMS: readonly { readonly said: RegExp; readonly message: string }[] = [
  {
    said: /Host key verification failed|IDENTIFICATION HAS CHANGED|no matching host key type/,
    message:
      'it has not the host key of the secrets store: another machine answers, or its image is from before the key',
  },
  {
    said: /Permission denied \(|Too many authentication failures/,
    message: 'it does not accept your SSH key; choose one with --ssh-key, or the user with --login',
  },
  {
    said: /^(bash|sh): .*(No such file|not found)|sudo: .*: command not found/,
    message: 'its image is too old for this',
  },
  { said: /^sudo: /, message: 'the user cannot become root without a password' },
];

/** Null if the command ran. */
export function sshProblem({ exitCode, lines }: Ended): Problem | null {
  const known = PROBLEMS.find(({ said }) => lines.some((line) => said.test(line)));
  if (exitCode === SSH_FAILED) {
    const [last] = lines.slice(-1);
    return known === undefined
      ? { away: true, message: `it cannot be reached: ${last ?? 'no answer'}` }
      : { away: false, message: known.message };
  }
  if (known !== undefined && exitCode !== 0 && (exitCode === 127 || exitCode === 1))
    return { away: false, message: known.message };
  return null;
}
