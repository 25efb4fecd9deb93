#!/bin/sh
# mmdebstrap runs this when every package is in. It takes out what must not be shared between machines or differs from
# build to build, keeps Debian's services from starting by themselves, and gathers in /boot-kit what the image needs
# outside of the root file system. $1 is the root of the new system.
set -eu
root=$1
here=$(dirname "$0")
kit=$root/boot-kit

in_root() { env LC_ALL=C.UTF-8 chroot "$root" "$@"; }

# The initial RAM disk, once, with everything in place (INITRD=No kept the kernel's package from making one).
in_root update-initramfs -c -k all

# Identity and secrets belong to nodes; the host's name and resolver were copied in by mmdebstrap.
rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/hostname" "$root/etc/resolv.conf" "$root/var/lib/dbus/machine-id" \
  "$root/var/lib/systemd/random-seed" "$root/etc/chrony/chrony.keys"
: >"$root/etc/machine-id"

# Packages make up more of them as they are installed: names of NVMe hosts and iSCSI initiators, keys, host ids. A file of /etc that
# no package holds, with a UUID, a qualified name, a digest or a private key in it, is one; so are these, which have other forms.
made_up='PRIVATE KEY-----|[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32}|(iqn|nqn)\.[0-9]{4}-[0-9]{2}\.'
rm -f "$root/etc/hostid" "$root/etc/bind/rndc.key" "$root/etc/munge/munge.key" "$root/etc/corosync/authkey" \
  "$root/var/lib/systemd/credential.secret"
# A list that could not be made whole ends the script: sh knows no pipefail, so each step writes a file.
in_root sh -c 'cat /var/lib/dpkg/info/*.list' >"$root/boot-kit-list"
in_root find /etc -xdev -type f ! -path '/etc/initramfs-tools/*' >"$root/boot-kit-found"
sort -u "$root/boot-kit-list" >"$root/boot-kit-owned"
sort -o "$root/boot-kit-found" "$root/boot-kit-found"
comm -13 "$root/boot-kit-owned" "$root/boot-kit-found" >"$root/boot-kit-unowned"
while IFS= read -r file; do
  if grep -qE "$made_up" "$root$file"; then
    echo "not kept, as a package made it up: $file" >&2
    rm "$root$file"
  fi
done <"$root/boot-kit-unowned"
rm "$root"/boot-kit-*

# The base layer is the same for every role: what runs is said by the node layer.
for unit in containerd etcd haproxy keepalived nftables ceph ceph-mon ceph-mgr ceph-osd ceph-mds ceph-volume; do
  find "$root/etc/systemd/system" \( -name "$unit.service" -o -name "$unit.target" -o -name "$unit@*.service" \) \
    -path '*.wants/*' -delete
done

# ldconfig, hwdb and the journal's catalogue are up to date: without these stamps systemd would make them anew at every boot,
# as the root file system forgets (systemd-update-done.service(8)).
touch "$root/etc/.updated" "$root/var/.updated"

# dpkg's database describes the image, so it lives with the image and not on the state disk that is mounted on /var.
mv "$root/var/lib/dpkg" "$root/usr/lib/dpkg-database"
ln -s ../../usr/lib/dpkg-database "$root/var/lib/dpkg"

# Logs and caches carry times of the build.
find "$root/var/log" -type f -delete
rm -rf "$root"/var/cache/debconf/*-old "$root/var/cache/ldconfig" "$root"/usr/lib/dpkg-database/*-old

mkdir -p "$kit"
cp "$root"/boot/vmlinuz-* "$kit/vmlinuz"
cp "$root"/boot/initrd.img-* "$kit/initrd.img"
rm -f "$root"/boot/vmlinuz* "$root"/boot/initrd.img* "$root"/vmlinuz* "$root"/initrd.img*
cp "$root/usr/lib/shim/shimx64.efi.signed" "$kit/shimx64.efi"
cp "$root/usr/lib/shim/mmx64.efi.signed" "$kit/mmx64.efi"
cp "$root/usr/lib/grub/x86_64-efi-signed/gcdx64.efi.signed" "$kit/grubx64.efi"
cp "$root/usr/lib/grub/i386-pc/boot_hybrid.img" "$kit/boot_hybrid.img"
cp "$here/early.cfg" "$kit/early.cfg"
# A medium starts the installed system of its node, so it reads what that has on its disk.
modules='biosdisk part_msdos part_gpt fat ext2 search search_fs_file normal loadenv linux configfile chain test echo serial terminal
  sleep reboot halt cat ls regexp all_video gfxterm minicmd'
# shellcheck disable=SC2086 # a list of words
in_root grub-mkimage --format=i386-pc-eltorito --prefix=/boot/grub --config=/boot-kit/early.cfg --output=/boot-kit/bios.img \
  iso9660 $modules
rm "$kit/early.cfg"
# For the state disk of an installed node: GRUB's files are on its second partition (templates/etc/repart.d).
mkdir -p "$root/usr/lib/coldstart"
# shellcheck disable=SC2086
in_root grub-mkimage --format=i386-pc --prefix='(,gpt2)/boot/grub' --output=/usr/lib/coldstart/disk-core.img \
  $modules

# shellcheck disable=SC2016 # dpkg-query expands these, not the shell
in_root dpkg-query --show --showformat='${Package}\t${Version}\t${Architecture}\n' >"$kit/packages.tsv"
in_root find / -xdev -type d \( -path /boot-kit -o -path /proc -o -path /sys -o -path /dev \) -prune -o \
  -type d -printf '%m\t%U\t%G\t%P\n' | LC_ALL=C sort -t '	' -k 4 >"$kit/directories.tsv"
