# shellcheck shell=bash
#
# node/state.sh: files that a power cut cannot tear, and the node's state in them: one word per file in /var/lib/cluster-state.
# A state is written once the thing that it claims is true, never before.

# write_file PATH MODE: standard input becomes the file's content, entirely or not at all.
write_file() {
  local path=$1 mode=$2 folder=${1%/*} temporary
  mkdir -p "$folder" || return
  temporary=$(mktemp "$folder/.${path##*/}.XXXXXX") || return
  if ! { cat >"$temporary" && chmod "$mode" "$temporary" && sync "$temporary" && mv -T "$temporary" "$path"; }; then
    rm -f "$temporary" || true
    return 1
  fi
  sync "$folder"
}

# write_state NAME WORD: what stands there already needs no room on a full disk.
write_state() {
  local name=$1 word=$2 before
  if [[ ! $word =~ ^[[:graph:]]+$ ]]; then
    printf 'coldstart: a state is one word, not "%s"\n' "$word" >&2
    return 1
  fi
  before=$(read_state "$name" 2>/dev/null) || before=''
  if [[ $before == "$word" ]]; then
    return 0
  fi
  printf '%s\n' "$word" | write_file "$STATE_DIR/$name" 0644
}

# read_state NAME [DEFAULT]: the word, or the default when there is no file or an empty one. Anything that is not one
# word is damage: it is said, and the status is 1.
read_state() {
  local path=$STATE_DIR/$1 default=${2:-} word=''
  if [[ -s $path ]]; then
    word=$(tr -d '\0' <"$path") || return
  fi
  if [[ -z $word ]]; then
    printf '%s\n' "$default"
  elif [[ $word =~ ^[[:graph:]]+$ ]]; then
    printf '%s\n' "$word"
  else
    printf 'coldstart: %s does not hold one word\n' "$path" >&2
    return 1
  fi
}

# bootstrap_state: uninitialized, bootstrapped or joined; an unknown word is damage.
bootstrap_state() {
  local word
  word=$(read_state bootstrap-state uninitialized) || return
  case $word in
    uninitialized | bootstrapped | joined) printf '%s\n' "$word" ;;
    *)
      printf 'coldstart: %s holds the unknown state "%s"\n' "$STATE_DIR/bootstrap-state" "$word" >&2
      return 1
      ;;
  esac
}
