/** What happened, as Docker's clients read it. @source Docker Engine API v1.51, EventMessage */
export interface EngineEvent {
  readonly Type: 'container' | 'network' | 'image' | 'volume' | 'daemon' | 'builder'
  readonly Action: string
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> }
  readonly scope: 'local'
  /** Seconds since 1970. */
  readonly time: number
  readonly timeNano: number
}
