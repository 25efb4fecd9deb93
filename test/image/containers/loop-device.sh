# shellcheck shell=bash
#
# loop-device.sh: a disk image as a block device, for the scripts of this folder.

# detach_loop DEVICE: a file system that was in use a moment ago keeps its partition, and the partition the loop device.
detach_loop() {
  local device=$1 _
  for _ in {1..50}; do
    partx --delete "$device" 2>/dev/null || true
    if ! compgen -G "/sys/class/block/${device##*/}/${device##*/}p*" >/dev/null; then
      break
    fi
    sleep 0.1
  done
  losetup --detach "$device"
}
