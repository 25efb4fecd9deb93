/** examples/ci/kubernetes-job.yaml before a real API server: the commands in its head, as they are written there. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lab } from '../../pki/clusters.ts';
import { binary, startApiServer, type ApiServer } from './api-server.ts';
import { missingEtcd } from './etcd.ts';

const missing = [...missingEtcd, ...['kube-apiserver', 'kubectl'].filter((name) => !existsSync(binary(name)))];

const FILE = join(import.meta.dirname, '../../../examples/ci/kubernetes-job.yaml');

/** Words after `kubectl` in the comment at the head of the file. */
const commands = [...readFileSync(FILE, 'utf8').matchAll(/^# {3}kubectl (.+)$/gm)].map(([, words = '']) =>
  words.split(' ').map((word) => word.replace(/^'(.*)'$/, '$1')),
);

describe.skipIf(missing.length > 0)(`the recipe for an Indexed Job before a real API server`, () => {
  let api: ApiServer;
  beforeAll(async () => {
    api = await startApiServer(lab);
    writeFileSync(join(api.folder, 'identity.txt'), 'AGE-SECRET-KEY\n');
  });
  afterAll(() => api.stop());

  const kubectl = (...words: readonly string[]): string => api.kubectl(api.config('master-01', 'super-admin'), words);
  /** Files are where the test has them. */
  const placed = (word: string): string =>
    word
      .replace('identity.txt', `identity.txt=${join(api.folder, 'identity.txt')}`)
      .replace(/^kubernetes-job\.yaml$/, FILE);
  const job = (name: string) =>
    JSON.parse(kubectl('get', 'job', name, '--output', 'json')) as {
      spec: { suspend: boolean; completionMode: string; completions: number };
    };

  it('is taken without an unknown field, and the merge begins when it is told to', () => {
    const run = commands.filter(([verb]) => verb !== 'wait').map((words) => words.map(placed));
    expect(run.map(([verb]) => verb)).toEqual(['create', 'create', 'patch']);
    const [secret = [], objects = [], patch = []] = run;
    kubectl(...secret);
    kubectl(...objects, '--validate=strict');
    expect(job('coldstart-build').spec).toMatchObject({ completionMode: 'Indexed', completions: 3, suspend: false });
    expect(job('coldstart-merge').spec.suspend).toBe(true);
    kubectl(...patch);
    expect(job('coldstart-merge').spec.suspend).toBe(false);
    expect(kubectl('get', 'secret', 'coldstart-identity', '--output', 'jsonpath={.data}')).toContain('identity.txt');
  });
});
