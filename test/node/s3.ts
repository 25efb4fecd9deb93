/** What an S3 server checks of a request, as the store of tokens and the store of snapshots send it. */
import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export const S3_KEY = ['AKIAMADEUP', 'made/up+secret='] as const;

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html, worked out once more from the request. */
export function isSigned({ method = '', url = '', headers }: IncomingMessage, body: string | Buffer): boolean {
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
  const [, id, day = '', region = '', names = '', signature] = form.exec(headers.authorization ?? '') ?? [];
  const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');
  const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const signed = names.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const payload = String(headers['x-amz-content-sha256'] ?? sha256(body));
  const canonical = [method, url, '', signed.join(''), names, payload].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const time = String(headers['x-amz-date']);
  const key = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${S3_KEY[1]}`);
  const expected = hmac(key, ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n')).toString('hex');
  const isFresh =
    Math.abs(Date.parse(time.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5')) - Date.now()) < 300_000;
  return (
    id === S3_KEY[0] &&
    region === 'eu-central-1' &&
    names.includes('host') &&
    signature === expected &&
    isFresh &&
    (payload === sha256(body) || payload === 'UNSIGNED-PAYLOAD')
  );
}
