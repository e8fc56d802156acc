import { info } from '../../client/system.ts'
import type { Command } from '../command.ts'
import { formatFlag } from '../flags/common-flags.ts'
import { binarySize } from '../format/units.ts'
import { ownVersion } from '../own-version.ts'
import { compileTemplate } from '../template/template.ts'
import { printLine } from '../terminal.ts'

/** `wharf info`. */
export const command: Command = {
  usage: '[OPTIONS]',
  arguments: { min: 0, max: 0 },
  flags: [formatFlag],
  examples: ['wharf info', "wharf info --format '{{.ServerVersion}}'"],
  async run({ flags, terminal, transport }) {
    const answer = await info(transport)
    const format = flags.text('format')
    if (format === '') {
      terminal.stdout.write(`Client:\n Version:    ${ownVersion()}\n Host:       ${transport.host}\n\nServer:\n`)
      terminal.stdout.write(`${renderInfo(answer).join('\n')}\n`)
      for (const warning of listOf(answer['Warnings'])) printLine(terminal.stderr, String(warning))
      return 0
    }
    printLine(terminal.stdout, format === 'json' ? JSON.stringify(answer) : compileTemplate(format).render(answer))
    return 0
  },
}

type Info = Readonly<Record<string, unknown>>

/** The lines that Docker prints about a server; what the answer has not is left out. */
function renderInfo(answer: Info): string[] {
  return [
    ...simple(answer, countLabels),
    ...listOf(answer['DriverStatus']).map((pair) => `  ${listOf(pair).join(': ')}`),
    ...simple(answer, driverLabels),
    ...plugins(answer['Plugins']),
    ...runtimes(answer),
    ...security(answer['SecurityOptions']),
    ...simple(answer, hostLabels),
    ...(typeof answer['MemTotal'] === 'number' ? [` Total Memory: ${binarySize(answer['MemTotal'])}`] : []),
    ...simple(answer, lastLabels),
    ...pools(answer['DefaultAddressPools']),
  ]
}

type Labels = readonly (readonly [field: string, label: string])[]

const countLabels: Labels = [
  ['Containers', ' Containers'],
  ['ContainersRunning', '  Running'],
  ['ContainersPaused', '  Paused'],
  ['ContainersStopped', '  Stopped'],
  ['Images', ' Images'],
  ['ServerVersion', ' Server Version'],
  ['Driver', ' Storage Driver'],
]

const driverLabels: Labels = [
  ['LoggingDriver', ' Logging Driver'],
  ['CgroupDriver', ' Cgroup Driver'],
  ['CgroupVersion', ' Cgroup Version'],
]

const hostLabels: Labels = [
  ['KernelVersion', ' Kernel Version'],
  ['OperatingSystem', ' Operating System'],
  ['OSType', ' OSType'],
  ['Architecture', ' Architecture'],
  ['NCPU', ' CPUs'],
]

const lastLabels: Labels = [
  ['Name', ' Name'],
  ['ID', ' ID'],
  ['DockerRootDir', ' Docker Root Dir'],
  ['Debug', ' Debug Mode'],
  ['ExperimentalBuild', ' Experimental'],
  ['ClusterStore', ' Cluster Store'],
  ['ClusterAdvertise', ' Cluster Advertise'],
  ['LiveRestoreEnabled', ' Live Restore Enabled'],
]

function simple(answer: Info, labels: Labels): string[] {
  return labels.flatMap(([field, label]) => {
    const value = answer[field]
    return value === undefined || value === null || value === '' ? [] : [`${label}: ${String(value)}`]
  })
}

function plugins(value: unknown): string[] {
  const kinds = objectOf(value)
  const lines = Object.entries(kinds).filter(([, names]) => listOf(names).length > 0)
  return lines.length === 0
    ? []
    : [' Plugins:', ...lines.map(([kind, names]) => `  ${kind}: ${listOf(names).join(' ')}`)]
}

function runtimes(answer: Info): string[] {
  const names = Object.keys(objectOf(answer['Runtimes']))
  const lines = simple(answer, [
    ['DefaultRuntime', ' Default Runtime'],
    ['InitBinary', ' Init Binary'],
  ])
  return names.length === 0 ? lines : [` Runtimes: ${names.join(' ')}`, ...lines]
}

// "name=seccomp,profile=default" is a heading and an indented line for each of its properties.
function security(value: unknown): string[] {
  const lines = listOf(value).flatMap((option) => {
    const pairs = String(option)
      .split(',')
      .map((pair) => pair.split('='))
    return pairs.map(([key = '', text = '']) =>
      key === 'name' ? `  ${text}` : `   ${key[0]?.toUpperCase()}${key.slice(1)}: ${text}`,
    )
  })
  return lines.length === 0 ? [] : [' Security Options:', ...lines]
}

function pools(value: unknown): string[] {
  const lines = listOf(value).map((pool) => {
    const { Base, Size } = objectOf(pool)
    return `   Base: ${Base}, Size: ${Size}`
  })
  return lines.length === 0 ? [] : [' Default Address Pools:', ...lines]
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function objectOf(value: unknown): Info {
  return typeof value === 'object' && value !== null ? (value as Info) : {}
}
