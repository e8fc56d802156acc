import { shortId } from '../../base/id.ts'

/** What a container is called by. */
export interface NameSources {
  readonly containerId: string
  /** Without the leading slash. */
  readonly containerName: string
  readonly aliases: readonly string[]
  readonly hostname: string
}

/**
 * The names of a container on a network that people made, each once; the first one answers the reverse question.
 *
 * @source docker-behaviour, "DNS, hosts, resolv.conf": container name, aliases, short id, hostname
 */
export function dnsNames({ containerId, containerName, aliases, hostname }: NameSources): readonly string[] {
  return [...new Set([containerName, ...aliases, shortId(containerId), hostname].filter((name) => name !== ''))]
}
