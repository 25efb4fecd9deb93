#!/bin/bash
#
# quick-start.sh [OPTION...]: from a fresh clone to the images of the example cluster in out/quick-start. Installs missing
# packages, compiles the program, builds. The options are those of `build-iso`, e.g. --dry-run.

set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
# shellcheck source=scripts/require-node.sh
source scripts/require-node.sh

step() {
  printf '\n== %s\n' "$1" >&2
}

require node npm
step 'Install the tools that a build needs'
scripts/install-tools.sh build >&2
step 'Install the libraries and compile the program'
npm ci --no-audit --no-fund >&2
npm run --silent build >&2
step 'Build the images of examples/quick-start'
exec bin/build-iso examples/quick-start "$@"
