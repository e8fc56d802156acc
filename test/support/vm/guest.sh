# The guest's only service: mounts what a Debian machine has, runs the tests, and switches the machine off. What is not
# caught here is on the console, and the machine's end tells the host.
set -e
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs shm /dev/shm
mount -t tmpfs -o mode=755 run /run
mount -t tmpfs scratch /scratch
mount -t cgroup2 cgroup2 /sys/fs/cgroup # and no other hierarchy: a pure cgroup v2 host
for link in fd:/proc/self/fd stdin:/proc/self/fd/0 stdout:/proc/self/fd/1 stderr:/proc/self/fd/2; do
  ln -sf "${link#*:}" "/dev/${link%%:*}"
done
mkdir -p /usr/lib/modules
mount --bind /modules /usr/lib/modules
ip link set lo up
hostname wharf-guest
ulimit -n 65536

. /order.sh # PATH, NODE, TOP
export PATH TMPDIR=/scratch HOME=/root NODE_COMPILE_CACHE=/scratch/compiled WHARF_TEST_SLOWNESS=6
mkdir -p "$TOP"
mount -t tmpfs -o mode=755 checkout "$TOP"
tar -C "$TOP" -xf /checkout.tar
cp "$TOP/test/support/vm/load-stripped.ts" /run/load-stripped.mjs
export NODE_OPTIONS='--import /run/load-stripped.mjs'
cd "$TOP"
"$NODE" test/support/vm/guest-main.ts /order.json >/dev/console 2>&1 || echo "the guest's tests could not be run" >/dev/console
echo o >/proc/sysrq-trigger
sleep 30
