/** containerd's registry settings, under the names that containerd looks up. */
import { expect, test } from 'vitest';
import { containerdView, hostsTomlView } from '../../src/render/views/node/runtime.ts';
import { everything } from './everything.ts';

const auth = { username: 'robot', password: 'made-up' };
const [node] = everything().nodes;

test('credentials lie under the host that is asked', () => {
  if (node === undefined) throw new Error('no node');
  const registries = ['docker.io', 'quay.io', 'mirror.lab.example:5000'].map((host) => ({ host, mirrors: [], auth }));
  const { credentials } = containerdView({ cluster: everything(), node: { ...node, registries } });
  expect(credentials.map(({ server }) => server)).toEqual([
    'registry-1.docker.io',
    'quay.io',
    'mirror.lab.example:5000',
  ]);
});

test.each([
  ['https://mirror.lab.example', false],
  ['https://mirror.lab.example/v2', false],
  ['https://nexus.lab.example/repository/docker', false],
  ['https://harbor.lab.example/v2/dockerhub', true],
  ['https://gitlab.lab.example:8443/v2/group/dependency_proxy/containers', true],
  ['http://[fd00::5]:5000/proxy/v2/hub', true],
])('%s as a whole: %s', (url, isWholePath) => {
  const { mirrors } = hostsTomlView({ host: 'docker.io', mirrors: [{ url, ca: null, skipVerify: false }], auth: null });
  expect(mirrors).toEqual([{ url, skipVerify: false, isWholePath, ca: null }]);
});
