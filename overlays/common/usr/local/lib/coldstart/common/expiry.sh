# shellcheck shell=bash
#
# common/expiry.sh: warns before a certificate of this node ends. cluster-watch.sh calls it once an hour.

readonly EXPIRY_NOTICE=$((30 * 86400)) # seconds; `coldstart secrets show` calls the same certificates expiring
readonly EXPIRY_SEEN=$RUN_DIR/expiry-seen

# certificate_ends: `end<TAB>file` of each certificate of this node, the first one to end first; the end in seconds since 1970. What is no
# certificate at all is a matter of the services that use it.
certificate_ends() {
  local file
  {
    for file in "$KUBERNETES_DIR"/pki/*.crt "$ETCD_PKI"/*.crt "$KUBELET_CERTIFICATE" "$COLDSTART_ROOT"/etc/ceph/*.crt; do
      if [[ -s $file ]]; then
        _end_of "$file" -in "$file" || true
      fi
    done
    for file in "$KUBERNETES_DIR"/*.conf; do
      if [[ -s $file ]]; then
        sed -n 's/.*client-certificate-data: *//p' "$file" | base64 --decode 2>/dev/null | _end_of "$file" || true
      fi
    done
  } | sort -n
}

# _end_of FILE ARGUMENT...: of openssl; by default, standard input is its certificate.
_end_of() {
  local end
  end=$(openssl x509 "${@:2}" -noout -enddate -dateopt iso_8601 2>/dev/null) || return
  end=$(_seconds "$end") || return
  printf '%s\t%s\n' "$end" "${1#"$COLDSTART_ROOT"}"
}

# say_expiry: in the step certificates; all is well where nothing stands there.
say_expiry() {
  local ends now end file day count before
  touch "$EXPIRY_SEEN" || return
  ends=$(certificate_ends) || return
  now=$(date +%s) || return
  count=$(awk -v limit="$((now + EXPIRY_NOTICE))" '$1 < limit { count++ } END { print count + 0 }' <<<"$ends") || return
  if [[ -z $ends ]] || ((count == 0)); then
    before=$(step_state certificates) || return
    if [[ -n $before ]]; then
      ledger certificates 'done' '' "no certificate of this node ends within $((EXPIRY_NOTICE / 86400)) days"
    fi
    return 0
  fi
  IFS=$'\t' read -r end file <<<"$ends"
  day=$(date -u --date "@$end" +%F) || return
  ledger certificates 'done' certificate-expiring \
    "$file ends on $day; certificates of this node that end within $((EXPIRY_NOTICE / 86400)) days: $count" "$(_renewal_of "$file")"
}

# expiry_is_due: also where the clock was set back.
expiry_is_due() {
  local recent
  recent=$(find "$EXPIRY_SEEN" -mmin -60 ! -newermt '+1 minute' 2>/dev/null) || recent=''
  [[ -z $recent ]]
}

# _renewal_of FILE: what to do about it.
_renewal_of() {
  case $1 in
    *ca.crt) printf 'replace the authority in three steps: docs/SECRETS.md, "Rotating an authority"\n' ;;
    *kubelet-client-current.pem) printf 'the kubelet renews it as soon as a master answers: journalctl -b -u kubelet\n' ;;
    *) printf 'coldstart secrets rotate certificates, build, boot the new image\n' ;;
  esac
}
