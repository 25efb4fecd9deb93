#!/bin/bash
#
# client.sh SERVER FOLDER: a client of the API that writes an object and reads it, again and again, until FOLDER/stop exists. A request that fails
# is repeated once, a second later. FOLDER has ca.crt, client.crt and client.key. In the end, FOLDER/log has a line `retry …` for each
# request that was repeated, `FAILED …` for each that failed twice, and `written N`.

server=$1
cd "$2" || exit
printf '' >log

ask() {
  curl --silent --show-error --fail-with-body --max-time 10 --cacert ca.crt --cert client.crt --key client.key "$@"
}

# try WHAT ARGUMENT...: of curl.
try() {
  local answer
  if answer=$(ask "${@:2}" 2>&1); then
    return 0
  fi
  printf 'retry %s %s: %s\n' "$(date +%T)" "$1" "${answer:0:200}" >>log
  sleep 1
  if answer=$(ask "${@:2}" 2>&1); then
    return 0
  fi
  printf 'FAILED %s %s: %s\n' "$(date +%T)" "$1" "${answer:0:200}" >>log
  return 1
}

number=0
while [[ ! -e stop ]]; do
  url=$server/api/v1/namespaces/default/configmaps/load-$((number + 1))
  # Applying is the same the second time.
  body="{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"load-$((number + 1))\"}}"
  if try write --request PATCH --header 'Content-Type: application/apply-patch+yaml' --data-binary "$body" "$url?fieldManager=load"; then
    number=$((number + 1))
    try read "$url"
  fi
  sleep 0.2
done
printf 'written %s\n' "$number" >>log
