#!/bin/bash
#
# machine.sh FOLDER COMMAND...: runs a command on an installed node, as root. The node is an overlay of its real layers, with RAUC
# as a service on a bus of its own; its slots, /var and EFI system partition are files and folders of FOLDER and stay. Everything
# else, and all processes, end with the command.

set -euo pipefail
shopt -s inherit_errexit

if [[ ${MACHINE_INSIDE:-} != yes ]]; then
  export MACHINE_INSIDE=yes
  exec unshare --mount --pid --fork --kill-child --propagation private -- "$0" "$@"
fi

folder=$1
shift
root=$folder/root
mkdir -p "$folder"/{scratch,root,esp/boot/grub,offered}
mount -t tmpfs tmpfs "$folder/scratch"
mkdir "$folder"/scratch/{base,node,upper,work}
mount -o loop,ro "$folder/base.squashfs" "$folder/scratch/base"
mount -o loop,ro "$folder/node.squashfs" "$folder/scratch/node"
mount -t overlay overlay "$root" \
  -o "lowerdir=$folder/scratch/node:$folder/scratch/base,upperdir=$folder/scratch/upper,workdir=$folder/scratch/work"
if [[ -e $folder/system.conf ]]; then
  cp "$folder/system.conf" "$root/etc/rauc/system.conf"
fi
# Without device mapper, RAUC installs the twin of a bundle: see machine.ts.
if [[ -d $folder/offered/twins ]]; then
  cat >"$root/usr/local/bin/rauc" <<'END'
#!/bin/bash
if [[ $1 == install ]]; then
  digest=$(sha256sum <"${!#}")
  cp "/offered/twins/${digest%% *}" /var/lib/cluster-update/twin.raucb
  set -- "${@:1:$#-1}" /var/lib/cluster-update/twin.raucb
fi
exec /usr/bin/rauc "$@"
END
  chmod +x "$root/usr/local/bin/rauc"
fi
mount -t proc proc "$root/proc"
mount --bind "$folder/cmdline" "$root/proc/cmdline"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs tmpfs "$root/dev"
mknod "$root/dev/null" c 1 3
mknod "$root/dev/zero" c 1 5
mknod "$root/dev/urandom" c 1 9
mknod "$root/dev/loop-control" c 10 237
if [[ -e /dev/mapper/control ]]; then
  mkdir "$root/dev/mapper"
  cp -a /dev/mapper/control "$root/dev/mapper/"
fi
chmod 0666 "$root"/dev/*
for number in {0..127}; do
  mknod "$root/dev/loop$number" b 7 "$number"
done
mkdir -p "$root/dev/disk/by-partlabel" "$root/slots" "$root/offered"
mount --bind "$folder" "$root/slots"
mount --bind "$folder/offered" "$root/offered"
while read -r label; do
  name=${label#slot-}
  ln -s "/slots/${name%%-*}.img" "$root/dev/disk/by-partlabel/$label"
done < <(sed -n 's,^device=/dev/disk/by-partlabel/,,p' "$root/etc/rauc/system.conf")
# A file system of its own, as on a node: RAUC asks on which device a bundle is.
mount -o loop "$folder/var.img" "$root/var"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
mkdir -p "$root/run/cluster/esp" "$root/run/live/medium" "$root/run/dbus" "$root/run/rauc/mnt"
mount --bind "$folder/esp" "$root/run/cluster/esp"
mount -o loop,ro "$folder/a.img" "$root/run/live/medium"

chroot "$root" dbus-daemon --system --nopidfile --nofork >"$folder/dbus.log" 2>&1 &
for ((try = 0; try < 100; try++)); do
  [[ -S $root/run/dbus/system_bus_socket ]] && break
  sleep 0.05
done
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  chroot "$root" rauc --mount=/run/rauc/mnt service >"$folder/rauc.log" 2>&1 &
for ((try = 0; try < 100; try++)); do
  chroot "$root" busctl --system call de.pengutronix.rauc / org.freedesktop.DBus.Peer Ping >/dev/null 2>&1 && break
  sleep 0.05
done
status=0
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin chroot "$root" "$@" || status=$?
exit "$status"
