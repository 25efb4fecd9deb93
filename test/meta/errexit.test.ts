/**
 * scripts/errexit: the failures that it finds. bash confirms each finding: it really ignores the failure in that line.
 */
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { findings } from '../../scripts/errexit/findings.ts';
import { parse } from '../../scripts/errexit/syntax.ts';

const { exitCode } = await execa('shfmt', ['--version'], { reject: false });
const hasShfmt = exitCode === 0;

/** Commands that are passed over in a script that asks for `f`. */
function found(body: string): string[] {
  const script = `wait_until() { while ! "$@"; do :; done; }\nledger() { :; }\n${body}`;
  return findings([parse('script', Buffer.from(script))]).map((line) => (line.split(': ')[1] ?? '').trim());
}

const inF = (body: string): string[] => found(`f() {\n${body}\n}\nif f; then :; fi`);

describe.skipIf(!hasShfmt)('a function that is asked', () => {
  it.each([
    ['rm -f a\n:', ['rm -f a']],
    ['x=$(cat a)\n:', ['x=$(cat a)']],
    ['cat a | tr b c\n:', ['cat a | tr b c']],
    ['if [[ -e a ]]; then rm a; fi\n:', ['rm a']],
    ['for i in 1 2; do rm $i; done', ['rm $i']],
    ['case a in b) rm a ;; esac\n:', ['rm a']],
    ['{ rm a; rm b || return; }', ['rm a']],
    ['rm a && rm b\n:', ['rm a && rm b', 'rm b']],
    ['printf x >a\n:', ['printf x >a']],
    ['cat a | while read -r x; do rm "$x"; done', ['rm "$x"']],
    ['while read -r x; do :; done <a\n:', ['while read -r x; do :; done <a']],
    ['x=$(rm a; cat b) || return', ['rm a']],
  ])('%j passes over %j', (body, passed) => {
    expect(inF(body)).toEqual(passed);
  });

  it.each([
    'rm -f a',
    'rm -f a || return\n:',
    'rm -f a || exit\n:',
    'rm -f a || true\n:',
    'x=$(cat a) || x=""\n:',
    'rm -f a\nreturn',
    'if rm a; then :; fi',
    'local a=1\nprintf "%s\\n" "$a" >&2\n:',
    'read -r a b <<<"$x"\n:',
    'ledger step done "" "$(cat a)"\n:',
  ])('%j passes nothing over', (body) => {
    expect(inF(body)).toEqual([]);
  });

  it.each([
    ['f || true'],
    ['! f'],
    ['f && :'],
    ['while f; do :; done'],
    ['wait_until 5 f'],
    ['g() { f || return; }; if g; then :; fi'],
    ['g() { f; }; if g; then :; fi'],
    ['x=$(f) || x=""'],
  ])('is one by %j', (call) => {
    expect(found(`f() { rm a; rm b; }\n${call}`)).toContain('rm a');
  });

  it.each([['f'], ['x=$(f)'], ['g() { f; rm c; }; g'], ['if true; then f; fi']])('is none by %j', (call) => {
    expect(found(`f() { rm a; rm b; }\n${call}`)).toEqual([]);
  });

  it('may call what cannot fail, also what calls itself', () => {
    const helper = 'g() { x=$(cat a) || x=""; if [[ -n $x ]]; then g; fi; printf "%s\\n" "$x"; }';
    expect(found(`${helper}\nf() { g; rm a; }\nif f; then :; fi`)).toEqual([]);
  });
});

describe.skipIf(!hasShfmt)('a substitution', () => {
  it.each([
    '[[ $(cat a) == b ]]',
    'for i in $(cat a); do :; done',
    'mkdir "$(cat a)"',
    'local x=$(cat a)',
    'while read -r x; do :; done < <(cat a)',
    'tr a b <<<"$(cat a)"',
    'x=$(cat a)$(printf b)',
    'case $(cat a) in b) ;; esac',
  ])('%j is one whose failure nobody sees, wherever it stands', (line) => {
    expect(found(`f() {\n${line}\n}\nf`)).toEqual(
      ['$(cat a)'].map((text) => (line.includes('<(') ? '<(cat a)' : text)),
    );
  });

  it('is none where it cannot fail', () => {
    expect(found('g() { printf a; }\n[[ $(g) == $(printf b) ]]\nmkdir "$(cat a || true)"')).toEqual([]);
  });

  it('can fail where what it calls ends the script', () => {
    expect(found('g() { rm a || exit; }\n[[ $(g) == b ]]')).toContain('$(g)');
  });
});

it.skipIf(!hasShfmt)('the mistake that the rule was made for is found', () => {
  const old = `clear_etcd_data() {
  rm -f state
  if [[ -e member ]]; then
    rm -rf member
    sync .
  fi
}
member_is_added() {
  local output
  clear_etcd_data
  if ! output=$(etcdctl member add); then
    return 1
  fi
  printf '%s' "$output" >start
}
if ! wait_until 600 member_is_added; then exit 1; fi`;
  expect(found(old)).toEqual(['clear_etcd_data', 'rm -f state', 'rm -rf member'].sort());
});

it('bash ignores errexit wherever a function is asked, also in subshells that set it and run in the background', async () => {
  const asked = 'f() { false; echo passed; }';
  const ways = [
    'if f; then :; fi',
    'if (set -e; f); then :; fi',
    'if { (set -e; f) & wait "$!"; }; then :; fi',
    'f || :',
  ];
  for (const way of ways) {
    const { stdout } = await execa('bash', ['-c', `set -euo pipefail; shopt -s inherit_errexit\n${asked}\n${way}`]);
    expect([way, stdout]).toEqual([way, 'passed']);
  }
});
