import type { SystemFacts } from '../../engine/engine.ts'
import type { DoctorCheck, DoctorReport } from '../../protocol/system.ts'

/** What the engine knows of itself and of its host, as findings for `wharf doctor`. */
export function doctorView(facts: SystemFacts, host: readonly DoctorCheck[]): DoctorReport {
  const { kernelVersion, operatingSystem, architecture, cgroupVersion, components, warnings } = facts
  return {
    checks: [
      { name: 'kernel', status: 'ok', detail: `Linux ${kernelVersion} (${operatingSystem}, ${architecture})` },
      { name: 'cgroup', status: 'ok', detail: `version ${cgroupVersion}` },
      ...components.map(componentCheck),
      ...warnings.map((detail) => ({ name: 'host', status: 'warning', detail }) as const),
      ...host,
    ],
  }
}

function componentCheck({ name, version }: SystemFacts['components'][number]): DoctorCheck {
  return version === 'unknown'
    ? { name, status: 'missing', detail: 'does not run', remedy: `install ${name}` }
    : { name, status: 'ok', detail: version }
}
