#!/bin/bash
#
# test.sh: installs what the tests need, then runs every check and every test: on types, style and shell scripts, the fast
# tests, those that build images, those that boot them. Its last line counts them all: `N passed, N failed, N skipped`.

set -uo pipefail
shopt -s inherit_errexit
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." || exit 1
# shellcheck source=scripts/require-node.sh
source scripts/require-node.sh

reports=$(mktemp --directory)
readonly reports
finished=no

# The counting line is the last one, whatever happens before.
finish() {
  local status=$?
  if [[ $finished == no ]]; then
    printf 'The tests did not come to their end (status %s).\n0 passed, 1 failed, 0 skipped\n' "$status"
    status=1
  fi
  rm -rf "$reports"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

# check NAME COMMAND...: runs a command that counts as one test.
check() {
  local name=$1 began=$SECONDS result=passed
  shift
  printf '\n== %s\n' "$name"
  "$@" </dev/null || result=failed
  printf '%s\t%s\n' "$result" "$name" >>"$reports/checks.tsv"
  printf -- '-- %s: %s after %s s\n' "$name" "$result" "$((SECONDS - began))"
}

# run_tests PROJECT: runs the tests of a vitest project; their results are read from its report. That vitest itself ends with
# an error counts where no test of the report explains it: unhandled errors, no tests at all.
run_tests() {
  local began=$SECONDS
  printf '\n== Tests: %s\n' "$1"
  if ! npx vitest run --project "$1" --reporter=default --reporter=json --outputFile.json="$reports/$1.json" </dev/null; then
    printf '%s\n' "$1" >>"$reports/unsuccessful.txt"
  fi
  printf -- '-- tests %s: %s s\n' "$1" "$((SECONDS - began))"
}

require node npm
scripts/install-tools.sh test || exit 4
printf '\n== Install the libraries\n'
npm ci --no-audit --no-fund </dev/null || exit 5

check 'Types' npx tsc --noEmit
check 'Lint' npx eslint .
check 'Format' npx prettier --check --log-level warn .
check 'Shell scripts' scripts/lint-shell.sh
check 'Compile' npm run --silent build
# Leaves the base layer in the cache, which the tests with the real programs look for.
check 'Build the quick-start example' bin/build-iso examples/quick-start --log plain
check 'Verify the quick-start example' bin/coldstart verify out/quick-start --log plain
run_tests fast
run_tests fuzz
run_tests image
run_tests boot

printf '\n== Results\n'
finished=yes
npx tsx scripts/count-tests.ts "$reports" fast fuzz image boot
