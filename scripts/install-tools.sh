#!/bin/bash
#
# install-tools.sh [build|test]: installs the Debian packages for a build (build, the default), or for a build and the
# tests (test). Installs only missing packages, with sudo unless it runs as root; for Debian and Ubuntu.

set -euo pipefail
shopt -s inherit_errexit

# package, then its purpose
readonly BUILD='
mmdebstrap              builds the Debian root file system of the base layer
debian-archive-keyring  verifies Debian packages where the machine itself is no Debian
gpg                     lets mmdebstrap find the keys that it verifies with
uidmap                  lets mmdebstrap work for users other than root
squashfs-tools          packs layers and opens them again
xorriso                 assembles ISOs and opens them again
mtools                  fills the EFI system partition without mounting it
dosfstools              makes the file system of the EFI system partition
'
readonly TEST='
shellcheck              checks every shell script
shfmt                   reads the scripts of the node, so that none of them passes a failure over
qemu-system-x86         boots the images
qemu-utils              makes the disks of virtual machines
qemu-block-extra        lets virtual machines read an ISO over HTTP
ipxe-qemu               lets virtual machines boot from the network
ovmf                    UEFI firmware of virtual machines, with Secure Boot
systemd-container       boots rendered trees in containers
e2fsprogs               file systems that the scripts for disks are to find
fdisk                   partition tables that the scripts for disks are to find
iproute2                network cards for containers
age                     opens encrypted stores, as people would by hand
jq                      the first-boot scripts read JSON with it
openssl                 reads certificates
patch                   applies what coldstart diff prints
util-linux              namespaces for containers
zsh                     completes commands, as in the shells of users
fish                    the same
mandoc                  checks the manual pages
chromium                opens the report as a reader would
zbar-tools              reads QR codes, as a telephone would
'

main() {
  local wanted missing=() package reason
  case ${1:-build} in
    build) wanted=$BUILD ;;
    test) wanted=$BUILD$TEST ;;
    *)
      printf 'usage: install-tools.sh [build|test]\n' >&2
      exit 2
      ;;
  esac
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    printf 'install-tools.sh: this is no Debian or Ubuntu. Install by hand, under the names of your system:\n%s' "$wanted" >&2
    exit 4
  fi
  while read -r package reason; do
    if [[ -n $package ]] && ! is_installed "$package"; then
      printf 'missing: %-23s %s\n' "$package" "$reason"
      missing+=("$package")
    fi
  done <<<"$wanted"
  if ((${#missing[@]} == 0)); then
    return
  fi
  printf 'installing them takes a moment\n'
  as_root apt-get update --quiet=2
  as_root apt-get install --yes --no-install-recommends --quiet=2 "${missing[@]}" >/dev/null
}

is_installed() {
  [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

as_root() {
  local -x DEBIAN_FRONTEND=noninteractive
  if ((EUID == 0)); then
    "$@" </dev/null
  elif command -v sudo >/dev/null; then
    sudo --preserve-env=DEBIAN_FRONTEND "$@"
  else
    printf 'install-tools.sh: run this as root, as there is no sudo: %s\n' "$*" >&2
    exit 4
  fi
}

main "$@"
