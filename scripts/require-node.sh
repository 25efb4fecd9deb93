# Sourced by the other scripts: ends them where Node.js is missing or too old.
# shellcheck shell=bash

require_node() {
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    printf 'Node.js 20.19 or newer is needed, with npm; there is none on the PATH.\n' >&2
    exit 4
  fi
  if ! node -e 'const [major, minor] = process.versions.node.split(".").map(Number);
                process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)'; then
    printf 'Node.js 20.19 or newer is needed; this is %s.\n' "$(node --version)" >&2
    exit 4
  fi
}
