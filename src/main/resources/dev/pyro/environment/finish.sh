#!/bin/sh
# Makes a root file system the same wherever and whenever the same packages are installed.
# Usage: finish.sh ROOT MARKER NAME VERSION. MARKER is a file that is older than the build.
# Prints epoch=SECONDS.
set -eu
umask 022
# What starts us may search the users' programs only, and chroot is an administrator's.
PATH=$PATH:/usr/sbin:/sbin
root=$1
marker=$2
name=$3
version=$4

# Inside the root, so that no link in it leads out.
chroot "$root" /bin/sh -eu -s "$name" "$version" <<'INSIDE'
rm -rf /etc/apt/preferences.d/pyro-build /var/cache/apt/*.bin /var/cache/debconf/*-old /var/lib/apt/lists/lock
rm -f /etc/passwd- /etc/group- /etc/shadow- /etc/gshadow- /var/lib/dpkg/*-old /var/log/bootstrap.log
# apt leaves this to root when its own user could not reach the folder of the build.
mkdir -p -m 0700 /var/lib/apt/lists/partial
chown _apt:root /var/lib/apt/lists/partial
# The guest's kernel fills /dev.
find /dev -mindepth 1 -delete
sed -i -E 's/^([^:]*:[^:]*:)[0-9]+:/\119000:/' /etc/shadow
rm -f /etc/hostname /etc/hosts /etc/resolv.conf /etc/machine-id
echo pyro >/etc/hostname
printf '127.0.0.1 localhost\n127.0.1.1 pyro\n::1 localhost ip6-localhost ip6-loopback\n' >/etc/hosts
echo '# Filled when the machine has a network.' >/etc/resolv.conf
: >/etc/machine-id
printf 'NAME=%s\nVERSION=%s\n' "$1" "$2" >/etc/pyro-environment
chmod 0644 /etc/hostname /etc/hosts /etc/resolv.conf /etc/machine-id /etc/pyro-environment
mkdir -p -m 0755 /workspace
# Every command starts with these. Each program that they call costs an emulated guest as much time as the shell itself.
sed -i 's|\[ "$(id -u)" -eq 0 \]|[ -O / ]|' /etc/profile
[ ! -e /root/.profile ] || sed -i 's/^mesg n /[ ! -t 0 ] || &/' /root/.profile
# Some packages link manual pages on installation and want the folders, though the pages are left out.
for section in 1 2 3 4 5 6 7 8; do
    mkdir -p -m 0755 "/usr/share/man/man$section"
done
INSIDE

cd "$root"
# What the build itself has written gets the time of the newest file that came out of a package.
epoch=$(find . -xdev ! -newer "$marker" ! -type d -printf '%T@\n' | cut -d . -f 1 | sort -n | tail -n 1)
find . -xdev -newer "$marker" -exec touch -h -d "@$epoch" {} +
echo "epoch=$epoch"
