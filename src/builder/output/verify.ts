/**
 * Opens the images of an output folder and compares them with the manifest and the inventories. Uses no result of the build:
 * it computes the digests from the files, and reads the layers from inside the images.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseInventory, type InventoryLine } from '../../render/tree/inventory.ts';
import type { StepContext } from '../step-context.ts';
import { sha256, sha256File } from '../system/digest.ts';
import { withRawImage } from '../images/disk-image.ts';
import { verificationError } from '../system/errors.ts';
import { parseNodeConfig } from '../images/boot-settings.ts';
import { isoExtents, readExtent, type Extent } from '../images/iso-extents.ts';
import { ARTIFACT_LAYER_FILE, BASE_LAYER_FILE, NODE_CONFIG_FILE, NODE_LAYER_FILE } from '../images/iso-template.ts';
import { isOwnersAlone, KUBECONFIG_FILE } from './operator-kubeconfig.ts';
import {
  formatSums,
  readManifest,
  SUMS_FILE,
  type ImageFile,
  type Manifest,
  type NodeRecord,
} from './output-manifest.ts';
import { PXE_FILES } from '../images/ipxe-script.ts';
import { ramdiskExtents } from '../images/ramdisk-extents.ts';
import { run } from '../system/run.ts';
import { verifyLayer } from './verify-layer.ts';
import { verifyUpdate } from './verify-update.ts';
import { CONVERSION_TOOLS, requireTools, SIGNATURE_TOOLS, VERIFY_TOOLS } from '../system/toolchain.ts';
import { convertedTo, isDisk } from '../../config/formats.ts';

/** A difference from the manifest or an inventory. */
export interface Finding {
  /** Null for a finding about the whole folder. */
  readonly node: string | null;
  /** Relative to the output folder. */
  readonly file: string;
  readonly message: string;
}

/**
 * All differences in an output folder; empty when it matches its manifest.
 * @param folder a cluster's output folder, e.g. `out/lab`
 * @throws BuildError exit 7 when the folder has no manifest
 */
export async function verifyOutput(folder: string, step: StepContext): Promise<Finding[]> {
  const manifest = await readManifest(folder);
  if (manifest === null) {
    throw verificationError(
      `\`${folder}\` contains no finished build.`,
      'name the folder of one cluster, e.g. out/lab',
    );
  }
  const artifacts = Object.values(manifest.nodes).flatMap((record) => record.artifacts);
  await requireTools([
    ...VERIFY_TOOLS,
    ...(artifacts.some(({ format }) => convertedTo(format) !== null) ? CONVERSION_TOOLS : []),
    ...(artifacts.some(({ format }) => format === 'update') ? SIGNATURE_TOOLS : []),
  ]);
  const findings = [...(await verifySums(folder, manifest)), ...(await verifyKubeconfig(folder))];
  const read = new Map<string, string>();
  for (const [node, record] of Object.entries(manifest.nodes)) {
    step.report(`${node}: reading its images`);
    const messages = await verifyNode(folder, manifest, node, record, read, step);
    findings.push(...messages.map((found) => ({ node, ...found })));
  }
  return findings;
}

type Found = Omit<Finding, 'node'>;

async function verifySums(folder: string, manifest: Manifest): Promise<Finding[]> {
  const text = await readFile(join(folder, SUMS_FILE), 'utf8').catch(() => null);
  if (text === formatSums(manifest)) return [];
  return [{ node: null, file: SUMS_FILE, message: text === null ? 'is missing' : 'does not agree with the manifest' }];
}

/** The kubeconfig may be missing, but other users must not be able to read it. */
async function verifyKubeconfig(folder: string): Promise<Finding[]> {
  if ((await isOwnersAlone(folder)) !== false) return [];
  return [{ node: null, file: KUBECONFIG_FILE, message: 'can be read by users other than its owner' }];
}

async function verifyNode(
  folder: string,
  manifest: Manifest,
  node: string,
  record: NodeRecord,
  read: Map<string, string>,
  step: StepContext,
): Promise<Found[]> {
  const file = `${node}/inventory.txt`;
  const text = await readFile(join(folder, file), 'utf8').catch(() => null);
  if (text === null) return [{ file, message: 'is missing' }];
  if (sha256(text) !== record.inventory) return [{ file, message: 'was changed after the build' }];
  const inventory = parseInventory(text);
  const found: Found[] = [];
  for (const artifact of record.artifacts) {
    const wrong = await verifyBytes(folder, artifact, read);
    if (wrong !== null) found.push({ file: artifact.path, message: wrong });
    else if (isDisk(artifact.format)) {
      const image = { ...artifact, path: join(folder, artifact.path) };
      const messages = await withRawImage(image, step.signal, (iso) =>
        verifyIso(iso, promisedLayers(manifest, record), inventory, step),
      );
      found.push(...messages.map((message) => ({ file: artifact.path, message })));
    }
  }
  if (found.length === 0 && record.artifacts.some(({ format }) => format === 'update')) {
    const path = `${node}.raucb`;
    const promised = { ...promisedLayers(manifest, record), files: join(folder, 'files') };
    const messages = await verifyUpdate(join(folder, path), promised, inventory, step);
    found.push(...messages.map((message) => ({ file: path, message })));
  }
  if (found.length === 0 && record.artifacts.some(({ format }) => format === 'pxe')) {
    const path = `${node}.pxe`;
    const messages = await verifyPxe(join(folder, path), promisedLayers(manifest, record), inventory, step);
    found.push(...messages.map((message) => ({ file: `${path}/${PXE_FILES.node}`, message })));
  }
  return found;
}

async function verifyPxe(
  folder: string,
  promised: PromisedLayers,
  inventory: readonly InventoryLine[],
  step: StepContext,
): Promise<string[]> {
  const [own, system] = [join(folder, PXE_FILES.node), join(folder, PXE_FILES.system)];
  const [mine, shared] = [await ramdiskExtents(own), await ramdiskExtents(system)];
  const [node, config] = [mine.get(NODE_LAYER_FILE), mine.get(NODE_CONFIG_FILE)];
  const [base, artifacts] = [shared.get(BASE_LAYER_FILE), shared.get(ARTIFACT_LAYER_FILE)];
  if (!node || !base || !config) return ['lacks a layer or the settings of its image'];
  const messages = await verifySettings(own, config, promised);
  messages.push(...(await verifyShared(system, { base, artifacts: artifacts ?? null }, promised)));
  const places = { node: { file: own, extent: node }, base: { file: system, extent: base } };
  return [...messages, ...(await verifyLayer(places, inventory, step))];
}

/** A node starts only from a medium with the image that its boot loader names. */
async function verifySettings(file: string, config: Extent, { id }: PromisedLayers): Promise<string[]> {
  const settings = parseNodeConfig((await readExtent(file, config)).toString());
  return settings?.image === id ? [] : ['names another image than the manifest says'];
}

/** The layers below the node layer. */
async function verifyShared(
  file: string,
  { base, artifacts }: { readonly base: Extent; readonly artifacts: Extent | null },
  promised: PromisedLayers,
): Promise<string[]> {
  const messages: string[] = [];
  if ((await digestOfExtent(file, base)) !== promised.base)
    messages.push('contains another base layer than the manifest says');
  if ((artifacts ? await digestOfExtent(file, artifacts) : null) !== promised.artifacts)
    messages.push('contains another artifact layer than the manifest says');
  return messages;
}

/** @param read digests by path: nodes may share a file, which is read once */
async function verifyBytes(
  folder: string,
  { path, size, sha256: digest }: ImageFile,
  read: Map<string, string>,
): Promise<string | null> {
  const found = await stat(join(folder, path)).catch(() => null);
  if (found === null) return 'is missing';
  if (found.size !== size) return `has ${String(found.size)} bytes instead of ${String(size)}`;
  const actual = read.get(path) ?? (await sha256File(join(folder, path)));
  read.set(path, actual);
  return actual === digest ? null : 'does not have the SHA-256 of the manifest';
}

/** The id of the image, and the SHA-256 of the layers below the node layer; undefined when the manifest lacks the digest. */
interface PromisedLayers {
  readonly id: string;
  readonly base: string | undefined;
  /** Null when there must be none. */
  readonly artifacts: string | null | undefined;
}

function promisedLayers({ bases, artifactLayers }: Manifest, { id, base, artifactLayer }: NodeRecord): PromisedLayers {
  return { id, base: bases[base], artifacts: artifactLayer === null ? null : artifactLayers[artifactLayer] };
}

async function verifyIso(
  iso: string,
  promised: PromisedLayers,
  inventory: readonly InventoryLine[],
  step: StepContext,
): Promise<string[]> {
  const files = [NODE_LAYER_FILE, BASE_LAYER_FILE, NODE_CONFIG_FILE, ARTIFACT_LAYER_FILE];
  const paths = files.map((path) => `/${path}`);
  const [node, base, config, artifacts] = await isoExtents(iso, paths, step.signal);
  if (!node || !base || !config) return ['lacks a layer or the boot loader’s settings'];
  const messages = await verifyBoot(iso, step);
  messages.push(...(await verifySettings(iso, config, promised)));
  messages.push(...(await verifyShared(iso, { base, artifacts: artifacts ?? null }, promised)));
  messages.push(
    ...(await verifyLayer({ node: { file: iso, extent: node }, base: { file: iso, extent: base } }, inventory, step)),
  );
  return messages;
}

/** Both firmwares must find a boot image: El Torito entries for the platforms BIOS and UEFI (xorriso(1)). */
async function verifyBoot(iso: string, step: StepContext): Promise<string[]> {
  const report = await run({
    command: 'xorriso',
    args: ['-indev', iso, '-report_el_torito', 'plain', '-report_system_area', 'plain'],
    reason: 'read the boot records',
    signal: step.signal,
  });
  const wanted = [
    [/boot img :\s+\d+\s+BIOS\s+y/, 'has no boot record for BIOS'],
    [/boot img :\s+\d+\s+UEFI\s+y/, 'has no boot record for UEFI'],
    [/System area summary: MBR .*GPT/, 'does not boot from a USB stick'],
  ] as const;
  return wanted.filter(([pattern]) => !pattern.test(report)).map(([, message]) => message);
}

async function digestOfExtent(file: string, { offset, length }: Extent): Promise<string> {
  const hash = createHash('sha256');
  const stream = createReadStream(file, { start: offset, end: offset + length - 1, highWaterMark: 1 << 20 });
  for await (const chunk of stream) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
