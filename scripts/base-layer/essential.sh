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

# live-boot takes only a medium whose /.disk/live-uuid-* holds what /conf/uuid.conf in the initial RAM disk says
# (live-boot(7), scripts/9990-misc-helpers.sh), so that another live system in the machine is never mounted by mistake.
cat >"$root/etc/initramfs-tools/hooks/coldstart" <<EOF
#!/bin/sh
[ "\${1:-}" = prereqs ] && exit 0
mkdir -p "\$DESTDIR/conf"
echo "$COLDSTART_BASE_ID" >"\$DESTDIR/conf/uuid.conf"
EOF
chmod 0755 "$root/etc/initramfs-tools/hooks/coldstart"
