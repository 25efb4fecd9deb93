/** `coldstart inventory`. */
import { relative } from 'node:path';
import { DEFAULT_EPOCH } from '../../builder/step-context.ts';
import { exitClass } from '../../diagnostics/codes.ts';
import { quantity } from '../../diagnostics/quantity.ts';
import { buildInventory } from '../../usecases/inventory/build.ts';
import { readInventories, type ReadNode } from '../../usecases/inventory/read.ts';
import { UsageError } from '../../usecases/usage.ts';
import { hostOf } from '../host.ts';
import { epochFrom } from '../options/epoch.ts';
import { writeJson, type CommonOptions, type Session } from '../session.ts';

export type InventoryAction = 'build' | 'read';

export interface InventoryOptions extends CommonOptions {
  readonly out?: string;
  readonly network?: string;
  readonly config?: string;
}

/** @throws UsageError */
export async function inventory(
  action: InventoryAction,
  files: readonly string[],
  options: InventoryOptions,
  session: Session,
): Promise<number> {
  if (action === 'read') return read(files, options, session);
  if (files.length > 0) throw new UsageError('`inventory build` takes no files.', 'name the image with `--out`');
  return build(options, session);
}

async function read(files: readonly string[], options: InventoryOptions, session: Session): Promise<number> {
  if (options.network !== undefined || options.config !== undefined)
    throw new UsageError(
      '`inventory read` takes neither `--network` nor `--config`.',
      'they are for `inventory build`',
    );
  for (const node of await readInventories({ files, out: options.out }, session.cwd)) {
    const file = relative(session.cwd, node.file);
    if (options.json) writeJson(session, { type: 'inventory', ...node, file });
    else session.stdout.write(`${file}: ${words(node)}\n`);
  }
  return 0;
}

const words = ({ macs, disks }: ReadNode): string =>
  `${quantity(macs.length, 'network card')}, ${quantity(disks, 'disk')}`;

async function build(options: InventoryOptions, session: Session): Promise<number> {
  const { config, network, out } = options;
  const epoch = epochFrom(session.env['SOURCE_DATE_EPOCH'], DEFAULT_EPOCH);
  const { value, diagnostics } = await buildInventory({ config, network, out, epoch }, hostOf(options, session));
  if (value === undefined) return exitClass(diagnostics);
  const path = relative(session.cwd, value.path);
  const record = { type: 'image', node: 'inventory', state: 'built', path, format: 'iso' };
  if (options.json) writeJson(session, { ...record, size: value.size, sha256: value.sha256 });
  else session.stdout.write(`${path}: ${(value.size / 1e6).toFixed(0)} MB, SHA-256 ${value.sha256}\n`);
  return 0;
}
