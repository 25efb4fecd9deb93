/** The part `machine` of Talos's configuration, for the nodes of a patch. */
import type { Field } from '../../input/field.ts';
import { share } from '../../model.ts';
import { addNew } from '../../network/links.ts';
import { Leaf, OutList, OutMap, leaf, leaves } from '../../write/out.ts';
import { readKubelet } from './components.ts';
import { readMachineDisks } from './data-disks.ts';
import { readDisk, readDiskPath } from './disk.ts';
import { readMachineFiles } from './files.ts';
import { readInterfaces } from './interfaces.ts';
import { readKernelArgs, readLabels, readModules } from './machine.ts';
import { readRegistries } from './registries.ts';
import { readSchematicId } from './schematics.ts';
import type { Target } from './target.ts';

export function readMachineConfig(field: Field, target: Target): void {
  const { nodes } = target;
  readNetwork(field.get('network'), target);
  for (const server of field.get('time', 'servers')?.texts() ?? []) nodes.forEach(({ ntp }) => addNew(ntp, [server]));
  for (const one of field.get('sysctls')?.fields() ?? []) {
    const value = one.text();
    if (value !== undefined) share(nodes, 'sysctl', one.key, new Leaf(value, one));
  }
  readModules(field.get('kernel', 'modules'), nodes);
  readMachineFiles(field.get('files'), target);
  readRegistries(field.get('registries'), target);
  readKubelet(field.get('kubelet'), target);
  readInstall(field.get('install'), target);
  readMachineDisks(field.get('disks'), nodes);
  readUdev(field.get('udev', 'rules'), target);
  readLabels(field, nodes);
  readProxy(field.get('env'), target);
}

function readNetwork(field: Field | undefined, target: Target): void {
  const { nodes } = target;
  readInterfaces(field?.get('interfaces'), target);
  for (const server of field?.get('nameservers')?.texts() ?? [])
    nodes.forEach(({ network }) => addNew(network.dns, [server]));
  for (const domain of field?.get('searchDomains')?.texts() ?? [])
    nodes.forEach(({ network }) => addNew(network.search, [domain]));
  for (const entry of field?.get('extraHostEntries')?.items() ?? []) {
    const ip = entry.get('ip')?.said();
    const names = entry.get('aliases')?.texts() ?? [];
    if (!ip || names.length === 0) continue;
    for (const { hosts } of nodes) hosts.push(new OutMap({ ip: leaf(ip), hostnames: leaves(names) }, entry));
  }
}

function readInstall(field: Field | undefined, target: Target): void {
  const path = field?.get('disk');
  const selector = field?.get('diskSelector');
  const disk = selector ? readDisk(selector) : path && readDiskPath(path);
  if (selector && path) path.skip('the selector says it');
  if (disk) target.nodes.forEach((node) => (node.disk = disk));
  readKernelArgs(field?.get('extraKernelArgs'), target.nodes);
  readSchematicId(field?.get('image'), target.nodes, target.folder);
}

/** Rules of udev become a file, as on any Debian. */
function readUdev(field: Field | undefined, { nodes }: Target): void {
  if (!field) return;
  const rules = field.texts().map(({ value }) => value);
  const path = '/etc/udev/rules.d/90-imported.rules';
  const content = new Leaf(`${rules.join('\n')}\n`);
  for (const node of nodes) {
    const standing = node.shared.get('files')?.get(path);
    const before = standing instanceof OutMap ? standing.entries.get('content') : undefined;
    const whole = before instanceof Leaf ? new Leaf(`${before.value}${content.value}`) : content;
    share([node], 'files', path, new OutMap({ path: new Leaf(path), content: whole }, field));
  }
}

/** The environment of Talos's services: proxies, and nothing else that coldstart knows. */
export function readProxy(field: Field | undefined, { nodes }: Target): void {
  const proxy = { http_proxy: 'http', https_proxy: 'https', no_proxy: 'no_proxy' };
  for (const one of field?.fields() ?? []) {
    const setting = proxy[one.key.toLowerCase() as keyof typeof proxy] as string | undefined;
    const value = setting === undefined ? undefined : one.text();
    if (setting === undefined)
      one.lose(
        'coldstart has no setting for the environment of all programs',
        'add a drop-in for the unit that needs it to `units`',
      );
    else if (value !== undefined && setting === 'no_proxy') {
      const hosts = value.split(',').map((host) => host.trim()).filter((host) => host !== ''); // prettier-ignore
      share(nodes, 'proxy', setting, new OutList(hosts.map((host) => new Leaf(host)), one)); // prettier-ignore
    } else if (value !== undefined) share(nodes, 'proxy', setting, new Leaf(value, one));
  }
}
