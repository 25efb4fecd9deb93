/**
 * Recipes for entries that a setting contains unchanged, without a template: symlinks, the user's extra files, units
 * and hooks, and certificates of registry mirrors.
 */
import type { Cluster, ExtraUnit, Node } from '../../config/cluster.ts';
import { escapePath } from '../../config/systemd/unit-name.ts';
import { installationOf } from '../../config/systemd/install.ts';
import { fileRecipe, linkRecipe, type Recipe } from '../tree/recipe.ts';
import type { Origin } from '../tree/tree.ts';
import { hasPasswords } from '../views/node/access.ts';
import { entrySettings, settingsOf, type Holder, type Overridable } from '../views/overridden-settings.ts';
import { mirrorCaPath } from '../views/node/runtime.ts';
import { keepsContainersInMemory } from '../views/node/storage.ts';

const SYSTEM = 'etc/systemd/system';
const OWNED_BY_ROOT = { uid: 0, gid: 0, secret: false };

const originOf = (...settings: [string, ...string[]]): Origin => ({ kind: 'setting', source: settings[0], settings });

/** For one of the user's files, units or hooks: its own name is the source, with the setting that contains it. */
const originOfExtra = (source: string, setting: string): Origin => ({ ...originOf(setting), source });

/** Entries that are the same on every node. */
export function clusterSettingRecipes(cluster: Cluster): Recipe[] {
  const zone = originOf('cluster.timezone');
  return [linkRecipe('etc/localtime', `../usr/share/zoneinfo/${cluster.timezone}`, zone)];
}

/** Entries that come from one setting, of the cluster or of a node with its own value. */
export function holderSettingRecipes(holder: Holder, setting: Overridable): Recipe[] {
  if (setting === 'registries') return certificateRecipes(holder);
  if (setting !== 'users' || !hasPasswords(holder)) return [];
  const path = `${SYSTEM}/sysinit.target.wants/cluster-passwords.service`;
  return [linkRecipe(path, '../cluster-passwords.service', originOf(...settingsOf(holder, 'users')))];
}

function certificateRecipes(holder: Holder): Recipe[] {
  return holder.registries.flatMap((registry, position) =>
    registry.mirrors.flatMap(({ ca }, index) => {
      if (ca === null) return [];
      const below = `.mirrors[${String(index)}].ca_file`;
      const origin = originOf(...entrySettings(holder, 'registries', position, below));
      const path = mirrorCaPath(registry, index).slice(1);
      return [fileRecipe({ ...OWNED_BY_ROOT, path, mode: 0o644, origin }, () => ca)];
    }),
  );
}

/** Entries of one node. */
export function nodeSettingRecipes(node: Node): Recipe[] {
  const disk = originOf(`nodes[${node.name}].hardware.state_disk`);
  const data = originOf(`nodes[${node.name}].hardware.data_disks`);
  const dataMounts = node.dataDisks.flatMap(({ partitions }) => partitions.map(({ mount }) => escapePath(mount)));
  const identity = originOf(`nodes[${node.name}].name`);
  const mounts = [
    ...(node.stateDisk === null ? [] : ['var.mount']),
    ...(keepsContainersInMemory(node) ? ['var-lib-containerd.mount'] : []),
  ];
  return [
    linkRecipe('etc/cluster-config/current-node.yaml', `nodes/${node.name}.yaml`, identity),
    ...mounts.map((unit) => linkRecipe(`${SYSTEM}/local-fs.target.wants/${unit}`, `../${unit}`, disk)),
    ...dataMounts.map((unit) => linkRecipe(`${SYSTEM}/local-fs.target.wants/${unit}.mount`, `../${unit}.mount`, data)),
    ...node.files.map((file) => {
      const origin = originOfExtra(`files[${file.path}]`, `${file.setting}.path`);
      const { mode, uid, gid, secret, content } = file;
      return fileRecipe({ path: file.path.replace(/^\/+/, ''), mode, uid, gid, secret, origin }, () => content);
    }),
    ...node.units.flatMap(unitRecipes),
    ...hookRecipes(node),
  ];
}

/** A unit and the links that enable it; the front end's rules ensure that there is at least one. */
function unitRecipes({ name, content, enabled, setting }: ExtraUnit): Recipe[] {
  const origin = originOfExtra(`units[${name}]`, `${setting}.name`);
  const file = fileRecipe({ ...OWNED_BY_ROOT, path: `${SYSTEM}/${name}`, mode: 0o644, origin }, () => content);
  const { links } = enabled ? installationOf(name, content) : { links: [] };
  return [file, ...links.map(({ path, target }) => linkRecipe(`${SYSTEM}/${path}`, target, origin))];
}

/** Hooks run in the order of the definition; the number in the name keeps it. */
function hookRecipes(node: Node): Recipe[] {
  const counts = new Map<string, number>();
  return node.hooks.map(({ name, when, content, setting }) => {
    const count = (counts.get(when) ?? 0) + 1;
    counts.set(when, count);
    const path = `etc/coldstart/hooks/${when}/${String(count).padStart(2, '0')}-${name}`;
    const origin = originOfExtra(`hooks[${name}]`, `${setting}.name`);
    return fileRecipe({ ...OWNED_BY_ROOT, path, mode: 0o755, origin }, () => content);
  });
}
