/**
 * Measures the boot time of a node's image in QEMU until the node knows its identity, against the same base layer as a
 * plain live image.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buildBases, assembleIsos, baseOf, isoOf } from '../../src/builder/steps/shared-layers.ts';
import { nodeConfig } from '../../src/builder/images/boot-settings.ts';
import { writeNodeImage } from '../../src/builder/images/node-image.ts';
import { packSquashfs } from '../../src/builder/layers/node-layer.ts';
import { run } from '../../src/builder/system/run.ts';
import { planBuild } from '../../src/builder/steps/build-state.ts';
import { boot } from '../../test/boot/machine.ts';
import { writeDefinition } from './definition.ts';
import { formatSeconds, type Row } from './measure.ts';
import { requestFor } from './build.ts';

const DEADLINE = 600;
const CONSOLES = ['console=tty0', 'console=ttyS0,115200'];

/**
 * Time to the login prompt of both. At that point the node has verified its identity, prepared its disk and set its
 * address.
 */
export async function measureBoot(folder: string): Promise<Row> {
  const definition = await writeDefinition(join(folder, 'definition-1'), 1);
  const request = { ...(await requestFor(definition, join(folder, 'whole'))), outDir: join(folder, 'boot') };
  const state = await planBuild(request);
  const [build] = state.todo;
  if (build === undefined) throw new Error('there is no node to boot');
  await buildBases(request, state, () => undefined);
  await mkdir(request.outDir, { recursive: true });
  await assembleIsos(request, state, () => undefined);
  const disk = join(request.outDir, 'state.qcow2');
  await run({ command: 'qemu-img', args: ['create', '-q', '-f', 'qcow2', disk, '20G'], reason: 'make a disk' });
  const image = async (name: string, tree: typeof build.tree): Promise<string> => {
    const [layer, iso] = [join(request.outDir, `${name}.squashfs`), join(request.outDir, `${name}.iso`)];
    const parts = async (): Promise<{ layer: string; config: string }> => {
      await packSquashfs(tree, baseOf(state, build).directories, layer, { epoch: request.epoch, signal: undefined });
      return { layer, config: nodeConfig({ node: name, image: build.id, disk: '', kernelArgs: CONSOLES }) };
    };
    await writeNodeImage(isoOf(state, build), parts, iso);
    return iso;
  };
  const mac = request.cluster.nodes[0]?.macs[0] ?? '';
  const plain = await untilLogin(await image('plain', []), mac, disk, / login: /);
  const node = await untilLogin(await image('node', build.tree), mac, disk, /network done/);
  await rm(request.outDir, { recursive: true });
  return {
    what: 'boot in QEMU (BIOS) to identity, disk and address',
    measured: formatSeconds(node),
    against: `plain live image of the base to its login prompt: ${formatSeconds(plain)}`,
    ratio: node / plain,
    aim: '',
  };
}

async function untilLogin(iso: string, mac: string, disk: string, sign: RegExp): Promise<number> {
  const began = performance.now();
  const disks = [{ path: disk, serial: 'state', format: 'qcow2' }] as const;
  const machine = await boot({ iso, firmware: 'bios', macs: [mac], disks });
  try {
    await machine.waitFor(sign, DEADLINE);
    return (performance.now() - began) / 1000;
  } finally {
    await machine.cutPower();
  }
}
