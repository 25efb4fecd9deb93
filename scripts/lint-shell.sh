#!/bin/bash
#
# lint-shell.sh: shellcheck, at its default severity, over every shell script of the repository: those that run on the
# node, the examples' hooks and our own. Silent when there is nothing to say.

set -euo pipefail
shopt -s inherit_errexit
if ! command -v shellcheck >/dev/null; then
  printf 'lint-shell.sh: shellcheck is not installed; on Debian and Ubuntu: apt-get install shellcheck\n' >&2
  exit 4
fi

cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

readonly LIBRARY=overlays/common/usr/local/lib/coldstart

mapfile -t scripts < <(
  find bin overlays scripts examples test .ci -type f -not -path "$LIBRARY/*" -print 2>/dev/null | sort |
    while IFS= read -r file; do
      if head -c 80 "$file" | head -n 1 | grep -qaE '^#!.*[/ ](ba|da)?sh( |$)'; then
        printf '%s\n' "$file"
      fi
    done
)
shellcheck --external-sources --source-path="$LIBRARY" "${scripts[@]}"
# The library once, through the file that sources most of it and the scripts that take more of it.
mapfile -t users < <(grep --recursive --files-with-matches 'source "$LIB_DIR/' overlays | sort)
shellcheck --external-sources --check-sourced --source-path="$LIBRARY" "$LIBRARY/coldstart.sh" "${users[@]}"
