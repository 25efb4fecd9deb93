/** Contents of files: image archives by their first bytes, certificates with the keys that belong to them. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { whyNoArchive, whyNoImages } from '../../../src/config/content/archive.ts';
import { isIdentity } from '../../../src/config/content/certificates.ts';

const tar = readFileSync(join(import.meta.dirname, '../cases/file/not-an-archive/good.tar')).subarray(0, 512);

test.each<[string, Buffer, string | undefined]>([
  ['a tar file', tar, undefined],
  ['packed by gzip', gzipSync(tar), undefined],
  ['packed by zstd', Buffer.from('28b52ffd0000', 'hex'), undefined],
  [
    'packed by xz',
    Buffer.from('fd377a585a000000', 'hex'),
    'it is packed by xz, and containerd reads tar files, gzip and zstd',
  ],
  ['nothing', Buffer.alloc(0), 'it is empty'],
  ['a page of an error', Buffer.from('<!DOCTYPE html>'), 'it does not begin like a tar file'],
  ['zeros', Buffer.alloc(512), 'it does not begin like a tar file'],
])('an archive that is %s', (_, start, reason) => {
  expect(whyNoArchive(start)).toBe(reason);
});

/** A tar file with empty files of these names, and one of 600 bytes before them. */
function tarOf(...names: readonly string[]): Buffer {
  const entry = (name: string, size: number): Buffer => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
    header.write('ustar', 257);
    return Buffer.concat([header, Buffer.alloc(Math.ceil(size / 512) * 512, 'x')]);
  };
  return Buffer.concat([entry('first', 600), ...names.map((name) => entry(name, 0)), Buffer.alloc(1024)]);
}

test('a tar file contains images if it lists them', async () => {
  const reasonOf = (content: Buffer): Promise<string | undefined> =>
    whyNoImages((position, length) => Promise.resolve(content.subarray(position, position + length)));
  for (const name of ['oci-layout', './index.json', 'manifest.json']) {
    expect(await reasonOf(tarOf('blobs/x', name))).toBeUndefined();
  }
  expect(await reasonOf(tarOf())).toContain('neither `index.json` nor `manifest.json`');
  expect(await reasonOf(tarOf('etc/manifest.json', 'bin'))).toContain('`docker export`');
  expect(await reasonOf(tarOf('bin').subarray(0, 2048))).toContain('neither');
  // A header in an unknown form ends the search.
  expect(await reasonOf(Buffer.concat([tarOf().subarray(0, 1536), Buffer.alloc(512, 'y')]))).toBeUndefined();
});

describe('a certificate and its key', () => {
  const folder = mkdtempSync(join(tmpdir(), 'coldstart-identity-'));
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  beforeAll(() => {
    for (const name of ['a', 'b']) {
      const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=a'];
      spawnSync('openssl', [...args, '-keyout', `${name}.key`, '-out', `${name}.crt`], { cwd: folder });
    }
    const encrypt = ['pkcs8', '-topk8', '-in', 'a.key', '-out', 'locked.key', '-passout', 'pass:made-up'];
    spawnSync('openssl', encrypt, { cwd: folder });
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test('belong together in either order, with others above', () => {
    const [certificate, key] = [read('a.crt'), read('a.key')];
    expect([certificate + key, key + certificate, certificate + read('b.crt') + key].map(isIdentity)).toEqual([
      ...[true, true, true],
    ]);
  });

  test('do not where the key is another, locked, cut off or missing', () => {
    const certificate = read('a.crt');
    const bad = [read('b.key'), read('locked.key'), read('a.key').slice(0, 90), '', read('b.crt')];
    expect(bad.map((key) => isIdentity(certificate + key))).toEqual(bad.map(() => false));
    expect(isIdentity(read('a.key') + certificate.slice(0, 200))).toBe(false);
  });
});
