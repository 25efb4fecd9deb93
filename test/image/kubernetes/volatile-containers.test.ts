/**
 * A worker without a state disk: the real containerd creates a container's root there, on live-boot's root file system.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderNode } from '../../../src/render/plan/plan.ts';
import { ethernet, withInterfaces } from '../../render/cluster.ts';
import { SOURCES } from '../../render/sources.ts';
import { nodeRoot, type NodeRoot } from '../containers/node-root.ts';
import { testRoot } from '../containers/root.ts';

const root = await testRoot();
const SCRIPT = readFileSync(join(import.meta.dirname, 'volatile-containers.sh'), 'utf8');
const MOUNT = 'var-lib-containerd.mount';

describe.skipIf(root === null)('containers of a worker without a state disk', () => {
  let on: NodeRoot;
  beforeAll(() => {
    const lan = ethernet('lan', '52:54:00:00:01:01', { addresses: ['192.168.50.21/24'] });
    const of = withInterfaces(lan);
    on = nodeRoot(
      root ?? '',
      of.nodes.flatMap((worker) => renderNode(of, worker, SOURCES)),
    );
  });
  afterAll(() => {
    on.remove();
  });

  test('have roots in the file system that is mounted for them', () => {
    expect(on.run('bash', ['-c', SCRIPT, 'test', MOUNT])).toMatchObject({ status: 0, stdout: 'below\n' });
  });

  test('could have none without it', () => {
    const { status, stdout } = on.run('bash', ['-c', SCRIPT, 'test']);
    expect({ failed: status !== 0, stdout }).toEqual({ failed: true, stdout: '' });
  });
});
