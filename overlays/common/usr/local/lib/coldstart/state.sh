# shellcheck shell=bash
#
# state.sh: files that a power cut cannot tear, and the node's state in them: one word per file in /var/lib/cluster-state.
# A state is written once the thing that it claims is true, never before.

# write_file PATH MODE: standard input becomes the file's content, entirely or not at all.
write_file() {
  local path=$1 mode=$2 folder temporary
  folder=$(dirname "$path")
  mkdir -p "$folder"
  temporary=$(mktemp "$folder/.${path##*/}.XXXXXX")
  cat >"$temporary"
  chmod "$mode" "$temporary"
  sync "$temporary"
  mv -T "$temporary" "$path"
  sync "$folder"
}

# write_state NAME WORD
write_state() {
  local name=$1 word=$2
  if [[ ! $word =~ ^[[:graph:]]+$ ]]; then
    printf 'coldstart: a state is one word, not "%s"\n' "$word" >&2
    return 1
  fi
  printf '%s\n' "$word" | write_file "$STATE_DIR/$name" 0644
}

# read_state NAME [DEFAULT]: the word, or the default when there is no file or an empty one. Anything that is not one
# word is damage: it is said, and the status is 1.
read_state() {
  local path=$STATE_DIR/$1 default=${2:-} word=''
  if [[ -s $path ]]; then
    word=$(tr -d '\0' <"$path")
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
  word=$(read_state bootstrap-state uninitialized)
  case $word in
    uninitialized | bootstrapped | joined) printf '%s\n' "$word" ;;
    *)
      printf 'coldstart: %s holds the unknown state "%s"\n' "$STATE_DIR/bootstrap-state" "$word" >&2
      return 1
      ;;
  esac
}
