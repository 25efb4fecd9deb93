# shellcheck shell=bash
#
# common/request.sh: small requests to a server, only over TLS.

# request ARGUMENT...: curl with these. Sets STATUS (000 without an answer), BODY, and WHY when there was none. What is secret
# reaches curl through pipes: `--config`, `--header` and `--data-binary` take files.
request() {
  local said line
  said=$(
    curl --silent --globoff --proto =https --connect-timeout 5 --max-time 90 --max-filesize 65536 \
      --write-out '\n%{http_code} %{errormsg}' "$@" | tr -d '\0'
  ) || true
  line=${said##*$'\n'}
  BODY=${said%$'\n'*}
  BODY=${BODY%$'\n'}
  STATUS=${line%% *}
  WHY=${line#* }
  # An incomplete answer counts as none.
  if [[ -n $WHY || ! $STATUS =~ ^[1-9][0-9][0-9]$ ]]; then
    STATUS=000
  fi
}

# first_line TEXT: for a message: short, without control characters.
first_line() {
  local line=${1%%$'\n'*}
  line=${line//[[:cntrl:]]/}
  printf '%s\n' "${line:0:200}"
}

# last_line TEXT: the last line of a program's output, for a message.
last_line() {
  local text=${1%"${1##*[![:space:]]}"}
  text=${text##*$'\n'}
  printf '%s\n' "${text:0:300}"
}
