/** `coldstart verify`: opens the images of an output folder and says what is not as it should be. */
import { relative, resolve } from 'node:path';
import { defaultCacheDir } from '../builder/cache.ts';
import { verifyOutput, type Finding } from '../builder/verify.ts';
import { count } from './comparison-text.ts';
import { runTasks } from './run-tasks.ts';
import { writeJson, type CommonOptions, type Session } from './session.ts';

/** Returns 0 when everything is as promised, else 7. */
export async function verify(out: string, options: CommonOptions, session: Session): Promise<number> {
  const folder = resolve(session.cwd, out);
  const step = { cacheDir: defaultCacheDir(session.env), signal: session.signal };
  const title = `Verify ${relative(session.cwd, folder) || '.'}`;
  const { findings } = await runTasks<{ findings: readonly Finding[] }>(
    [
      {
        title,
        task: async (context, task) => {
          context.findings = await verifyOutput(folder, { ...step, report: (line) => (task.output = line) });
        },
      },
    ],
    { findings: [] },
    { session, log: options.log },
  );
  writeFindings(findings, out, options, session);
  return findings.length === 0 ? 0 : 7;
}

function writeFindings(findings: readonly Finding[], out: string, options: CommonOptions, session: Session): void {
  if (options.json) {
    findings.forEach((finding) => writeJson(session, { type: 'finding', ...finding }));
    writeJson(session, { type: 'verification', out, findings: findings.length });
    return;
  }
  findings.forEach(({ file, message }) => session.stdout.write(`${file}: ${message}\n`));
  const verdict = findings.length === 0 ? 'everything is as promised' : count(findings.length, 'finding');
  session.stdout.write(`${out}: ${verdict}\n`);
}
