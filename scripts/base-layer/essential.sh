#!/bin/sh
# mmdebstrap runs this once the essential packages are in, before the kernel is: it settles how the initial RAM disk is
# made. $1 is the root of the new system; COLDSTART_BASE_ID names the base layer.
set -eu
root=$1

install -d "$root/etc/initramfs-tools/conf.d" "$root/etc/initramfs-tools/hooks"
cat >"$root/etc/initramfs-tools/conf.d/coldstart" <<'EOF'
MODULES=most
COMPRESS=zstd
COMPRESSLEVEL=6
EOF

# The part of live-boot that finds the medium with the chosen image, and the id of the base layer for boots that name no image.
install -D -m 0644 "$(dirname "$0")/medium.sh" "$root/usr/lib/live/boot/9991-coldstart-medium.sh"
# What ends the try of an update that hangs before systemd runs, and the drivers of watchdogs.
for stage in init-top init-bottom; do
  install -D -m 0755 "$(dirname "$0")/try.sh" "$root/etc/initramfs-tools/scripts/$stage/coldstart-try"
done
cat >"$root/etc/initramfs-tools/hooks/coldstart" <<EOF
#!/bin/sh
[ "\${1:-}" = prereqs ] && exit 0
. /usr/share/initramfs-tools/hook-functions
copy_modules_dir kernel/drivers/watchdog
mkdir -p "\$DESTDIR/conf"
echo "$COLDSTART_BASE_ID" >"\$DESTDIR/conf/uuid.conf"
EOF
chmod 0755 "$root/etc/initramfs-tools/hooks/coldstart"
