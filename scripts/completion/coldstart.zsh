#compdef coldstart build-iso
# Completion of coldstart for zsh. Use it with: source <(coldstart completion zsh)
_coldstart() {
  local line candidates=() given=("${(@)words[2,CURRENT]}")
  [[ ${words[1]:t} != build-iso ]] || given=(build "${given[@]}")
  for line in "${(@f)$(coldstart complete -- "${given[@]}" 2>/dev/null)}"; do
    [[ -z $line ]] || candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
  done
  if (( $#candidates )); then
    _describe coldstart candidates
  else
    _files
  fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _coldstart "$@"
else
  compdef _coldstart coldstart build-iso
fi
