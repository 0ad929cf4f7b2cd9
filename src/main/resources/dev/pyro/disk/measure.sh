# Says what a tree holds. Usage: sh -c THIS sh TREE, as the owner of all its files.
# Prints lines of the form key=value: bytes, entries, digest, and whole=yes when the digest is of all of it.
set -eu
cd "$1"
echo "bytes=$(du -s -x -B 1 . | cut -f 1)"
echo "entries=$(find . -xdev -printf . | wc -c)"
# A pipe hides that tar failed; the cut archive then must not pass for a digest.
exec 3>&1
{
    tar --create --file=- --sort=name --format=posix --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime \
        --numeric-owner --xattrs --xattrs-include='*' --one-file-system . && echo whole=yes >&3
} | sha256sum | sed 's/^\([0-9a-f]*\) .*/digest=sha256:\1/'
