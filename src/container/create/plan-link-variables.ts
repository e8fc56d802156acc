/** A container that another one names by `--link`. */
export interface LinkedContainer {
  readonly alias: string
  readonly address: string
  /** `"80/tcp"`, `"8000-8002/udp"` */
  readonly exposed: readonly string[]
  readonly env: readonly string[]
}

interface ExposedPort {
  readonly port: number
  readonly protocol: string
}

/** Of every image, and no news to anybody. */
const keptToItself: ReadonlySet<string> = new Set(['HOME', 'PATH'])

/** The variables of one link. Pure. @param linker name of the container that links */
export function planLinkVariables(linker: string, { alias, address, exposed, env }: LinkedContainer): string[] {
  const prefix = alias.toUpperCase().replaceAll('-', '_')
  const ports = exposed.flatMap(expand).sort(byProtocol)
  const [first] = ports
  return [
    ...(first === undefined ? [] : [`${prefix}_PORT=${first.protocol}://${address}:${first.port}`]),
    ...ports.flatMap(({ port, protocol }) => {
      const name = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`
      const url = `${protocol}://${address}:${port}`
      return [`${name}=${url}`, `${name}_ADDR=${address}`, `${name}_PORT=${port}`, `${name}_PROTO=${protocol}`]
    }),
    ...runsOf(ports).flatMap(({ protocol, from, to }) => {
      const name = `${prefix}_PORT_${from}_${protocol.toUpperCase()}`
      const urls = [`${name}_START=${protocol}://${address}:${from}`, `${name}_END=${protocol}://${address}:${to}`]
      return [...urls, `${name}_PORT_START=${from}`, `${name}_PORT_END=${to}`]
    }),
    `${prefix}_NAME=/${linker}/${alias}`,
    ...env
      .filter((variable) => variable.includes('=') && !keptToItself.has(variable.split('=')[0]!))
      .map((variable) => `${prefix}_ENV_${variable}`),
  ]
}

/** TCP first, then by protocol and number. */
function byProtocol(a: ExposedPort, b: ExposedPort): number {
  if (a.protocol === b.protocol) return a.port - b.port
  if (a.protocol === 'tcp' || b.protocol === 'tcp') return a.protocol === 'tcp' ? -1 : 1
  return a.protocol < b.protocol ? -1 : 1
}

/** Ports of one protocol that follow each other, two or more. */
function runsOf(
  ports: readonly ExposedPort[],
): { readonly protocol: string; readonly from: number; readonly to: number }[] {
  const runs: { protocol: string; from: number; to: number }[] = []
  for (const { protocol, port } of ports) {
    const last = runs.at(-1)
    if (last?.protocol === protocol && last.to + 1 === port) last.to = port
    else runs.push({ protocol, from: port, to: port })
  }
  return runs.filter(({ from, to }) => from < to)
}

function expand(key: string): ExposedPort[] {
  const [range = '', protocol = 'tcp'] = key.split('/')
  const [first = 0, last = first] = range.split('-').map(Number)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => ({ port: first + i, protocol }))
}
