/**
 * A clock years behind or ahead, and certificates that are not yet valid or have expired: real certificates, real
 * openssl.
 */
import { access } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { storeFrom } from '../join/join-service.ts';
import { machine, type Machine } from '../machine.ts';

const pki = await storeFrom(new Date('2026-11-01T10:00:00Z'));
const AUTHORITY = pki.authorities['kubernetes']!.current.certificate;
const LEAF = pki.certificates['nodes/worker-01/kube-proxy']!.certificate;
const KUBELET = 'var/lib/kubelet/pki/kubelet-client-current.pem';
const SILENT = 'exit 1';
const ANSWERS = `[[ $* != *tracking* ]] || echo 'C0A83201,192.168.50.1,3'`;

const clock = (now: string): string => `case "$*" in
  *--date*) exec /bin/date "$@" ;;
  *) exec /bin/date --date '${now}' "$@" ;;
esac`;

const at = (now: string, chronyc: string, files: Readonly<Record<string, string>>): Promise<Machine> =>
  machine({
    env: { BOOT_ROLE: 'worker', NODE_ROLES: 'worker', TOKEN_DISTRIBUTION: 'http' },
    files,
    commands: { date: clock(now), chronyc },
  });

describe('a clock outside the life of the certificates', () => {
  const image = { 'etc/kubernetes/pki/ca.crt': AUTHORITY, 'etc/kubernetes/pki/etcd/peer.crt': LEAF };

  it.each([
    ['2020-01-01', SILENT, 'clock-behind', '/etc/kubernetes/pki/ca.crt'],
    ['2020-01-01', ANSWERS, 'certificate-early', '/etc/kubernetes/pki/ca.crt'],
    ['2032-01-01', SILENT, 'clock-ahead', '/etc/kubernetes/pki/etcd/peer.crt'],
    ['2032-01-01', ANSWERS, 'certificate-ended', '/etc/kubernetes/pki/etcd/peer.crt'],
    ['2040-01-01', SILENT, 'clock-ahead', '/etc/kubernetes/pki/ca.crt'],
  ])('%s, a time server that does %s: %s', async (now, chronyc, cause, file) => {
    const made = await at(now, chronyc, image);
    expect((await made.bash('check_time')).status).toBe(1);
    expect((await made.steps()).at(-1)).toBe(`time failed ${cause}`);
    const [last] = (await made.ledger()).slice(-1);
    expect(last?.message).toContain(`the clock says ${now}`);
    expect(last?.message).toContain(file);
    // Where the clock is known to be right there is nothing to wait for.
    expect((await made.steps()).includes(`time waiting ${cause}`)).toBe(chronyc === SILENT);
  });

  it('goes on as soon as a time server has put it right', async () => {
    const made = await at('2040-01-01', SILENT, image);
    await made.command('sleep', `exec /bin/mv ${made.path('right')} ${made.path('commands/date')}`);
    await made.command('../right', clock('2027-01-01'));
    expect((await made.bash('COLDSTART_DEADLINE=60 check_time')).status).toBe(0);
    expect((await made.steps())[0]).toBe('time waiting clock-ahead');
  });

  it.each(['2026-11-02', '2030-01-01'])('is none at %s', async (now) => {
    const made = await at(now, SILENT, image);
    expect((await made.bash('check_time')).status).toBe(0);
  });
});

describe('the certificate of a kubelet', () => {
  const files = { [KUBELET]: LEAF, 'var/lib/kubelet/kubelet.conf': '' };

  it.each([
    ['2020-01-01', 1],
    ['2027-01-01', 0],
    ['2040-01-01', 1],
  ])('counts at %s with status %i', async (now, status) => {
    const made = await at(now, ANSWERS, files);
    expect((await made.bash('has_certificate')).status).toBe(status);
  });

  it('is waited for when no time server confirms the clock', async () => {
    const made = await at('2020-01-01', SILENT, files);
    expect((await made.bash('check_time')).status).toBe(1);
    expect((await made.steps()).at(-1)).toBe('time failed clock-behind');
    await access(made.path(KUBELET));
  });

  it('is given up when it was made by a clock that was ahead', async () => {
    const made = await at('2020-01-01', ANSWERS, files);
    expect((await made.bash('check_time; renounce_early_certificate')).status).toBe(0);
    expect((await made.steps()).at(-1)).toBe('join running certificate-early');
    await expect(access(made.path(KUBELET))).rejects.toThrow('ENOENT');
    await expect(access(made.path('var/lib/kubelet/kubelet.conf'))).rejects.toThrow('ENOENT');
  });
});
