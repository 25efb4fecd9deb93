# shellcheck shell=bash
#
# common/hmac.sh: proves the knowledge of a secret without revealing it.

# hmac KEY: the HMAC-SHA256 (RFC 2104) of standard input, in hexadecimal. By hand, as openssl takes keys as arguments, which
# are for everyone to see. Keys are ASCII, of at most 64 characters.
hmac() {
  local key=$1 inner='' outer='' code digest i
  for ((i = 0; i < 64; i++)); do
    # The number of a character; past the end of the key it is 0, which is what a key is filled up with.
    printf -v code '%d' "'${key:i:1}"
    printf -v inner '%s\\x%02x' "$inner" $((code ^ 0x36))
    printf -v outer '%s\\x%02x' "$outer" $((code ^ 0x5c))
  done
  digest=$({ printf '%b' "$inner" && cat; } | sha256sum) || return
  { printf '%b' "$outer" && _bytes "${digest%% *}"; } | sha256sum | cut -d ' ' -f 1
}

# random_hex BYTES
random_hex() { od -A n -N "$1" -t x1 /dev/urandom | tr -d ' \n'; }

_bytes() {
  local hex=$1 i text=''
  for ((i = 0; i < ${#hex}; i += 2)); do
    text+="\\x${hex:i:2}"
  done
  printf '%b' "$text"
}
