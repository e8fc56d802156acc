import type { Element } from './elements.ts'

/** What `linkElement` makes an element of. */
export interface LinkElementSpec {
  /** IPv4 addresses of two containers of one network. */
  readonly linker: string
  readonly target: string
  readonly protocol: 'tcp' | 'udp' | 'sctp'
  readonly port: number
  readonly comment: string
}

/** The set element that lets a container talk to one exposed port of another that it links to. IPv4 only, as Docker. */
export function linkElement({ linker, target, protocol, port, comment }: LinkElementSpec): Element {
  return { set: 'links4', key: `${linker} . ${target} . ${protocol} . ${port}`, comment }
}
