/** The store as a file: its text, its encryption, refused files, and safety in a crash. */
import { execFileSync, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { generateHybridIdentity, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SecretsError } from '../../src/pki/errors.ts';
import { isPrivateKey } from '../../src/pki/certificates/key-form.ts';
import { storeFindings } from '../../src/pki/certificates/findings.ts';
import { readIdentities } from '../../src/pki/store/identities.ts';
import { completeStore } from '../../src/pki/issue/issue.ts';
import { needsOf } from '../../src/pki/issue/needs.ts';
import { reveal, secret } from '../../src/pki/secret.ts';
import { formatStore, parseStore } from '../../src/pki/store/format.ts';
import type { Store } from '../../src/pki/store/model.ts';
import { openStore, saveStore } from '../../src/pki/store/store.ts';
import { readWrittenForm } from '../../src/pki/store/written-form.ts';
import { BY, lab, large, storeOf } from './clusters.ts';
import { isInstalled, run, scratch } from './oracle.ts';

const folder = scratch();
afterAll(folder.remove);
let count = 0;
/** A path in a folder of its own. */
async function fresh(): Promise<string> {
  const own = join(folder.path, String(count++));
  await mkdir(own);
  return join(own, 'cluster.secrets.yaml');
}

const none = () => Promise.resolve([]);
const mode = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;
const files = async (path: string): Promise<string[]> => readdir(join(path, '..'));

let store: Store;
let text: string;
let identity: string;
let recipient: string;
beforeAll(async () => {
  store = await storeOf(lab);
  text = formatStore(store);
  identity = await generateX25519Identity();
  recipient = await identityToRecipient(identity);
});
const withIdentity = () => Promise.resolve([secret(identity)]);
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no failure',
    (error: { exitCode: number; message: string; hint?: string }) => [error.exitCode, error.message, error.hint],
  );

describe('the text of a store', () => {
  it('comes back as it was, to the byte', () => {
    expect(formatStore(parseStore(text, 'x'))).toBe(text);
  });

  it('has snake_case keys, a kind, a version and sorted entries', () => {
    const read = parse(text) as Record<string, Record<string, unknown>>;
    expect(Object.keys(read)).toEqual([
      ...['kind', 'version', 'cluster', 'recipients', 'ids'],
      ...['authorities', 'certificates', 'key_pairs', 'keys', 'tokens'],
    ]);
    expect([read['kind'], read['version'], read['cluster']]).toEqual(['coldstart-secrets', 1, 'lab']);
    expect(Object.keys(read['certificates']!)).toEqual(Object.keys(read['certificates']!).toSorted());
    expect(text).not.toMatch(/^ *[a-z_]*[A-Z]\w*:/m);
  });

  it('does not depend on the order in which things were made', () => {
    const turned = { ...store, certificates: Object.fromEntries(Object.entries(store.certificates).toReversed()) };
    expect(formatStore(turned)).toBe(text);
  });

  const cases: readonly (readonly [string, (text: string) => string, string])[] = [
    ['something else', () => 'hello', 'it does not say `kind: coldstart-secrets` and a version'],
    ['nothing', () => '', 'it does not say `kind: coldstart-secrets` and a version'],
    ['no YAML', (full) => full.replace('authorities:', '"authorities:'), 'line 8 is no YAML (MULTILINE_IMPLICIT_KEY)'],
    ['half of it', (full) => full.slice(0, full.length / 2), '`certificates → '],
    ['a key too many', (full) => full.replace('\nids:', '\nid: 1\nids:'), '`id` is not known'],
    [
      'a damaged key',
      (full) => full.replace(/(key: \|\n +)-----BEGIN PRIVATE KEY-----/, '$1-----BEGIN PRIVATE KEY----'),
      '`authorities → etcd → current → key` is missing or not of the right form',
    ],
    [
      'a damaged token',
      (full) => full.replace(/(worker-02: \w{6}\.\w{15})\w/, '$1'),
      '`tokens → worker-02` is missing or not of the right form',
    ],
    ['a repeated key', (full) => full.replace('\nids:', '\nids: {}\nids:'), 'line 7 is no YAML (DUPLICATE_KEY)'],
  ];
  it.each(cases)('is refused with %s, and nothing of it is quoted', (_, change, reason) => {
    const changed = change(text);
    const thrown = catchError(() => parseStore(changed, 'cluster.secrets.yaml'));
    expect(thrown.message).toContain('`cluster.secrets.yaml` is not a secrets store: ');
    expect(thrown.message).toContain(reason);
    expect(thrown.hint).toMatch(/^take it from a backup/);
    const quoted = JSON.stringify(thrown, Object.getOwnPropertyNames(thrown));
    for (const line of text.match(/[A-Za-z0-9+/=.]{20,}/g) ?? []) {
      if (!line.includes('coldstart')) expect(quoted).not.toContain(line);
    }
  });

  // Some damage leaves a certificate that still parses, e.g. in its signature.
  it('is refused or can be judged, wherever a PEM block is damaged', () => {
    const lines = text.split('\n');
    const encoded = lines.flatMap((line, index) => (/^ +[A-Za-z0-9+/=]{60,}$/.test(line) ? [index] : []));
    const damages = [
      (line: string) => line.replace(/^( +.{4})..../, '$1AAAA'),
      (line: string) => line.replace(/[A-Za-z]{4}$/, '////'),
      (line: string) => line.slice(0, 20),
    ];
    const outcomes = encoded
      .filter((_, index) => index % 5 === 0)
      .flatMap((at) =>
        damages.map((damage) => {
          const damaged = lines.with(at, damage(lines[at] ?? '')).join('\n');
          try {
            const found = storeFindings({ store: parseStore(damaged, 'it'), exposed: false }, 'it', new Date());
            return Array.isArray(found) ? 'judged' : 'lost';
          } catch (error) {
            return error instanceof SecretsError ? 'refused' : String(error);
          }
        }),
      );
    expect(outcomes.length).toBeGreaterThan(50);
    expect([...new Set(outcomes)].sort()).toEqual(['judged', 'refused']);
  });

  it('is refused when it is newer', () => {
    const thrown = catchError(() => parseStore(text.replace('version: 1', 'version: 2'), 'it'));
    expect([thrown.exitCode, thrown.message]).toEqual([
      3,
      '`it` has version 2 of the format; this program knows versions up to 1.',
    ]);
  });
});

type Thrown = Error & { readonly exitCode: number; readonly hint?: string };
function catchError(act: () => unknown): Thrown {
  try {
    act();
  } catch (error) {
    return error as Thrown;
  }
  throw new Error('nothing was thrown');
}

describe('a store in clear', () => {
  it('is 0600 whatever the umask, and written only when it says something new', async () => {
    const path = await fresh();
    const before = process.umask(0);
    await saveStore(path, store, [], null).finally(() => process.umask(before));
    expect([await mode(path), await files(path)]).toEqual([0o600, ['cluster.secrets.yaml']]);
    const opened = await openStore(path, none);
    expect(opened).toMatchObject({ encrypted: false, exposed: false });
    await utimes(path, 1, 1);
    expect(await saveStore(path, opened!.store, [], opened)).toBe(false);
    expect((await stat(path)).mtimeMs).toBe(1000);
    const { store: next } = await completeStore(opened!.store, needsOf({ ...lab, nodes: lab.nodes.slice(0, 2) }), BY);
    expect(await saveStore(path, next, [], opened)).toBe(true);
    expect(await readFile(path, 'utf8')).toBe(formatStore(next));
    expect(await mode(path)).toBe(0o600);
  });

  it('is null when there is none', async () => {
    expect(await openStore(await fresh(), none)).toBeNull();
  });

  it('that others may read is called exposed, and is not when it was written anew', async () => {
    const path = await fresh();
    await writeFile(path, text);
    await chmod(path, 0o644);
    const opened = await openStore(path, none);
    expect(opened!.exposed).toBe(true);
    await saveStore(path, { ...opened!.store, ids: {} }, [], opened);
    expect(await mode(path)).toBe(0o600);
  });

  it('behind a symlink stays behind it', async () => {
    const path = await fresh();
    const link = join(path, '..', 'link.yaml');
    await saveStore(path, store, [], null);
    await symlink('cluster.secrets.yaml', link);
    const opened = await openStore(link, none);
    await saveStore(link, { ...opened!.store, ids: {} }, [], opened);
    expect(await readFile(path, 'utf8')).toBe(formatStore({ ...store, ids: {} }));
    expect((await files(path)).toSorted()).toEqual(['cluster.secrets.yaml', 'link.yaml']);
  });

  it('is not overwritten when someone else changed or made it meanwhile', async () => {
    const path = await fresh();
    await saveStore(path, store, [], null);
    const opened = await openStore(path, none);
    await writeFile(path, `${text}# mine\n`);
    const message = `\`${path}\` was changed by someone else meanwhile; nothing was written.`;
    const refused = [2, message, 'run the command again'];
    expect(await failure(saveStore(path, { ...store, ids: {} }, [], opened))).toEqual(refused);
    expect(await failure(saveStore(path, store, [], null))).toEqual(refused);
    expect(await readFile(path, 'utf8')).toBe(`${text}# mine\n`);
    expect(await files(path)).toEqual(['cluster.secrets.yaml']);
  });

  it('clears away what a writer left that died long ago, and only that', async () => {
    const path = await fresh();
    const [old, young] = ['.cluster.secrets.yaml.00.unfinished', '.cluster.secrets.yaml.01.unfinished'];
    for (const name of [old, young]) await writeFile(join(path, '..', name), 'x');
    await utimes(join(path, '..', old), 1, 1);
    await saveStore(path, store, [], null);
    expect((await files(path)).toSorted()).toEqual([young, 'cluster.secrets.yaml']);
  });
});

describe('an encrypted store', () => {
  it('is armored, 0600, read with the identity, and keeps its bytes while nothing changes', async () => {
    const path = await fresh();
    expect(await saveStore(path, store, [recipient], null)).toBe(true);
    const bytes = await readFile(path, 'utf8');
    expect(bytes).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----\n/);
    expect(await mode(path)).toBe(0o600);
    const opened = await openStore(path, withIdentity);
    expect(opened).toMatchObject({ encrypted: true, exposed: false });
    expect(formatStore({ ...opened!.store, recipients: [] })).toBe(text);
    expect(await saveStore(path, opened!.store, [recipient], opened)).toBe(false);
    expect(await readFile(path, 'utf8')).toBe(bytes);
  });

  it('is written anew for other recipients, and can be for post-quantum ones', async () => {
    const path = await fresh();
    await saveStore(path, store, [recipient], null);
    const opened = await openStore(path, withIdentity);
    const hybrid = await generateHybridIdentity();
    expect(await saveStore(path, opened!.store, [await identityToRecipient(hybrid)], opened)).toBe(true);
    expect(await failure(openStore(path, withIdentity))).toEqual([
      2,
      `The age identity that was given is not among those that \`${path}\` is encrypted for.`,
      'use the identity of one of its recipients, or have one of them add yours to `cluster.secrets.recipients`',
    ]);
    const reopened = await openStore(path, () => Promise.resolve([secret(identity), secret(hybrid)]));
    expect(formatStore({ ...reopened!.store, recipients: [] })).toBe(text);
  });

  it('never ends up in clear by a line that was deleted; one in clear is encrypted by one that was added', async () => {
    const path = await fresh();
    await saveStore(path, store, [], null);
    const clear = await openStore(path, none);
    expect(await saveStore(path, clear!.store, [recipient], clear)).toBe(true);
    const opened = await openStore(path, withIdentity);
    expect(await failure(saveStore(path, opened!.store, [], opened))).toEqual([
      2,
      `\`${path}\` is encrypted, but no recipients are configured any more.`,
      'put `cluster.secrets.recipients` back, or decrypt the file yourself with `age --decrypt` to keep it in clear',
    ]);
  });

  it('says what is wrong: no identity, a wrong one, cut short, damaged, an impossible recipient', async () => {
    const path = await fresh();
    await saveStore(path, store, [recipient], null);
    const bytes = await readFile(path, 'utf8');
    const fault = async (content: string, identities = withIdentity) => {
      await writeFile(path, content);
      return ((await failure(openStore(path, identities))) as string[])[1];
    };
    const wrong = await generateX25519Identity();
    const damaged = `\`${path}\` cannot be decrypted: it is damaged or was cut short.`;
    expect(await fault(bytes, none)).toBe(`\`${path}\` is encrypted and no age identity was given.`);
    expect(await fault(bytes, () => Promise.resolve([secret(wrong), secret(wrong)]))).toBe(
      `None of the 2 age identities is among those that \`${path}\` is encrypted for.`,
    );
    for (const share of [0.01, 0.1, 0.5, 0.99]) expect(await fault(bytes.slice(0, bytes.length * share))).toBe(damaged);
    const middle = bytes.length >> 1;
    const flipped = bytes[middle] === 'A' ? 'B' : 'A';
    expect(await fault(bytes.slice(0, middle) + flipped + bytes.slice(middle + 1))).toBe(damaged);
    expect(await failure(saveStore(await fresh(), store, ['age1nonsense'], null))).toEqual([
      2,
      '`age1nonsense` is not an age recipient that can be used here.',
      'recipients start with `age1` and are printed by `age-keygen -y`',
    ]);
  });
});

describe.skipIf(!isInstalled('age'))("Debian's age (needs age)", () => {
  it('makes identities that are read here, reads what is written here, and the other way round', async () => {
    const path = await fresh();
    const key = `${path}.key`;
    run('age-keygen', ['-o', key]);
    const theirs = run('age-keygen', ['-y', key]).trim();
    await saveStore(path, store, [theirs], null);
    expect(run('age', ['--decrypt', '-i', key, path])).toBe(formatStore({ ...store, recipients: [theirs] }));
    for (const flags of [['--armor'], []]) {
      const name = `${path}${flags.length}`;
      run('age', ['--encrypt', ...flags, '-r', theirs, '-o', name], text);
      const opened = await openStore(name, () => readIdentities([key], {}));
      expect(formatStore(opened!.store)).toBe(text);
    }
  });
});

describe('readIdentities', () => {
  it('takes what a shell hands over as `<(…)`, up to a size', { timeout: 20_000 }, async () => {
    const script = 'exec 8< <(printf "%s\\n" "$1") 9< <(exec cat /dev/zero); echo ready; read -r';
    const shell = spawn('bash', ['-c', script, '-', identity], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(shell.stdout, 'data');
    const handedOver = (fd: number) => readIdentities([`/proc/${String(shell.pid)}/fd/${String(fd)}`], {});
    expect(await handedOver(8)).toHaveLength(1);
    expect(await failure(handedOver(9))).toContainEqual(expect.stringContaining('; at most 1048576 are read.'));
    shell.stdin.end();
    await once(shell, 'exit');
  });

  it('waits for no pipe with a name, and reads no device', { timeout: 20_000 }, async () => {
    const pipe = await fresh();
    execFileSync('mkfifo', [pipe]);
    for (const [path, what] of [
      [pipe, 'a named pipe'],
      ['/dev/zero', 'a device'],
    ] as const) {
      const message = `The identity file \`${path}\`, named with \`--identity\`, is ${what} and not a regular file.`;
      expect(await failure(readIdentities([path], {}))).toEqual([2, message, undefined]);
    }
  });

  it('takes --identity first, else the environment, and skips comments', async () => {
    const path = await fresh();
    await writeFile(path, `# created\n\n${identity}\n`);
    expect(await readIdentities([path], { SOPS_AGE_KEY_FILE: '/nowhere' })).toHaveLength(1);
    expect(await readIdentities([], { COLDSTART_AGE_IDENTITY: path, SOPS_AGE_KEY_FILE: path })).toHaveLength(2);
    expect(await readIdentities([], {})).toEqual([]);
  });

  const bad = [
    ['', 'holds no identity.'],
    ['# nothing\n', 'holds no identity.'],
    ['hello\n', 'has something on line 1 that is no identity.'],
    ['-----BEGIN OPENSSH PRIVATE KEY-----\n', 'is an SSH key.'],
    ['-----BEGIN AGE ENCRYPTED FILE-----\n', 'is itself encrypted with a passphrase.'],
    ['# one\nAGE-PLUGIN-YUBIKEY-1QQQ\n', 'needs an age plugin (line 2).'],
  ] as const;
  it.each(bad)('refuses a file that says %j', async (content, reason) => {
    const path = await fresh();
    await writeFile(path, content);
    expect(((await failure(readIdentities([path], {}))) as string[])[1]).toBe(
      `The identity file \`${path}\` ${reason}`,
    );
  });

  it('does not quote an identity with a typing error', async () => {
    const path = await fresh();
    await writeFile(path, identity.slice(0, -1));
    const [, message] = (await failure(readIdentities([path], {}))) as [number, string];
    expect(message).toBe(`The identity file \`${path}\` has something on line 1 that is no identity.`);
  });

  it('names a file that is missing, and where it was named', async () => {
    expect(((await failure(readIdentities([], { COLDSTART_AGE_IDENTITY: '/no/such' }))) as string[])[1]).toBe(
      'The identity file `/no/such`, named in COLDSTART_AGE_IDENTITY, does not exist.',
    );
  });
});

describe('a crash in the middle of a write', () => {
  it('leaves one of the two stores, whole', { timeout: 60_000 }, async () => {
    const path = await fresh();
    const whole = ['0', '1'].map((digit) => formatStore({ ...store, ids: { cluster: digit.repeat(32) } }));
    await saveStore(path, store, [], null);
    const writer = join(import.meta.dirname, 'endless-writer.ts');
    for (let round = 0; round < 4; round++) {
      const child = spawn(process.execPath, ['--import', 'tsx', writer, path], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(child.stdout, 'data'); // it has begun
      await delay(round * 7.3);
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(whole).toContain(await readFile(path, 'utf8'));
      expect(await mode(path)).toBe(0o600);
    }
    const opened = await openStore(path, none);
    await saveStore(path, { ...store, ids: {} }, [], opened);
    expect(await readFile(path, 'utf8')).toBe(formatStore({ ...store, ids: {} }));
  });
});

describe('the format', () => {
  it('holds a large cluster', async () => {
    const big = await storeOf(large);
    expect(formatStore(parseStore(formatStore(big), 'x'))).toBe(formatStore(big));
  });
});

describe('the form in which a store is written', () => {
  it('is read without a parser of all YAML, and gives the same', async () => {
    for (const cluster of [lab, large]) {
      for (const recipients of [[], [recipient]]) {
        const written = formatStore({ ...(await storeOf(cluster)), recipients });
        expect(readWrittenForm(written)).toEqual(parse(written));
      }
    }
  });

  it.each(['/a+b=', '+a/b=', '"12345678"', '"1e5"', '"0x1f"', 'null', '[]', '12'])('has the value %s', (value) => {
    const text = `kind: x\na:\n  b: ${value}\n`;
    expect(readWrittenForm(text)).toEqual(parse(text));
  });

  const head = 'kind: x\na:\n';
  it.each([
    ['a repeated key', `${head}  b: c\n  b: d\n`],
    ['an escaped letter', `${head}  b: "\\x63"\n`],
    ['single quotes', `${head}  b: 'c'\n`],
    ['a number with a sign', `${head}  b: +12\n`],
    ['a word that is a number for YAML', `${head}  b: 1e5\n`],
    ['a word that is no string for YAML', `${head}  b: True\n`],
    ['a key that is no string for YAML', `${head}  null: b\n`],
    ['a key without a value', `${head}  b:\nc: d\n`],
    ['a block with an indentation of its own', `${head}  b: |\n     c\n`],
    ['an empty block', `${head}  b: |\nc: d\n`],
    ['a block with an empty line', `${head}  b: |\n    c\n\n    d\n`],
    ['a folded block', `${head}  b: >\n    c\n`],
    ['a word over two lines', `${head}  b: c\n    d\n`],
    ['a value and children', `${head}  b: c\n    d: e\n`],
    ['a jump in the indentation', `${head}    b: c\n`],
    ['a tab', `${head}\tb: c\n`],
    ['a comment behind a value', `${head}  b: c # d\n`],
    ['an anchor', `${head}  b: &c d\n`],
    ['a second document', `${head}  b: c\n---\nd: e\n`],
    ['line ends of Windows', `${head}  b: c\r\n`],
    ['no line end', 'kind: x'],
    ['__proto__', '__proto__:\n  a: b\n'],
  ])('does not have %s', (_, other) => {
    expect(readWrittenForm(other)).toBe(null);
  });
});

describe('a private key', () => {
  it('of another kind than those that are made is accepted', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    expect(
      isPrivateKey(
        privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
        store.authorities['kubernetes']!.current.certificate,
      ),
    ).toBe(true);
  });

  it('is accepted in the form in which it is made, and not with a damaged point', () => {
    const { key, certificate } = store.authorities['kubernetes']!.current;
    expect(isPrivateKey(reveal(key), certificate)).toBe(true);
    const der = Buffer.from(reveal(key).split('\n').slice(1, -2).join(''), 'base64');
    der[der.length - 1]! ^= 1;
    const damaged = `-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n`;
    expect(isPrivateKey(damaged, certificate)).toBe(false);
  });
});
