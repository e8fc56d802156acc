/** What the hosts of an encrypted network share, as etcd has it. */
export interface SharedSecrets {
  readonly networkId: string
  /** Those that are accepted, the older first: one, or two while the hosts go over from one to the next. */
  readonly generations: readonly SecretGeneration[]
  /** Number of the one that packets leave with. */
  readonly sending: number
}

/** One generation of a network's secret. */
export interface SecretGeneration {
  /** Counts upwards: 1, 2, … */
  readonly number: number
  /** 64 lower-case hex digits, at random. */
  readonly secret: string
}

/** What a host has told of its kernel: the highest number that it accepts, and the one that it sends with. */
export interface HeldSecrets {
  readonly networkId: string
  readonly nodeId: string
  readonly accepts: number
  readonly sends: number
}

/** Version of the values' shape, as of all records of the cluster. */
const version = 1

/** @returns undefined for what is not the secrets of a network */
export function parseSecrets(text: string): SharedSecrets | undefined {
  const value = parsed(text)
  const { networkId, generations, sending } = value
  if (!isId(networkId) || !Array.isArray(generations) || generations.length < 1 || generations.length > 2)
    return undefined
  if (!generations.every((one) => isNumber(one?.number) && isId(one.secret))) return undefined
  if (!generations.some((one) => one.number === sending)) return undefined
  const kept = generations.map(({ number, secret }): SecretGeneration => ({ number, secret }))
  return { networkId, generations: kept, sending: sending as number }
}

/** @returns undefined for what is not a host's word on what it has */
export function parseHeld(text: string): HeldSecrets | undefined {
  const { networkId, nodeId, accepts, sends } = parsed(text)
  if (!isId(networkId) || !isId(nodeId) || !isNumber(accepts) || !isNumber(sends)) return undefined
  return { networkId, nodeId, accepts, sends }
}

/** A value for etcd; equal records are equal texts. */
export function formatSecrets({ networkId, generations, sending }: SharedSecrets): string {
  const kept = generations.map(({ number, secret }) => ({ number, secret }))
  return JSON.stringify({ version, networkId, generations: kept, sending })
}

/** A value for etcd; equal records are equal texts. */
export function formatHeld({ networkId, nodeId, accepts, sends }: HeldSecrets): string {
  return JSON.stringify({ version, networkId, nodeId, accepts, sends })
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    const isOurs = typeof value === 'object' && value !== null && (value as { version?: unknown }).version === version
    return isOurs ? (value as Readonly<Record<string, unknown>>) : {}
  } catch {
    return {} // somebody else's
  }
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
}

function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0
}
