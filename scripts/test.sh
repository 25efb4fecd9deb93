#!/bin/bash
#
# test.sh: installs the packages for the tests, then runs all checks (types, style, shell scripts) and all tests: the fast
# ones, also on the newest Node.js, those that build images, and those that boot them. The last line counts all of them:
# `N passed, N failed, N skipped`.
#
# Two rows of steps run in parallel, because most steps use one processor. A step's output is printed when the step ends.

set -uo pipefail
shopt -s inherit_errexit
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." || exit 1
# shellcheck source=scripts/require-node.sh
source scripts/require-node.sh

reports=$(mktemp --directory)
readonly reports
rows=()
finished=no
# A step of a row has one processor, so tests wait longer for other programs.
export VITEST_MAX_WORKERS=1 COLDSTART_TEST_PATIENCE=${COLDSTART_TEST_PATIENCE:-2}

# Prints the counting line as the last one, also after an error.
finish() {
  local status=$? row
  for row in "${rows[@]}"; do
    kill -TERM -- "-$row" 2>/dev/null
  done
  wait
  if [[ $finished == no ]]; then
    cat "$reports"/*.log 2>/dev/null
    printf 'The tests did not come to their end (status %s).\n0 passed, 1 failed, 0 skipped\n' "$status"
    status=1
  fi
  rm -rf "$reports"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

# side_by_side ROW...: runs functions in parallel, each in a process group of its own, and waits for all of them.
side_by_side() {
  local row pid
  set -m
  for row in "$@"; do
    "$row" &
    rows+=("$!")
  done
  set +m
  for pid in "${rows[@]}"; do
    wait "$pid" || count failed "a row of steps ended with status $?"
  done
  rows=()
}

# count RESULT NAME: records one test as `passed`, `failed` or `skipped`.
count() {
  printf '%s\t%s\n' "$1" "$2" >>"$reports/checks.tsv"
}

# step NAME COMMAND...: runs a command, and then prints its output.
step() {
  local name=$1 began=$SECONDS result=passed log
  shift
  log=$(mktemp "$reports/XXXXXX.log")
  printf '\n== %s\n' "$name" >"$log"
  "$@" </dev/null >>"$log" 2>&1 || result=failed
  printf -- '-- %s: %s after %s s\n' "$name" "$result" "$((SECONDS - began))" >>"$log"
  flock "$reports" cat "$log"
  rm "$log"
  [[ $result == passed ]]
}

# check NAME COMMAND...: a step that counts as one test.
check() {
  if step "$@"; then
    count passed "$1"
  else
    count failed "$1"
  fi
}

# run_tests PROJECT [NAME]: runs the tests of a vitest project; the results come from its report. An error of vitest itself
# counts as a failure only if no failed test in the report explains it, e.g. an unhandled error, or no tests at all.
run_tests() {
  local name=${2:-$1}
  step "Tests: $name" node_modules/.bin/vitest run --project "$1" \
    --reporter=default --reporter=json --outputFile.json="$reports/$name.json" ||
    printf '%s\n' "$name" >>"$reports/unsuccessful.txt"
}

compile_and_build() {
  check 'Compile' npm run --silent build
  # Leaves the base layer in the cache; the tests with the real programs use it.
  check 'Build the quick-start example' bin/build-iso examples/quick-start --log plain
  check 'Verify the quick-start example' bin/coldstart verify out/quick-start --log plain
}

read_sources() {
  check 'Types' npx tsc --noEmit
  check 'Lint' npx eslint .
  check 'Format' npx prettier --check --log-level warn .
  check 'Shell scripts' scripts/lint-shell.sh
}

test_programs() {
  local project
  for project in fast slow node simulation; do
    run_tests "$project"
  done
  if [[ -n $newest_node ]]; then
    PATH=$newest_node:$PATH run_tests fast fast-on-newest-node
  fi
  run_tests image
}

fuzz_and_boot() {
  run_tests fuzz
  run_tests boot
}

require node npm
scripts/install-tools.sh test || exit 4
printf '\n== Install the libraries\n'
npm ci --no-audit --no-fund </dev/null || exit 5
newest_node=$(scripts/newest-node.sh)
[[ -n $newest_node ]] || count skipped 'fast-on-newest-node: npm could not install it'

side_by_side compile_and_build read_sources
side_by_side test_programs fuzz_and_boot

printf '\n== Results\n'
finished=yes
npx tsx scripts/count-tests.ts "$reports" \
  fast slow node simulation ${newest_node:+fast-on-newest-node} fuzz image boot
