# shellcheck shell=bash
#
# kubernetes/artifacts.sh: the programs that this node downloads. The state disk keeps them under their SHA-256; they get this name
# only when they are complete and checked. The root file system is in memory and contains only links to them.

ARTIFACTS_DIR=$COLDSTART_ROOT/var/lib/coldstart/artifacts
readonly ARTIFACTS_DIR
readonly ARTIFACT_TRIES=5
readonly ARTIFACT_TRY_MINUTES=30

# obtain_artifact NAME URL DIGEST: sets ARTIFACT to the path of the content; stops when it cannot be had.
obtain_artifact() {
  local name=$1 url=$2 expected=$3 found
  if [[ $expected == - ]]; then
    published_digest "$name" "$url"
    expected=$DIGEST
  fi
  ARTIFACT=$ARTIFACTS_DIR/$expected
  if [[ -e $ARTIFACT ]]; then
    found=$(digest_of "$ARTIFACT") || found=''
    if [[ $found == "$expected" ]]; then
      return 0
    fi
    ledger artifacts running artifact-damaged "$name on the state disk is damaged; it is downloaded again"
    rm -f "$ARTIFACT"
  fi
  download_artifact "$name" "$url" "$expected"
}

digest_of() {
  local line
  line=$(sha256sum <"$1") || return
  printf '%s\n' "${line%% *}"
}

# published_digest NAME URL: sets DIGEST to what the server publishes beside the program. It is asked for once, as a release
# does not change; without TLS it would say nothing.
published_digest() {
  local name=$1 url=$2 key text
  key=$(printf '%s' "$url" | sha256sum)
  local known=$ARTIFACTS_DIR/${key%% *}.digest
  if [[ ! -s $known ]]; then
    if [[ $url != https://* ]]; then
      stop artifacts artifact-unprotected "the image contains no digest of $name, and $url has no TLS" \
        "run coldstart lock and build again, or use an https mirror"
    fi
    fetch "digest of $name" "$url.sha256" "$known.partial"
    text=$(head -c 4096 "$known.partial" | tr -d '\0')
    rm -f "$known.partial"
    if [[ ! $text =~ ^([0-9a-f]{64})([[:space:]]|$) ]]; then
      stop artifacts artifact-digest-unknown "$url.sha256 holds no SHA-256" \
        "see what the server sends; or run coldstart lock and build again: then the node does not need this file"
    fi
    printf '%s\n' "${BASH_REMATCH[1]}" | write_file "$known" 0644
  fi
  DIGEST=$(<"$known")
}

# A power cut leaves a part that the next try continues. A part that was continued may have another version's beginning, so
# a wrong digest counts only for what was fetched in one go.
download_artifact() {
  local name=$1 url=$2 expected=$3 partial found
  partial=$ARTIFACTS_DIR/$expected.partial
  mkdir -p "$ARTIFACTS_DIR"
  if [[ -s $partial ]]; then
    fetch "$name" "$url" "$partial"
    found=$(digest_of "$partial")
    if [[ $found != "$expected" ]]; then
      rm -f "$partial"
    fi
  fi
  if [[ ! -s $partial ]]; then
    fetch "$name" "$url" "$partial"
  fi
  found=$(digest_of "$partial")
  if [[ $found != "$expected" ]]; then
    rm -f "$partial"
    stop artifacts artifact-digest-wrong "$name from $url has the SHA-256 $found instead of $expected; it is not used" \
      "correct the file on the server; if it is right, run coldstart lock, check the changes, and build again"
  fi
  sync "$partial"
  mv -T "$partial" "$ARTIFACTS_DIR/$expected"
  sync "$ARTIFACTS_DIR"
}

# fetch WHAT URL FILE: continues the file where it ends; stops after some tries, and systemd begins anew later.
fetch() {
  local what=$1 url=$2 file=$3 try pause
  mkdir -p "$ARTIFACTS_DIR"
  for ((try = 1; ; try++)); do
    if ((try > 1)); then
      ledger artifacts running '' "$what from $url, try $try of $ARTIFACT_TRIES"
    fi
    if try_fetch "$url" "$file"; then
      return 0
    fi
    if ((try == ARTIFACT_TRIES)); then
      break
    fi
    pause=$((2 ** try))
    ledger artifacts waiting artifact-unreachable "$what cannot be downloaded from $url: $WHY; try $((try + 1)) of $ARTIFACT_TRIES follows in $pause s"
    wait_until "$pause" false || true
  done
  stop artifacts artifact-unreachable "$what cannot be downloaded from $url: $WHY" \
    "see the step network; correct networking.proxy or kubernetes.mirror, or build with delivery: embedded; this node keeps trying"
}

# try_fetch URL FILE: sets WHY when it fails.
try_fetch() {
  local url=$1 file=$2 status=0 said
  said=$(
    curl --fail --location --silent --show-error --proto =http,https --connect-timeout 20 --speed-limit 1000 --speed-time 60 \
      --max-time "$((ARTIFACT_TRY_MINUTES * 60))" --continue-at - --output "$file" --write-out '%{stderr}HTTP %{http_code}\n' \
      -- "$url" 2>&1
  ) || status=$?
  # The file is already complete, or the server does not support ranges: start from the beginning.
  if ((status == 33 || status == 36)) || [[ $status != 0 && $said == *"HTTP 416"* ]]; then
    rm -f "$file" || exit
  fi
  WHY=${said%%$'\n'*}
  return "$status"
}

# place_artifact MODE DESTINATION: a link appears in one step, so a program that is started meanwhile is the old or the new.
place_artifact() {
  local mode=$1 destination=$COLDSTART_ROOT$2
  chmod "$mode" "$ARTIFACT"
  mkdir -p "${destination%/*}"
  ln -sfn "$ARTIFACT" "$destination.new"
  mv -T "$destination.new" "$destination"
}
