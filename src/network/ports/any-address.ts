/** Every address of the host, of either family. */
export const anyAddress = { ipv4: '0.0.0.0', ipv6: '::' } as const
