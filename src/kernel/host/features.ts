import { release } from 'node:os'
import { EngineError, KernelError } from '../../base/errors.ts'
import { type CgroupMode, cgroupMode } from '../cgroups/cgroups.ts'
import { openProbeSite, type Probe } from './feature-probes.ts'
import { type FeatureName, type FeatureSpec, features } from './feature-table.ts'

/** Whether this kernel has one thing. */
export interface Feature {
  readonly name: FeatureName
  /** `"overlay networks"` */
  readonly purpose: string
  readonly supported: boolean
  /** `"modprobe vxlan, or a kernel with CONFIG_VXLAN"` */
  readonly howToEnable: string
  /** What the kernel said against it. */
  readonly reason: string | undefined
}

/** What this machine has. Each thing is tried when it is first asked for, in a throw-away namespace. */
export class KernelFeatures {
  readonly #known = new Map<FeatureName, Feature>()

  /** `"6.18.1-cloud-amd64"` */
  readonly kernelVersion: string = release()

  /** How control groups are mounted; see `cgroups/cgroups.ts`. */
  get cgroupMode(): CgroupMode {
    return cgroupMode()
  }

  /** One thing. */
  find(name: FeatureName): Feature {
    const known = this.#known.get(name) ?? tried(name)
    this.#known.set(name, known)
    return known
  }

  /** All there is to know, in the order of the table. */
  list(): readonly Feature[] {
    return Object.keys(features).map((name) => this.find(name as FeatureName)) // a key of the very table
  }

  /** @throws {EngineError} `not-implemented` when the kernel lacks it, with what to do */
  require(name: FeatureName): void {
    const { supported, purpose, howToEnable, reason } = this.find(name)
    if (supported) return
    const why = `this kernel has no ${name} (${reason}); it takes ${howToEnable}`
    throw new EngineError('not-implemented', `Cannot provide ${purpose}: ${why}`)
  }
}

function tried(name: FeatureName): Feature {
  const { purpose, option, module, probe }: FeatureSpec = features[name]
  const kernel = `a kernel with ${option}`
  const howToEnable = module === undefined ? kernel : `"modprobe ${module}", or ${kernel}`
  const reason = refusalOf(probe)
  return { name, purpose, supported: reason === undefined, howToEnable, reason }
}

function refusalOf(probe: Probe): string | undefined {
  try {
    using site = openProbeSite()
    probe(site)
    return undefined
  } catch (error) {
    const said = error instanceof KernelError ? (error.detail ?? error.errno) : String(error)
    return said.split('\n')[0]
  }
}
