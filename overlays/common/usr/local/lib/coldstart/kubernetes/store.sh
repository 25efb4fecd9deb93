# shellcheck shell=bash
#
# kubernetes/store.sh: the user's store, through which nodes get their tokens from masters (token_distribution: external): Vault's KV engine
# (either version), an S3 bucket, or any server that takes GET and PUT.

STORE_CREDENTIALS=$KUBERNETES_DIR/join-credentials
STORE_CA=$KUBERNETES_DIR/join-store-ca.crt
readonly STORE_CREDENTIALS STORE_CA

# ask_store: sets TOKEN to this node's token in the store, or STATUS and WHY. A refusal is an answer.
ask_store() {
  request_of_store "$NODE_NAME"
  case $STATUS in
    200) take_token ;;
    401 | 403) ;;
    *) return 1 ;;
  esac
}

# put_into_store NODE TOKEN: {"token": …, "expires": …}. Both versions of Vault's engine, and ask_store, understand it
# below `data`.
put_into_store() {
  local node=$1 method=PUT body=$2
  if [[ $STORE_TYPE == vault ]]; then
    method=POST
    body="{\"data\": $body}"
  fi
  request_of_store "$node" --request "$method" --header 'Content-Type: application/json' --data-binary @- <<<"$body"
  [[ $STATUS == 2?? ]]
}

# request_of_store NODE ARGUMENT...
request_of_store() {
  local node=$1 config
  shift
  config=$(_store_config) || exit
  request --config <(printf '%s\n' "$config") "$@" "${STORE_URL//'{node}'/"$node"}"
  if [[ $STATUS != 000 ]]; then
    WHY="it answers with $STATUS"
  fi
}

# Lines for curl, which reads them from a pipe. The front end has made sure that nothing in them needs escaping.
_store_config() {
  local credential=''
  if [[ -e $STORE_CA ]]; then
    printf 'cacert = "%s"\n' "$STORE_CA"
  fi
  if [[ ! -e $STORE_CREDENTIALS ]]; then
    return
  fi
  credential=$(<"$STORE_CREDENTIALS") || return
  case $STORE_TYPE in
    vault) printf 'header = "X-Vault-Token: %s"\n' "$credential" ;;
    s3) printf 'user = "%s"\naws-sigv4 = "aws:amz:%s:s3"\n' "$credential" "$STORE_REGION" ;;
    http)
      if [[ $credential == *-----BEGIN* ]]; then
        # Certificate and key in one file.
        printf 'cert = "%s"\n' "$STORE_CREDENTIALS"
      else
        printf 'header = "Authorization: Bearer %s"\n' "$credential"
      fi
      ;;
  esac
}

stop_without_store() {
  local url=${STORE_URL//'{node}'/"$NODE_NAME"}
  case $STATUS in
    000)
      stop join store-unreachable "$url does not answer: $WHY" \
        "see the step network; check the store; correct bootstrap.external; this node keeps trying"
      ;;
    401 | 403)
      stop join store-refused "$url refuses this node's credentials with $STATUS" \
        "allow them to read this path, or correct external.credentials_file; this node keeps trying"
      ;;
    200 | 404)
      stop join store-empty "$url contains no token for this node" \
        "on a master: check-bootstrap-status.sh, step store; for a node that did not join in time: cluster-nodes.sh --renew $NODE_NAME; this node keeps trying"
      ;;
    *)
      stop join store-unreachable "$url answers with $STATUS" "check the store; this node keeps trying"
      ;;
  esac
}
