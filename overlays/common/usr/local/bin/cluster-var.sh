#!/bin/bash
#
# cluster-var.sh: updates a mounted /var from the image: adds directories that exist only in the image, and overwrites nothing.
# The package database always comes from the image, like the packages.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

readonly IMAGE=$RUN_DIR/image-root # the image's root without the mount on /var

add_missing_directories() {
  local from=$1 to=$2 directory
  find "$from" -mindepth 1 -type d -path "$from/lib/dpkg" -prune -o -mindepth 1 -type d -printf '%P\n' |
    while IFS= read -r directory; do
      if [[ ! -e $to/$directory ]]; then
        add_directory "$from/$directory" "$to/$directory"
      fi
    done
}

# Copied completely under another name first, because an existing directory is never checked again.
add_directory() {
  local new=${2%/*}/.coldstart-new
  rm -rf "$new"
  cp -a --no-target-directory "$1" "$new"
  sync -f "$new"
  mv -T "$new" "$2"
}

guard var
load_node
mkdir -p "$IMAGE"
mount --bind / "$IMAGE"
mount --make-private "$IMAGE"
add_missing_directories "$IMAGE/var" /var
mkdir -p /var/lib/dpkg
mount --bind "$IMAGE/var/lib/dpkg" /var/lib/dpkg
umount "$IMAGE"
