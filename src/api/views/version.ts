import type { SystemFacts } from '../../engine/engine.ts'
import type { VersionInfo } from '../../protocol/system.ts'
import { apiVersion, minApiVersion } from '../versions.ts'

/** The answer of `/version`. @param runtime what the engine runs on: `"node v26.10.0"` */
export function versionView(facts: SystemFacts, runtime: string): VersionInfo {
  const arch = goArchitecture(facts.architecture)
  const common = {
    ApiVersion: apiVersion,
    MinAPIVersion: minApiVersion,
    GitCommit: facts.gitCommit,
    GoVersion: runtime,
    Os: 'linux',
    Arch: arch,
    KernelVersion: facts.kernelVersion,
    BuildTime: facts.buildTime,
  }
  return {
    Platform: { Name: 'Wharf Engine' },
    Components: [
      { Name: 'Engine', Version: facts.engineVersion, Details: { ...common, Experimental: 'false' } },
      ...facts.components.map(({ name, version }) => ({ Name: name, Version: version, Details: { GitCommit: '' } })),
    ],
    Version: facts.engineVersion,
    ...common,
  }
}

const goNames: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  aarch64: 'arm64',
  armv7l: 'arm',
  i686: '386',
}

/** The name that image platforms use for what the kernel calls `x86_64`. */
function goArchitecture(machine: string): string {
  return goNames[machine] ?? machine
}
