# shellcheck shell=bash
#
# ledger/scrub.sh: takes secrets out of text that leaves the node. Nothing that is meant to hold one is collected in the first place;
# this is for what somebody's program wrote into a log.

# secret_values: what is secret on this node, one value a line: the long words of files in /etc that only root reads, and what
# stands in a known place, however short. What the configuration in the image says openly is none.
secret_values() {
  local etc=$COLDSTART_ROOT/etc open
  open=$(tr -c '[:alnum:]+/=_.\n-' '\n' 2>/dev/null <"$CONFIG_DIR/node.env") || open=''
  {
    # A folder that this node does not have is no failure.
    { find "$etc" "$COLDSTART_ROOT/var/lib/kubelet/pki" -type f ! -perm /077 -size -256k \
      ! -path "$etc/NetworkManager/*" ! -path "$etc/containerd/*" -print0 2>/dev/null || true; } | secrets_of_files || exit
    sed -n -E 's/^.*\.password = "(.{4,})"$/\1/p' "$etc/containerd/config.toml" 2>/dev/null | sed -E 'p; s/\\(["\\])/\1/g' || true
    cat "$etc/kubernetes/join-credentials" "$etc/kubernetes/snapshot-store-credentials" 2>/dev/null | tr ':' '\n' | grep -E '^.{6,}$' || true
  } | { grep -vxF -f <(printf '%s\n' "$open") || (($? == 1)); } | sort -u
}

# secrets_of_files: of those whose names come in, each ended by a zero. One that cannot be read might hold what is then not removed.
secrets_of_files() {
  local file
  while IFS= read -r -d '' file; do
    # As kubeconfigs and manifests hold keys, and in base64. The kubelet may have removed it meanwhile.
    { words_of_secret <"$file" && base64 --wrap=0 "$file"; } || [[ ! -e $file ]] || return
    printf '\n'
  done
}

# Of a private key every line counts; elsewhere a word is long when it has sixteen characters and a digit, or thirty-two. The
# second half of a token is the secret of it.
words_of_secret() {
  awk '
    /-----BEGIN .*PRIVATE KEY/ { key = 1; next }
    /-----END/ { key = 0; next }
    key && length($0) >= 8 { print; next }
    {
      gsub(/[^A-Za-z0-9+\/=_.-]/, " ")
      for (i = 1; i <= NF; i++) {
        if (length($i) >= 32 || (length($i) >= 16 && $i ~ /[0-9]/)) print $i
        if (split($i, half, ".") == 2 && length(half[1]) == 6 && length(half[2]) == 16) print half[2]
      }
    }'
}

# scrub VALUES: standard input without the values of that file, and without what looks like a secret of anybody's: private
# keys, tokens, password hashes, passwords in URLs and assignments.
scrub() {
  # shellcheck disable=SC2016 # patterns
  sed -E \
    -e '/-----BEGIN [A-Z ]*PRIVATE KEY-----/,/-----END [A-Z ]*PRIVATE KEY-----/s/.*/[removed]/' \
    -e 's#([a-z][a-z0-9+.-]*://)[^/@[:space:]]+@#\1[removed]@#g' \
    -e 's/\b(Bearer|Basic) +[^[:space:]"]+/\1 [removed]/g' \
    -e 's/\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+/[removed]/g' \
    -e 's/\b[a-z0-9]{6}\.[a-z0-9]{16}\b/[removed]/g' \
    -e 's#\$(y|6|5|2[aby])\$[A-Za-z0-9./$=,]{20,}#[removed]#g' \
    -e 's/\b((password|passwd|secret|token|psk)["'"'"']?[[:space:]]*[:=][[:space:]]*["'"'"']?)[^][:space:]"'"'"',}]+/\1[removed]/Ig' |
    awk -v values="$1" '
      BEGIN { while ((getline line < values) > 0) if (line != "" && !index("[removed]", line)) secret[line] }
      { for (value in secret) while ((at = index($0, value)) > 0) $0 = substr($0, 1, at - 1) "[removed]" substr($0, at + length(value)) }
      { print }'
}
