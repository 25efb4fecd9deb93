/** The host of a use case on the command line: writes diagnostics, changes of the secrets store and progress to its streams. */
import { resolve } from 'node:path';
import { defaultCacheDir } from '../builder/system/cache.ts';
import { epochFrom } from './options/epoch.ts';
import { readIdentities } from '../pki/store/identities.ts';
import type { Host } from '../usecases/host.ts';
import { reportDiagnostics } from './streams/report-diagnostics.ts';
import { runTasks } from './streams/run-tasks.ts';
import { writeSecretsKept } from './text/secrets.ts';
import type { CommonOptions, Session } from './session.ts';

/** The option of all commands that open the secrets store. */
export interface IdentityOptions {
  readonly identity?: readonly string[];
}

export function hostOf(options: CommonOptions & IdentityOptions, session: Session): Host {
  const { cwd, env, signal, clock } = session;
  const now = new Date(1000 * epochFrom(env['SOURCE_DATE_EPOCH'], session.now.getTime() / 1000));
  return {
    ...{ cwd, signal, clock, now, cacheDir: defaultCacheDir(env), strict: options.strict === true },
    identities: () => {
      const files = (options.identity ?? []).map((file) => resolve(cwd, file));
      return readIdentities(files, env);
    },
    onDiagnostics: (found, frame) => {
      reportDiagnostics(found, frame, options, session);
    },
    onSecretsKept: (kept, file) => {
      writeSecretsKept(kept, file, options, session);
    },
    runTasks: (tasks, context) => runTasks(tasks, context, { session, log: options.log }),
  };
}
