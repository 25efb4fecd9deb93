/** Takes single programs out of upstream's archives (`tar.gz`). */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform, type Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { sha256File } from '../system/digest.ts';
import { verificationError } from '../system/errors.ts';
import { wrongDigest } from './download.ts';

interface Archive {
  readonly name: string;
  readonly from: string;
  readonly sha256: string;
}

/**
 * Unpacks one file and compares the digest of the whole archive.
 * @param member its path in the archive
 * @param folder gets the file; made if it is missing
 * @returns the file and its digest
 * @throws BuildError exit 7 when the archive has another digest or lacks the file
 */
export async function unpackMember(
  { name, from, sha256 }: Archive,
  member: string,
  folder: string,
): Promise<{ from: string; sha256: string }> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${sha256}-${member.replaceAll('/', '-')}`);
  const hash = createHash('sha256');
  const hashed = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const entries = extract();
  const reading = pipeline(createReadStream(from), hashed, createGunzip(), entries as unknown as Writable);
  let isThere = false;
  for await (const entry of entries) {
    const isMember = entry.header.type === 'file' && entry.header.name.replace(/^\.\//, '') === member;
    if (isMember) await pipeline(entry as unknown as Readable, createWriteStream(file));
    else entry.resume();
    isThere ||= isMember;
  }
  await reading;
  const found = hash.digest('hex');
  if (found !== sha256) throw wrongDigest(name, from, sha256, found);
  if (!isThere) {
    throw verificationError(`\`${from}\` contains no \`${member}\`.`, "provide upstream's archive of this version");
  }
  return { from: file, sha256: await sha256File(file) };
}
