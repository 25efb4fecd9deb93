/** The format of `coldstart.lock.yaml`. `coldstart lock` writes it; users only read and commit it. */
import * as z from 'zod';
import { line } from './forms.ts';
import { url } from './names.ts';
import { group, matching } from './scalar.ts';

const sha256 = matching('a SHA-256 in 64 lower-case hexadecimal digits', /^[0-9a-f]{64}$/);

const artifact = group('an artifact', {
  name: line.describe('What it is: a program of Kubernetes, or the path of an image.'),
  url: url.optional().describe('Where upstream publishes it; absent for a file of yours.'),
  sha256: sha256.describe('SHA-256 of its content.'),
  size: z.int().min(1).describe('Bytes.'),
});

const base = group('a base layer', {
  request: sha256.describe('SHA-256 of the Debian release and the packages that were asked for.'),
  sha256: sha256.describe('SHA-256 of the table of all packages in it.'),
  packages: z.array(line).min(1).describe('Every package in it: name, version, architecture.'),
});

/** `coldstart.lock.yaml`. */
export const lockFile = group('the lock', {
  version: z.literal(1).describe('Version of this form.'),
  artifacts: z.array(artifact).describe('Files that Debian does not package.'),
  bases: z.array(base).describe('Base layers.'),
});

export type WrittenLock = z.output<typeof lockFile>;
