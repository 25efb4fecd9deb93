/** A node warns before its certificates end: real certificates, real openssl. */
import { utimes } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { storeFrom } from '../join/join-service.ts';
import { machine, type Machine } from '../machine.ts';

const pki = await storeFrom(new Date('2026-11-01T10:00:00Z'));
const AUTHORITY = pki.authorities['kubernetes']!.current.certificate;
const LEAF = pki.certificates['nodes/worker-01/kube-proxy']!.certificate;
const KUBECONFIG = `users:\n- user:\n    client-certificate-data: ${Buffer.from(LEAF).toString('base64')}\n`;
const SOON = '2031-10-15'; // the leaf ends on 2031-11-01, the authority years later

const at = (now: string, files: Readonly<Record<string, string>>): Promise<Machine> =>
  machine({
    files: { 'etc/kubernetes/pki/ca.crt': AUTHORITY, ...files },
    commands: {
      date: `case "$*" in *--date*) exec /bin/date "$@" ;; *) exec /bin/date --date '${now}' "$@" ;; esac`,
    },
  });
const last = async (made: Machine): Promise<string> => {
  const { step, state, cause, message } = (await made.ledger()).at(-1) ?? {};
  return [step, state, cause, message].join(' ').trim();
};

describe('the step certificates', () => {
  it.each([
    ['etc/kubernetes/pki/etcd/peer.crt', LEAF],
    ['etc/kubernetes/admin.conf', KUBECONFIG],
    ['var/lib/kubelet/pki/kubelet-client-current.pem', LEAF],
  ])('warns of %s', async (path, content) => {
    const made = await at(SOON, { [path]: content });
    expect((await made.run('cluster-watch.sh')).status).toBe(0);
    expect(await last(made)).toMatch(new RegExp(`^certificates done certificate-expiring /${path} ends on 2031-11-01; .* 1$`)); // prettier-ignore
    expect(await made.read('run/issue.d/50-cluster.issue')).toContain('certificate-expiring');
    expect((await made.run('check-bootstrap-status.sh')).output).toMatch(
      /^The first certificate ends on: 2031-11-01$/m,
    );
  });

  it('says nothing of certificates that last, and of files that are none', async () => {
    const made = await at('2031-08-01', { 'etc/kubernetes/pki/kubelet.crt': LEAF, 'etc/kubernetes/pki/x.crt': 'x' });
    expect(await made.run('cluster-watch.sh')).toEqual({ status: 0, output: '' });
    expect(await made.steps()).toEqual([]);
  });

  it('ends with a new certificate; the node looks once an hour, and each time while it shows a warning', async () => {
    const path = 'etc/kubernetes/pki/kubelet.crt';
    const made = await at('2031-08-01', {});
    await made.run('cluster-watch.sh');
    await made.command('date', `case "$*" in *--date*) exec /bin/date "$@" ;; *) exec /bin/date --date ${SOON} "$@" ;; esac`); // prettier-ignore
    await made.write(path, LEAF);
    await made.run('cluster-watch.sh');
    expect(await made.steps()).toEqual([]);
    const hourAgo = new Date(Date.now() - 3_700_000);
    await utimes(made.path('run/cluster/expiry-seen'), hourAgo, hourAgo);
    await made.run('cluster-watch.sh');
    expect(await last(made)).toContain('certificate-expiring');
    await made.write(path, AUTHORITY);
    await made.run('cluster-watch.sh');
    expect(await last(made)).toBe('certificates done  no certificate of this node ends within 30 days');
  });
});
