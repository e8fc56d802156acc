import type { PortSummary } from '../../protocol/container-summary.ts'

/** A run of ports that are published under their own numbers, or not published. */
interface Run {
  readonly ip: string
  readonly type: string
  readonly first: number
  last: number
}

/**
 * The PORTS column: `0.0.0.0:8080->80/tcp, [::]:8080->80/tcp`, with runs of ports in one:
 * `3300-3310/tcp`, `0.0.0.0:80-81->80-81/tcp`. Ports with another number outside come last, one by one.
 */
export function renderPorts(ports: readonly PortSummary[]): string {
  const runs = new Map<string, Run>()
  const finished: string[] = []
  const mapped: string[] = []
  for (const { IP: ip = '', PrivatePort: port, PublicPort: outside, Type: type } of ports.toSorted(comparePorts)) {
    if (ip !== '' && outside !== port) {
      mapped.push(`${joinHostPort(ip, String(outside ?? 0))}->${port}/${type}`)
      continue
    }
    const key = `${ip}/${type}`
    const run = runs.get(key)
    if (run !== undefined && port === run.last + 1) run.last = port
    else {
      if (run !== undefined) finished.push(renderRun(run))
      runs.set(key, { ip, type, first: port, last: port })
    }
  }
  return [...finished, ...[...runs.values()].map(renderRun), ...mapped].join(', ')
}

/** `"[::]:80"`, `"0.0.0.0:80"`. */
export function joinHostPort(ip: string, port: string): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}

function renderRun({ ip, type, first, last }: Run): string {
  const ports = first === last ? `${first}` : `${first}-${last}`
  return ip === '' ? `${ports}/${type}` : `${joinHostPort(ip, ports)}->${ports}/${type}`
}

function comparePorts(a: PortSummary, b: PortSummary): number {
  return (
    a.PrivatePort - b.PrivatePort ||
    compareText(a.IP ?? '', b.IP ?? '') ||
    (a.PublicPort ?? 0) - (b.PublicPort ?? 0) ||
    compareText(a.Type, b.Type)
  )
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
