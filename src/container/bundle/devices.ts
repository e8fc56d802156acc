import type { OciDevice, OciDeviceRule } from './oci.ts'

/** A device node of the host. */
export interface HostDevice {
  readonly path: string
  readonly type: 'c' | 'b'
  readonly major: number
  readonly minor: number
  /** Permission bits. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

/** A device that a container gets, with what it may do with it: of `r`, `w`, `m`. */
export interface GrantedDevice {
  readonly device: HostDevice
  readonly pathInContainer: string
  readonly access: string
}

/** The nodes to make, and the rules that let them be used. */
export interface DevicePlan {
  readonly devices: readonly OciDevice[]
  readonly rules: readonly OciDeviceRule[]
}

/** Translates granted devices. */
export function planDevices(granted: readonly GrantedDevice[]): DevicePlan {
  return {
    devices: granted.map(({ device, pathInContainer }) => ({
      path: pathInContainer,
      type: device.type,
      major: device.major,
      minor: device.minor,
      fileMode: device.mode,
      uid: device.uid,
      gid: device.gid,
    })),
    rules: granted.map(({ device, access }) => ({
      allow: true,
      type: device.type,
      major: device.major,
      minor: device.minor,
      access,
    })),
  }
}
