/** What happened. @source Docker Engine API v1.51, SystemEvents */
export interface EventMessage {
  /** `"container"`, `"network"`, `"image"`, … */
  readonly Type: string
  readonly Action: string
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> }
  readonly scope: string
  /** Seconds since 1970. */
  readonly time: number
  /** Nanoseconds since 1970; too many digits for a JavaScript number, so that the last ones are rounded. */
  readonly timeNano: number
  /** The old names of `Action`, `Actor.ID` and the image, for containers and images. Gone from API 1.52. */
  readonly status?: string
  readonly id?: string
  readonly from?: string
}
