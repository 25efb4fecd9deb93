/** A fleet whose every node has settings, files and an overlay of its own. */
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFleet } from '../../scripts/bench/definition.ts';

/** @returns the folder */
export async function writeTalkativeFleet(folder: string, count: number): Promise<string> {
  await writeFleet(folder, count);
  const names = (await readdir(join(folder, 'nodes'))).sort();
  for (const [index, file] of names.entries()) {
    const path = join(folder, 'nodes', file);
    const { node } = JSON.parse(await readFile(path, 'utf8')) as { node: { name: string; network: object } };
    await writeFile(path, JSON.stringify({ node: { ...node, ...ownSettings(index, node.network) } }));
    const overlay = join(folder, 'overlays', `node-${node.name}`, 'srv');
    await mkdir(overlay, { recursive: true });
    await writeFile(join(overlay, 'note'), node.name);
  }
  return folder;
}

function ownSettings(index: number, network: object): object {
  const own = `own-${String(index)}`;
  const low = `${String(index >> 8)}.${String(index & 255)}`;
  return {
    network: {
      ...network,
      ...{
        gateway: '10.0.0.1',
        dns: ['10.0.0.1', '10.0.255.3'],
        ntp: ['10.0.0.1'],
        search_domains: [`${own}.example`],
      },
      routes: [{ to: `172.16.${low}/32`, via: '10.0.0.1' }],
    },
    labels: { 'lab.example/own': own },
    taints: [{ key: 'lab.example/own', value: own, effect: 'PreferNoSchedule' }],
    users: [{ name: own, groups: ['adm'], ssh_keys: [SSH_KEY] }],
    sysctl: { 'vm.swappiness': index % 100 },
    kernel_args: ['quiet'],
    registries: [{ host: `${own}.example`, mirrors: [{ url: `https://${own}.example:5000` }] }],
    files: [{ path: `/srv/${own}/file`, content: own }],
    units: [{ name: `${own}.service`, content: UNIT }],
    hooks: [{ name: own, when: 'after-join', content: '#!/bin/sh\nexit 0\n' }],
  };
}

/** Of examples/; nobody has its private key. */
const SSH_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAII3ul82ao7hxIoJlahWLxeFUrBB6Jx5ov0UAdWUF4TsJ replace-me@example';
const UNIT = '[Service]\nExecStart=/usr/bin/sleep 60\n\n[Install]\nWantedBy=multi-user.target\n';
