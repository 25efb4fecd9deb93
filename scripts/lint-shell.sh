#!/bin/bash
#
# lint-shell.sh: runs shellcheck, at its default severity, on every shell script of the repository: the node's scripts, the
# examples' hooks and our own. Also checks that the node's scripts ignore no failure (docs/decisions/0014). Prints only
# findings.

set -euo pipefail
shopt -s inherit_errexit
for program in shellcheck shfmt; do
  if ! command -v "$program" >/dev/null; then
    printf 'lint-shell.sh: %s is not installed; on Debian and Ubuntu: apt-get install %s\n' "$program" "$program" >&2
    exit 4
  fi
done

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
printf '%s\0' "${scripts[@]}" | xargs --null --max-args 8 --max-procs "$(nproc)" shellcheck --external-sources --source-path="$LIBRARY"
# The library once, through the file that sources most of it; then the library files of single scripts.
shellcheck --external-sources --check-sourced --source-path="$LIBRARY" "$LIBRARY/coldstart.sh"
shellcheck "$LIBRARY"/{kubernetes/artifacts,ledger/scrub}.sh scripts/completion/coldstart.bash
find overlays -name '*.sh' -print0 | xargs --null node_modules/.bin/tsx scripts/errexit/main.ts
