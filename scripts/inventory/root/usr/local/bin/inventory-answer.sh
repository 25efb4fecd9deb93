#!/bin/bash
#
# inventory-answer.sh: answers one request over HTTP with the inventory. systemd hands over the connection as stdin and stdout
# (inventory-http.socket); its packet filter drops what comes from outside of the network that the user named.

set -euo pipefail

readonly FILE=${COLDSTART_ROOT:-}/run/coldstart-inventory/inventory.json

# reply STATUS TYPE BODY
reply() {
  printf 'HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' "$1" "$2" "${#3}" "$3"
}

LC_ALL=C
method='' target=''
read -r -t 10 -n 4096 method target _ || true
# The rest of the request, up to its empty line: an early end would look like a broken connection.
while IFS= read -r -t 10 -n 4096 line && [[ -n ${line%$'\r'} ]]; do :; done

if [[ $method != GET ]]; then
  reply '405 Method Not Allowed' text/plain $'only GET\n'
elif [[ $target != / && $target != /inventory.json ]]; then
  reply '404 Not Found' text/plain $'ask for /inventory.json\n'
elif [[ -s $FILE ]]; then
  reply '200 OK' application/json "$(<"$FILE")"$'\n'
else
  reply '503 Service Unavailable' text/plain $'not ready yet\n'
fi
