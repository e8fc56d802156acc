import { anything, fields, type Schema, text } from './schema.ts'

/** The body of `POST /wharf/cni`: one call of `wharf-cni` by another engine, as the CNI specification has it. */
export interface CniCall {
  readonly Command: string
  /** `CNI_CONTAINERID`, `CNI_NETNS`, `CNI_IFNAME`, `CNI_ARGS`: as far as they were given. */
  readonly ContainerID?: string
  readonly NetNS?: string
  readonly IfName?: string
  readonly Args?: string
  /** What came on the standard input. */
  readonly Config?: Readonly<Record<string, unknown>>
}

/** Checks `CniCall`. */
export const cniSchema: Schema = fields({
  Command: text,
  ContainerID: text,
  NetNS: text,
  IfName: text,
  Args: text,
  Config: anything,
})

/** Versions of the CNI specification that `wharf-cni` speaks. */
export const cniVersions = ['0.3.1', '0.4.0', '1.0.0', '1.1.0'] as const

/** The answer to ADD. @source CNI SPEC.md 1.1, section 5 */
export interface CniResult {
  readonly cniVersion: string
  readonly interfaces: readonly { readonly name: string; readonly mac?: string; readonly sandbox?: string }[]
  readonly ips: readonly {
    /** Until 0.4.0: `"4"` or `"6"`. */
    readonly version?: string
    readonly address: string
    readonly gateway?: string
    readonly interface?: number
  }[]
  readonly routes: readonly { readonly dst: string; readonly gw?: string }[]
  readonly dns: {
    readonly nameservers?: readonly string[]
    readonly search?: readonly string[]
    readonly options?: readonly string[]
  }
}
