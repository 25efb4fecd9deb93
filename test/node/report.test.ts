/** What a node tells `coldstart status`: one JSON object, also when scripts fail. */
import { expect, it } from 'vitest';
import { storeFrom } from './join/join-service.ts';
import { machine } from './machine.ts';

const BOOT = '6f6b1c0e-0000-4000-8000-000000000001';

it('a node of which nothing is known', async () => {
  const made = await machine();
  const { status, output } = await made.run('cluster-report.sh');
  expect(status).toBe(0);
  expect(JSON.parse(output)).toMatchObject({ node: 'master-01', cluster: 'lab', boot: BOOT, certificate: null });
});

it('warnings, but not what a definition may want', async () => {
  const made = await machine();
  await made.bash(
    `ledger state 'done' no-state-disk m t; ledger data 'done' data-nearly-full 'nearly full: /srv' t; ledger time 'done' '' m`,
  );
  const { output } = await made.run('cluster-report.sh');
  expect(JSON.parse(output)).toMatchObject({
    warnings: [{ step: 'data', cause: 'data-nearly-full', message: 'nearly full: /srv' }],
  });
});

it('the certificate that ends first', async () => {
  const pki = await storeFrom(new Date('2026-11-01T10:00:00Z'));
  const made = await machine({
    files: {
      'etc/kubernetes/pki/ca.crt': pki.authorities['kubernetes']!.current.certificate,
      'etc/kubernetes/pki/kubelet.crt': pki.certificates['nodes/worker-01/kubelet']!.certificate,
    },
  });
  const { output } = await made.run('cluster-report.sh');
  expect(JSON.parse(output)).toMatchObject({
    certificate: { file: '/etc/kubernetes/pki/kubelet.crt', ends: '2031-11-01T10:00:00Z' },
  });
});
