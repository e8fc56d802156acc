/** What decides a container's /etc/hosts. */
export interface HostsSources {
  /** False when the container has IPv6 switched off altogether. */
  readonly ipv6: boolean
  /** `"name:address"`; `host-gateway` stands for the host. */
  readonly extraHosts: readonly string[]
  /** What `host-gateway` is here. */
  readonly hostGateways: readonly string[]
  /** Lines of the container's own addresses, and of its links. */
  readonly lines: readonly string[]
}

const ipv4Lines = ['127.0.0.1\tlocalhost']
const ipv6Lines = [
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::\tip6-localnet',
  'ff00::\tip6-mcastprefix',
  'ff02::1\tip6-allnodes',
  'ff02::2\tip6-allrouters',
]

/** A container's /etc/hosts. Pure. */
export function renderHosts({ ipv6, extraHosts, hostGateways, lines }: HostsSources): string {
  const extras = extraHosts.flatMap((entry) => extraLines(entry, hostGateways))
  return [...ipv4Lines, ...(ipv6 ? ipv6Lines : []), ...extras, ...lines, ''].join('\n')
}

/** `"name:address"`, `"name=address"`, an address of IPv6 with or without brackets. */
function extraLines(entry: string, hostGateways: readonly string[]): string[] {
  const [, name = '', target = ''] = /^([^:=]+)[:=](.*)$/.exec(entry) ?? []
  if (name === '') return []
  const addresses = target === 'host-gateway' ? hostGateways : [target.replace(/^\[(.*)\]$/, '$1')]
  return addresses.map((address) => `${address}\t${name}`)
}

/** The line of one address of a container: its full name, and its short one. */
export function ownLine(address: string, hostname: string, domainname: string): string {
  const full = domainname === '' ? hostname : `${hostname}.${domainname}`
  const [short = ''] = hostname.split('.')
  return `${address}\t${full === short ? full : `${full} ${short}`}`
}

/**
 * Gives the names of `lines` these addresses, whatever they had; an empty list changes nothing.
 *
 * A line of ours is known by what follows its address.
 */
export function readdressHosts(text: string, lines: readonly string[]): string {
  const namesOf = (line: string) => line.slice(line.indexOf('\t') + 1)
  const names = new Set(lines.map(namesOf))
  const present = text.split('\n').filter((line) => line.includes('\t') && names.has(namesOf(line)))
  const gone = present.filter((line) => !lines.includes(line))
  return editHosts(
    text,
    gone,
    lines.filter((line) => !present.includes(line)),
  )
}

/**
 * Takes lines out of a hosts file and puts others at its end; everything else, the user's own lines too, stays.
 *
 * Only lines that are exactly the same are taken out, each once.
 */
export function editHosts(text: string, gone: readonly string[], come: readonly string[]): string {
  const lines = text.split('\n')
  for (const line of gone) {
    const at = lines.lastIndexOf(line)
    if (at >= 0) lines.splice(at, 1)
  }
  if (lines.at(-1) === '') lines.pop()
  return [...lines, ...come, ''].join('\n')
}
