#!/bin/sh
# Runs before anything is installed: mmdebstrap calls it with the new root as $1, inside its own mount namespace.
# PYRO_PACKAGES is the folder of downloaded packages, which outlives this build.
set -eu
umask 022
root=$1

# A merged /usr from the start; so that the package that converts an old layout, and all of Perl with it, is not needed.
for folder in bin sbin lib lib64; do
    mkdir -p "$root/usr/$folder"
    ln -sfn "usr/$folder" "$root/$folder"
done
mkdir -p "$root/etc/apt/preferences.d"
printf 'Package: usrmerge\nPin: release *\nPin-Priority: -1\n' >"$root/etc/apt/preferences.d/pyro-build"

# What a killed build has downloaded is there for the next one. The mount goes with the namespace.
mkdir -p "$root/var/cache/apt/archives"
mount --bind "$PYRO_PACKAGES" "$root/var/cache/apt/archives"
