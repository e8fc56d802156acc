# Shows the guest what of this machine it needs: programs and libraries, the kernel's modules, and a packed copy of
# this checkout. Nothing can be written, and nobody else sees the mounts: they end with this process.
# usage: unshare --mount --propagation private sh share.sh DIRECTORY VIRTIOFSD PATH...
#
# DIRECTORY holds what is the guest's own (share.sock, order.sh, order.json, guest.sh, modules, checkout.tar); each PATH is shown where
# it is here.
set -eu

directory=$1
virtiofsd=$2
shift 2
view=$directory/view

mkdir "$view"
mount -t tmpfs -o mode=755 view "$view"
cd "$view"
mkdir usr etc proc sys dev run var root tmp scratch modules
for link in bin sbin lib lib64; do ln -s "usr/$link" "$link"; done

show() {
  mkdir -p "$2"
  mount --bind "$1" "$2"
  mount -o remount,bind,ro "$2"
}
show /usr usr
show "$(cat "$directory/modules")" modules
for path in "$@"; do show "$path" ".$path"; done

cp "$directory/order.sh" "$directory/order.json" "$directory/guest.sh" "$directory/checkout.tar" .
for file in ld.so.cache ld.so.conf passwd group nsswitch.conf protocols services alternatives containers iproute2 ssl; do
  [ ! -e "/etc/$file" ] || cp -a "/etc/$file" etc/
done
echo '127.0.0.1 localhost wharf-guest' >etc/hosts
: >etc/resolv.conf

exec "$virtiofsd" --socket-path="$directory/share.sock" -o source="$view" -o cache=always,sandbox=chroot,log_level=err \
  --rlimit-nofile=0
