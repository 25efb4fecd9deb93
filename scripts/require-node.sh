# Sourced by the other scripts and by bin/coldstart: ends them if Node.js is missing or too old.
# shellcheck shell=sh

# require PROGRAM...: exits with 4 if a program of Node.js (node, npm) is missing or too old.
require() {
  for program in "$@"; do
    if ! command -v "$program" >/dev/null; then
      printf 'Node.js 20.19 or newer is needed; there is no %s on the PATH.\n' "$program" >&2
      exit 4
    fi
  done
  case $(node --version) in
    v?.* | v1?.* | v20.?.* | v20.1[0-8].*)
      printf 'Node.js 20.19 or newer is needed; this is %s.\n' "$(node --version)" >&2
      exit 4
      ;;
  esac
}
