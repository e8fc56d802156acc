import type { Query } from '../../client/transport.ts'
import { parseEnvironment, parseLabels } from '../container-options/environment.ts'
import { parseUlimit } from '../container-options/ulimits.ts'
import { bool, bytes, int, list, text } from '../flags/flag-kinds.ts'
import type { FlagSpec } from '../flags/flag-spec.ts'
import type { Flags } from '../flags/flags.ts'

/** The flags of `build`: docker's. */
export const buildFlags: readonly FlagSpec[] = [
  list('add-host', 'Add a custom host-to-IP mapping ("host:ip")'),
  list('build-arg', 'Set build-time variables'),
  { name: 'cache-from', kind: 'strings', help: 'Images to consider as cache sources' },
  text('cgroup-parent', 'Set the parent cgroup for the "RUN" instructions during build'),
  bool('compress', 'Compress the build context using gzip'),
  int('cpu-period', 'Limit the CPU CFS (Completely Fair Scheduler) period'),
  int('cpu-quota', 'Limit the CPU CFS (Completely Fair Scheduler) quota'),
  int('cpu-shares', 'CPU shares (relative weight)', { short: 'c' }),
  text('cpuset-cpus', 'CPUs in which to allow execution (0-3, 0,1)'),
  text('cpuset-mems', 'MEMs in which to allow execution (0-3, 0,1)'),
  bool('disable-content-trust', 'Skip image verification', { default: 'true', hidden: true }),
  text('file', 'Name of the Dockerfile (Default is "PATH/Dockerfile")', { short: 'f' }),
  bool('force-rm', 'Always remove intermediate containers'),
  text('iidfile', 'Write the image ID to the file'),
  text('isolation', 'Container isolation technology', { hidden: true }),
  list('label', 'Set metadata for an image'),
  bytes('memory', 'Memory limit', { short: 'm' }),
  bytes('memory-swap', 'Swap limit equal to memory plus swap: -1 to enable unlimited swap'),
  text('network', 'Set the networking mode for the RUN instructions during build', { default: 'default' }),
  bool('no-cache', 'Do not use cache when building the image'),
  text('platform', 'Set platform if server is multi-platform capable'),
  bool('pull', 'Always attempt to pull a newer version of the image'),
  bool('quiet', 'Suppress the build output and print image ID on success', { short: 'q' }),
  bool('rm', 'Remove intermediate containers after a successful build', { default: 'true' }),
  list('security-opt', 'Security options', { hidden: true }),
  bytes('shm-size', 'Size of "/dev/shm"'),
  bool('squash', 'Squash newly built layers into a single new layer'),
  list('tag', 'Name and optionally a tag in the "name:tag" format', { short: 't' }),
  text('target', 'Set the target build stage to build.'),
  list('ulimit', 'Ulimit options', { check: (value) => void parseUlimit(value) }),
]

/** The parameters of a build, from its flags. @source Docker Engine API v1.51, ImageBuild */
export function buildQuery(flags: Flags, dockerfile: string, env: Readonly<Record<string, string | undefined>>): Query {
  const args = parseEnvironment([], flags.list('build-arg'), env).map((line) => {
    const at = line.indexOf('=')
    return [line.slice(0, at), line.slice(at + 1)] as const
  })
  return {
    dockerfile,
    t: flags.list('tag'),
    buildargs: JSON.stringify(Object.fromEntries(args)),
    labels: JSON.stringify(parseLabels([], flags.list('label'))),
    cachefrom: JSON.stringify(flags.list('cache-from')),
    ulimits: JSON.stringify(flags.list('ulimit').map(parseUlimit)),
    extrahosts: flags.list('add-host'),
    ...wordsOf(flags, {
      target: 'target',
      platform: 'platform',
      networkmode: 'network',
      cgroupparent: 'cgroup-parent',
    }),
    ...wordsOf(flags, { cpusetcpus: 'cpuset-cpus', cpusetmems: 'cpuset-mems' }),
    ...numbersOf(flags, { cpuperiod: 'cpu-period', cpuquota: 'cpu-quota', cpushares: 'cpu-shares' }),
    ...numbersOf(flags, { memory: 'memory', memswap: 'memory-swap', shmsize: 'shm-size' }),
    nocache: flags.on('no-cache') && 1,
    pull: flags.on('pull') && 1,
    squash: flags.on('squash') && 1,
    forcerm: flags.on('force-rm') && 1,
    rm: flags.on('rm') ? 1 : 0,
    q: flags.on('quiet') && 1,
  }
}

function wordsOf(flags: Flags, names: Readonly<Record<string, string>>): Query {
  return Object.fromEntries(Object.entries(names).map(([key, name]) => [key, flags.text(name) || undefined]))
}

function numbersOf(flags: Flags, names: Readonly<Record<string, string>>): Query {
  return Object.fromEntries(Object.entries(names).map(([key, name]) => [key, flags.number(name)]))
}
