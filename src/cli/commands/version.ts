import { version } from '../../client/system.ts'
import type { VersionInfo } from '../../protocol/system.ts'
import type { Command } from '../command.ts'
import { describeFailure } from '../failures.ts'
import { formatFlag } from '../flags/common-flags.ts'
import { alignColumns } from '../format/columns.ts'
import { ownVersion } from '../own-version.ts'
import { compileTemplate } from '../template/template.ts'
import { printLine } from '../terminal.ts'

/** `wharf version`. */
export const command: Command = {
  usage: '[OPTIONS]',
  arguments: { min: 0, max: 0 },
  flags: [formatFlag],
  examples: ['wharf version', "wharf version --format '{{.Server.Version}}'"],
  async run({ flags, terminal, transport }) {
    const client = clientVersion()
    const format = flags.text('format')
    const server = await version(transport).catch((error: unknown) => ({ failure: describeFailure(error) }))
    const failed = 'failure' in server ? server.failure : undefined
    const known = 'failure' in server ? undefined : server
    if (format !== '') {
      const template = compileTemplate(format === 'json' ? '{{json .}}' : format)
      printLine(terminal.stdout, template.render({ Client: client, Server: known ?? null }))
    } else terminal.stdout.write(renderVersions(client, known))
    if (failed !== undefined) printLine(terminal.stderr, failed)
    return failed === undefined ? 0 : 1
  },
}

interface ClientVersion {
  readonly Version: string
  readonly ApiVersion: string
  readonly NodeVersion: string
  readonly Os: string
  readonly Arch: string
}

function clientVersion(): ClientVersion {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch
  return {
    Version: ownVersion(),
    ApiVersion: '1.51',
    NodeVersion: process.version,
    Os: process.platform,
    Arch: arch,
  }
}

function renderVersions(client: ClientVersion, server: VersionInfo | undefined): string {
  const lines = [
    'Client: Wharf',
    ` Version:\t${client.Version}`,
    ` API version:\t${client.ApiVersion}`,
    ` Node version:\t${client.NodeVersion}`,
    ` OS/Arch:\t${client.Os}/${client.Arch}`,
  ]
  if (server !== undefined) lines.push('', ...serverLines(server))
  return `${alignColumns(lines.join('\n'), { minWidth: 20, padding: 1 })}\n`
}

function serverLines(server: VersionInfo): string[] {
  const lines = [`Server: ${server.Platform?.Name || 'Wharf'}`]
  for (const component of server.Components ?? []) {
    const { MinAPIVersion: min, ApiVersion: api, Os: os, Arch: arch, ...others } = component.Details ?? {}
    lines.push(` ${component.Name}:`, `  Version:\t${component.Version}`)
    if (api !== undefined) lines.push(`  API version:\t${api} (minimum version ${min ?? ''})`)
    if (os !== undefined) lines.push(`  OS/Arch:\t${os}/${arch ?? ''}`)
    const told = Object.entries(others).filter(([, value]) => value !== '')
    for (const [name, value] of told) lines.push(`  ${title(name)}:\t${value}`)
  }
  return lines
}

// "GitCommit" is "Git commit", "GoVersion" is "Go version".
function title(name: string): string {
  const words = name.replace(/([a-z])([A-Z])/g, '$1 $2').split(' ')
  return words.map((word, index) => (index === 0 ? word : word.toLowerCase())).join(' ')
}
