import type { Ulimit } from '../../protocol/container.ts'

const names: ReadonlySet<string> = new Set(
  'core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack'.split(' '),
)

/** Reads `"nofile=1024:2048"`; one number is both limits. @throws {Error} with Docker's words */
export function parseUlimit(text: string): Ulimit {
  const [, name = '', soft, hard] = /^([^=]+)=(-?\d+)(?::(-?\d+))?$/.exec(text) ?? []
  if (soft === undefined) throw new Error(`invalid ulimit argument: ${text}`)
  if (!names.has(name)) throw new Error(`invalid ulimit type: ${name}`)
  const limit = { Name: name, Soft: Number(soft), Hard: Number(hard ?? soft) }
  if (limit.Hard !== -1 && (limit.Soft === -1 || limit.Soft > limit.Hard)) {
    throw new Error(`ulimit soft limit must be less than or equal to hard limit: ${limit.Soft} > ${limit.Hard}`)
  }
  return limit
}
