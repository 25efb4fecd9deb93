# shellcheck shell=bash
# Completion of coldstart for Bash. Use it with: source <(coldstart completion bash)
_coldstart() {
  local word words=("${COMP_WORDS[@]:1:COMP_CWORD}")
  [[ ${1##*/} != build-iso ]] || words=(build "${words[@]}")
  COMPREPLY=()
  while IFS=$'\t' read -r word _; do
    COMPREPLY+=("$word")
  done < <(coldstart complete -- "${words[@]}" 2>/dev/null)
}
complete -o default -F _coldstart coldstart build-iso
