#!/bin/bash
#
# compile.sh: compiles src/ into dist/, with the name of the commit for `coldstart --version`. Replaces dist/ as a whole: no
# output of deleted files stays, and a failed compilation leaves the earlier dist/.

set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

fresh=$(mktemp --directory .dist.XXXXXX.unfinished)
trap 'rm -rf "$fresh"' EXIT
node_modules/.bin/tsc -p tsconfig.build.json --outDir "$fresh"
# Not the commit of a parent folder's repository; no commit when git is missing or fails.
if [[ -e .git ]] && commit=$(git describe --always --exclude='*' --abbrev=7 --dirty); then
  printf '%s\n' "$commit" >"$fresh/commit"
fi
chmod 755 "$fresh"
rm -rf dist
mv "$fresh" dist
