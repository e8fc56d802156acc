import type { NetworkNamespace } from '../../kernel/namespace.ts'
import { readSysctl } from '../../kernel/sysctl.ts'

const fallback = { first: 32_768, last: 60_999 }

/** The ports that a host gives to whoever names none, one after the other. */
export class EphemeralPorts {
  readonly #namespace: NetworkNamespace
  #last = 0

  constructor(namespace: NetworkNamespace) {
    this.#namespace = namespace
  }

  /** Every port of `ip_local_port_range` once, without those that are reserved, from where the last search ended. */
  *candidates(): Generator<number> {
    const { first, last } = parseRange(readSysctl(this.#namespace, 'net.ipv4.ip_local_port_range'))
    const reserved = parsePorts(readSysctl(this.#namespace, 'net.ipv4.ip_local_reserved_ports'))
    for (let left = last - first + 1; left > 0; left--) {
      this.#last = this.#last >= last || this.#last < first ? first : this.#last + 1
      if (!reserved.some((range) => range.first <= this.#last && this.#last <= range.last)) yield this.#last
    }
  }
}

interface PortRange {
  readonly first: number
  readonly last: number
}

function parseRange(text = ''): PortRange {
  const [first = NaN, last = NaN] = text.trim().split(/\s+/).map(Number)
  return Number.isInteger(first) && Number.isInteger(last) && first <= last ? { first, last } : fallback
}

/** Reads `"8080,9000-9010"`. */
function parsePorts(text = ''): readonly PortRange[] {
  return text
    .trim()
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const [first = 0, last = first] = part.split('-').map(Number)
      return { first, last }
    })
}
