/** One part of the engine and its version. */
export interface ComponentVersion {
  readonly Name: string
  readonly Version: string
  readonly Details: Readonly<Record<string, string>>
}

/** The answer of `GET /version`. @source Docker Engine API v1.51, SystemVersion */
export interface VersionInfo {
  readonly Platform: { readonly Name: string }
  readonly Components: readonly ComponentVersion[]
  readonly Version: string
  readonly ApiVersion: string
  readonly MinAPIVersion: string
  readonly GitCommit: string
  /** What the engine runs on; Docker's clients print it as "Go version". */
  readonly GoVersion: string
  readonly Os: string
  readonly Arch: string
  readonly KernelVersion: string
  readonly BuildTime: string
}

/** One finding of `wharf doctor`. */
export interface DoctorCheck {
  /** What was looked at: `"cgroup"`, `"crun"`. */
  readonly name: string
  readonly status: 'ok' | 'warning' | 'missing'
  /** What was seen. */
  readonly detail: string
  /** What to do about it. */
  readonly remedy?: string
}

/** The answer of `GET /wharf/doctor`. */
export interface DoctorReport {
  readonly checks: readonly DoctorCheck[]
}
