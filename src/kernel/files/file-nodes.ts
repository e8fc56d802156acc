import { check, libcFunction } from '../libc.ts'
import { pathBytes } from './byte-paths.ts'

const mknod = libcFunction('int mknod(const uint8_t *path, uint32_t mode, uint64_t dev)')

/** The kinds of files that only mknod(2) makes. */
export const nodeTypes = { fifo: 0o010000, character: 0o020000, block: 0o060000 } as const

/** A device by its two numbers. */
export interface DeviceNumber {
  readonly major: number
  readonly minor: number
}

/**
 * Makes a FIFO or a device.
 *
 * @param mode  permission bits; the process's umask takes from them
 * @throws {KernelError} `EEXIST`; `EPERM` where devices are not for us to make
 * @source mknod(2)
 */
export function makeNode(path: Buffer, type: keyof typeof nodeTypes, mode: number, device: DeviceNumber): void {
  check(`make "${path}"`, mknod(pathBytes(path), nodeTypes[type] | mode, joinDevice(device)))
}

/** One number of two, as `stat` has it. @source makedev(3) */
export function joinDevice({ major, minor }: DeviceNumber): bigint {
  const [high, low] = [BigInt(major), BigInt(minor)]
  return ((high & ~0xfffn) << 32n) | ((high & 0xfffn) << 8n) | ((low & ~0xffn) << 12n) | (low & 0xffn)
}

/** The two numbers of `rdev`. @source makedev(3) */
export function splitDevice(rdev: bigint): DeviceNumber {
  return {
    major: Number(((rdev >> 32n) & ~0xfffn) | ((rdev >> 8n) & 0xfffn)),
    minor: Number(((rdev >> 12n) & ~0xffn) | (rdev & 0xffn)),
  }
}
