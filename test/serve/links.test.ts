import { stat, readFile, writeFile, chmod } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { LinkFile, readLinks } from '../../src/serve/link-file.ts';
import { Links, type Link } from '../../src/serve/links.ts';
import { temporaryFolder } from '../builder/temporary.ts';

const NODES = [
  { name: 'master-01', macs: ['52:54:00:aa:bb:01'] },
  { name: 'worker-01', macs: ['52:54:00:aa:bb:02'] },
];
const WHOLE = { begin: 0, end: 100, size: 100 };

let now = 0;
let changes = 0;
beforeEach(() => {
  [now, changes] = [0, 0];
});

function makeLinks(reusable = false, former: readonly Link[] = []): Links {
  const changed = (): void => void changes++;
  return new Links({ nodes: NODES, former, reusable, random: randomBytes, clock: () => now, changed });
}

const tokenOf = (links: Links, node: string): string => links.all().find((link) => link.node === node)?.token ?? '';

describe('a link', () => {
  it('is found by name and by MAC in any notation, and opens the files of its node only', () => {
    const links = makeLinks();
    const token = tokenOf(links, 'master-01');
    expect(token).toMatch(/^[\w-]{43}$/);
    for (const name of ['master-01', '52:54:00:aa:bb:01', '52-54-00-AA-BB-01']) {
      expect(links.admit(name, token, 'a', 'vmlinuz')).toEqual({ node: 'master-01', isAgain: false });
    }
    expect(links.admit('worker-01', token, 'a', 'vmlinuz')).toEqual({ refused: 'unknown' });
    expect(links.admit('worker-02', token, 'a', 'vmlinuz')).toEqual({ refused: 'unknown' });
    expect(links.admit('master-01', '', 'a', 'vmlinuz')).toEqual({ refused: 'unknown' });
    expect(links.admit('worker-02', '', 'a', 'vmlinuz')).toEqual({ refused: 'unknown' });
  });

  it('belongs to the first client that reads a secret', () => {
    const links = makeLinks();
    const token = tokenOf(links, 'master-01');
    links.admit('master-01', token, 'a', 'vmlinuz');
    links.admit('master-01', token, 'a', null);
    expect(links.admit('master-01', token, 'b', 'node.iso')).toMatchObject({ node: 'master-01' });
    expect(changes).toBe(1);
    expect(links.admit('master-01', token, 'a', 'node.iso')).toEqual({ refused: 'other-client' });
    expect(links.admit('master-01', token, 'a', 'vmlinuz')).toEqual({ refused: 'other-client' });
    expect(links.all()[0]).toMatchObject({ client: 'b' });
  });

  it('is used up by a whole download of a secret, and a new one takes its place', () => {
    const links = makeLinks();
    const token = tokenOf(links, 'master-01');
    links.admit('master-01', token, 'a', 'node.iso');
    expect(links.downloaded('master-01', token, 'system.img', WHOLE)).toBe(false);
    expect(links.downloaded('master-01', token, 'node.iso', WHOLE)).toBe(true);
    expect(tokenOf(links, 'master-01')).not.toBe(token);
    expect(links.all()[0]).toMatchObject({ client: null });
    expect(links.admit('master-01', token, 'b', 'node.iso')).toEqual({ refused: 'used' });
    expect(links.admit('master-01', tokenOf(links, 'master-01'), 'b', 'node.iso')).toMatchObject({ node: 'master-01' });
  });

  it('works again for the same client for some minutes, as it may have lost the last bytes', () => {
    const links = makeLinks();
    const token = tokenOf(links, 'master-01');
    links.admit('master-01', token, 'a', 'node.img');
    links.downloaded('master-01', token, 'node.img', WHOLE);
    now += 500_000;
    expect(links.admit('master-01', token, 'a', 'node.img')).toEqual({ node: 'master-01', isAgain: true });
    now += 500_000;
    expect(links.admit('master-01', token, 'a', 'node.img')).toEqual({ refused: 'used' });
  });

  it('is used up by a download that was interrupted and continued, not by its end alone', () => {
    const links = makeLinks();
    const got = (node: string, begin: number, end: number): boolean =>
      links.downloaded(node, tokenOf(links, node), 'node.iso', { begin, end, size: 100 });
    expect(got('master-01', 50, 100)).toBe(false);
    expect(got('worker-01', 0, 50)).toBe(false);
    expect(got('worker-01', 50, 100)).toBe(true);
  });

  it('is used up once by two downloads at the same time; the new link is untouched', () => {
    const links = makeLinks();
    const token = tokenOf(links, 'master-01');
    links.admit('master-01', token, 'a', 'node.iso');
    links.admit('master-01', token, 'a', 'node.iso');
    expect(links.downloaded('master-01', token, 'node.iso', WHOLE)).toBe(true);
    const next = tokenOf(links, 'master-01');
    expect(links.downloaded('master-01', token, 'node.iso', WHOLE)).toBe(false);
    expect(tokenOf(links, 'master-01')).toBe(next);
  });

  it('stays with its client when links are reusable', () => {
    const links = makeLinks(true);
    const token = tokenOf(links, 'master-01');
    links.admit('master-01', token, 'a', 'node.img');
    expect(links.downloaded('master-01', token, 'node.img', WHOLE)).toBe(false);
    expect(links.admit('master-01', token, 'a', 'node.img')).toMatchObject({ node: 'master-01' });
    expect(links.admit('master-01', token, 'b', 'node.img')).toEqual({ refused: 'other-client' });
  });
});

describe('the file of links', () => {
  it('keeps links and their clients over a restart, for its owner alone', async () => {
    const path = join(await temporaryFolder(), 'sub', 'links.jsonl');
    const links = makeLinks();
    links.admit('worker-01', tokenOf(links, 'worker-01'), '192.0.2.7', 'node.iso');
    const file = new LinkFile(path, 'https://boot.example:8443/', NODES, () => links.all());
    await file.save();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(makeLinks(false, await readLinks(path)).all()).toEqual(links.all());
    const [first] = (await readFile(path, 'utf8')).split('\n');
    expect(JSON.parse(first ?? '')).toMatchObject({
      macs: ['52:54:00:aa:bb:01'],
      url: `https://boot.example:8443/master-01/${tokenOf(links, 'master-01')}/`,
    });
  });

  it('leaves out nodes that are gone, and lines that are no links', async () => {
    const path = join(await temporaryFolder(), 'links.jsonl');
    const token = randomBytes(32).toString('base64url');
    const gone = { node: 'worker-99', token, client: null };
    await writeFile(path, `${JSON.stringify(gone)}\n{"node":"master-01","token":"short"}\nnot JSON\n`);
    await chmod(path, 0o644);
    const links = makeLinks(false, await readLinks(path));
    expect(links.all().map(({ node }) => node)).toEqual(['master-01', 'worker-01']);
    expect(tokenOf(links, 'master-01')).toHaveLength(43);
    await new LinkFile(path, 'http://x/', NODES, () => links.all()).save();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });
});
