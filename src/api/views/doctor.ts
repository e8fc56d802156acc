import type { SystemFacts } from '../../engine/engine.ts'
import type { DoctorReport } from '../../protocol/system.ts'

/** What the engine knows of its host, as findings for `wharf doctor`. */
export function doctorView(facts: SystemFacts): DoctorReport {
  const { kernelVersion, operatingSystem, architecture, cgroupVersion, components, warnings } = facts
  return {
    checks: [
      { name: 'kernel', status: 'ok', detail: `Linux ${kernelVersion} (${operatingSystem}, ${architecture})` },
      { name: 'cgroup', status: 'ok', detail: `version ${cgroupVersion}` },
      ...components.map(({ name, version }) =>
        version === 'unknown'
          ? ({ name, status: 'missing', detail: 'does not run', remedy: `install ${name}` } as const)
          : ({ name, status: 'ok', detail: version } as const),
      ),
      ...warnings.map((detail) => ({ name: 'host', status: 'warning', detail }) as const),
    ],
  }
}
