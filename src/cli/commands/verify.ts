/** `coldstart verify`. */
import type { Finding } from '../../builder/output/verify.ts';
import { quantity } from '../../diagnostics/quantity.ts';
import { verify as verifyImages } from '../../usecases/verify.ts';
import { hostOf } from '../host.ts';
import { writeJson, type CommonOptions, type Session } from '../session.ts';

/** Returns 0 without findings, else 7. */
export async function verify(out: string, options: CommonOptions, session: Session): Promise<number> {
  const findings = await verifyImages(out, hostOf(options, session));
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
  const verdict = findings.length === 0 ? 'no differences found' : quantity(findings.length, 'finding');
  session.stdout.write(`${out}: ${verdict}\n`);
}
