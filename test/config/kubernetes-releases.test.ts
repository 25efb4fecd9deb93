/** The table of Kubernetes releases and the lives of APIs: whole, in order, and the only places that name a minor version. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { normaliseContainerd } from '../../src/config/kubernetes/containerd.ts';
import { lifeOf } from '../../src/config/kubernetes/apis.ts';
import {
  DEFAULT_KUBERNETES,
  minorOf,
  releaseOf,
  SUPPORTED_KUBERNETES,
  whyUnsupported,
} from '../../src/config/kubernetes/releases.ts';
import { SUITES } from '../../src/config/support.ts';

const [OLDEST = '', NEWEST = ''] = SUPPORTED_KUBERNETES.split(' to ');
const number = (minor: string): number => Number(minor.split('.')[1]);
const MINORS = Array.from(
  { length: number(NEWEST) - number(OLDEST) + 1 },
  (_, index) => `1.${String(number(OLDEST) + index)}`,
);

describe('the table of releases', () => {
  it('has a row for each minor version from the first to the last, and ends its fixes in this order', () => {
    expect(MINORS.filter((minor) => whyUnsupported(`${minor}.0`) !== undefined)).toEqual([]);
    const ends = MINORS.map((minor) => releaseOf(`${minor}.0`).endOfLife);
    expect(ends).toEqual(ends.toSorted());
    for (const end of ends) expect(new Date(end).toISOString().slice(0, 10)).toBe(end);
    expect(MINORS).toContain(minorOf(DEFAULT_KUBERNETES));
  });

  it.each([
    ['1.2.3', 'it is too old for this version of coldstart'],
    [`1.${String(number(NEWEST) + 1)}.0`, 'it is newer than the versions that this version of coldstart knows'],
    ['2.0.0', 'only major version 1 exists'],
  ])('says why %s is not in it', (version, reason) => {
    expect(whyUnsupported(version)).toBe(reason);
  });

  const containerd = (version: string, settings: object = {}) =>
    normaliseContainerd({ kubernetes: { version, containerd: settings }, image: { suite: SUITES[0] } } as never);

  it("gives each version Debian's containerd while it is new enough, and upstream's from then on", () => {
    const sources = MINORS.map((minor) => containerd(`${minor}.0`).source);
    expect(sources).toEqual(sources.toSorted());
    expect(new Set(sources)).toEqual(new Set(['debian', 'upstream']));
  });

  it("takes upstream's where the user asks for it, in the user's version", () => {
    expect(containerd(`${OLDEST}.0`, { source: 'upstream', version: '2.2.7' })).toMatchObject({
      ...{ source: 'upstream', version: '2.2.7' },
    });
    expect(containerd(`${NEWEST}.0`, { source: 'debian', version: '2.2.7' }).version).toMatch(/^1\./);
  });
});

describe('the life of an API version', () => {
  it.each([
    ['apps/v1', 'Deployment', '1.37.0', undefined],
    ['resource.k8s.io/v1', 'DeviceClass', '1.33.0', { state: 'too-new', by: '1.34', better: undefined }],
    ['resource.k8s.io/v1beta1', 'DeviceClass', '1.34.0', undefined],
    [
      ...(['resource.k8s.io/v1beta1', 'DeviceClass', '1.35.0'] as const),
      { state: 'deprecated', by: '1.35', removed: '1.38', better: 'resource.k8s.io/v1' },
    ],
    [
      ...(['networking.k8s.io/v1beta1', 'ServiceCIDR', '1.37.2'] as const),
      { state: 'removed', by: '1.37', better: 'networking.k8s.io/v1' },
    ],
    [
      ...(['v1', 'Endpoints', '1.33.0'] as const),
      { state: 'deprecated', by: '1.33', removed: undefined, better: 'discovery.k8s.io/v1 EndpointSlice' },
    ],
    [
      ...(['certificates.k8s.io/v1beta1', 'ClusterTrustBundle', '1.37.0'] as const),
      { state: 'deprecated', by: '1.37', removed: '1.40', better: 'certificates.k8s.io/v1' },
    ],
  ] as [string, string, string, object | undefined][])('%s %s in %s', (apiVersion, kind, version, life) => {
    expect(lifeOf(apiVersion, kind, version)).toEqual(life);
  });
});

test('no other code names a minor version', () => {
  const folder = join(import.meta.dirname, '../..');
  const files = ['src', 'templates', 'overlays'].flatMap((top) =>
    readdirSync(join(folder, top), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name)),
  );
  const named = files.filter((path) => {
    if (path.includes('/config/kubernetes/')) return false;
    const code = readFileSync(path, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|^\s*(\/\/|#).*$/gm, '');
    return /(?<![\d.])1\.(3[3-9]|4\d)\b/.test(code);
  });
  expect(named).toEqual([]);
});
