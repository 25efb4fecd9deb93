# shellcheck shell=bash
#
# common/answer.sh: one HTTP request on standard input, and its answer on standard output, behind haproxy (templates/etc/haproxy). haproxy
# sets each of the headers about the client's certificate once, and replaces those that a client sends.

readonly READ_WAIT=10 # seconds; haproxy has the whole request before it passes it on

# What a certificate that haproxy has checked says of the client, and from where the request came.
NODE='?' SUBJECT='' SERIAL='?' BEGINS='?' CLIENT='?' TARGET=''

# read_request PATTERN: a POST whose path is like this extended regular expression; sets TARGET to the path.
read_request() {
  local line name value count
  IFS= read -r -t "$READ_WAIT" -n 1024 line || refuse_request
  if [[ ! ${line%$'\r'} =~ ^POST\ ([^\ ]+)\ HTTP/1\.1$ ]]; then
    refuse_request
  fi
  TARGET=${BASH_REMATCH[1]}
  for ((count = 0; ; count++)); do
    IFS= read -r -t "$READ_WAIT" -n 1024 line || refuse_request
    line=${line%$'\r'}
    if [[ -z $line ]]; then
      break
    fi
    name=${line%%:*} value=${line#*:}
    value=${value# }
    case ${name,,} in
      x-forwarded-for) CLIENT=$value ;;
      x-join-name) SUBJECT=$value ;;
      x-join-serial) SERIAL=$value ;;
      x-join-not-before) BEGINS=$value ;;
    esac
    if ((count == 50)); then
      refuse_request
    fi
  done
  if [[ ! $TARGET =~ $1 ]]; then
    refuse_request
  fi
}

# The whole request must be read: otherwise closing the connection resets it, and the client loses the answer (unix(7),
# ECONNRESET).
refuse_request() {
  read -r -t 0.2 -N 65536 _ || true
  NODE='?' SERIAL='?'
  reply 400 'this is not a request that is answered here'
}

# reply STATUS TEXT [LOGGED]: ends the script. The log has LOGGED instead of a text that it must not have.
reply() {
  printf 'HTTP/1.1 %s .\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s\n' \
    "$1" "$((${#2} + 1))" "$2"
  printf '%s (certificate %s) from %s: %s %s\n' "$NODE" "$SERIAL" "$CLIENT" "$1" "${3:-$2}" >&2
  exit
}
