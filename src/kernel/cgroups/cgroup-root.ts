/** Where the control groups of this machine are: the one hierarchy of version 2, or a directory for each of version 1. */
export const cgroupRoot = '/sys/fs/cgroup'
