import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import Docker from 'dockerode'
import { removeCgroup } from '../../src/kernel/cgroups/cgroups.ts'
import { groupFilesOf, isUnified } from '../support/cgroup-files.ts'
import { olderDocker, olderDockerCli } from '../support/docker.ts'
import { engineTest } from '../support/engine-test.ts'
import { keepsEveryLimit } from '../support/limit-scenes/kept.ts'

engineTest('every limit of CPU, memory and processes is in the control groups, and in inspect', keepsEveryLimit)

engineTest(
  '--cgroup-parent and --cgroupns decide where the control group is, and what is seen of it',
  async (engine) => {
    const { docker, sh } = engine
    using _ = { [Symbol.dispose]: () => removeCgroup('/wharf-p') } // groups that a user names are the user's to remove
    for (const cgroupns of ['host', 'private']) {
      await docker.ok(
        'run',
        '-di',
        '--name',
        cgroupns,
        '--cgroup-parent',
        '/wharf-p/x',
        '--cgroupns',
        cgroupns,
        'busybox',
      )
      const id = await docker.ok('inspect', '-f', '{{.Id}}', cgroupns)
      const group = await groupFilesOf(docker, cgroupns)
      assert.equal(group.path('memory'), `/wharf-p/x/${id}`)
      const seen = (await sh(cgroupns, 'cat /proc/1/cgroup')).stdout
      assert.equal(seen.includes(`/wharf-p/x/${id}`), cgroupns === 'host')
      await docker.ok('rm', '-f', cgroupns)
    }
  },
)

engineTest('bad values are refused, and what the kernel cannot do is discarded with a word', async ({ docker }) => {
  const refused = async (...flags: string[]) => {
    const { code, stderr } = await docker.run(['create', ...flags, 'busybox'])
    assert.equal(code, 1)
    return stderr.replace(/^Error response from daemon: /, '').trim()
  }
  assert.deepEqual(
    [
      await refused('-m', '5m'),
      await refused('--memory-swap', '1g'),
      await refused('--cpuset-cpus', '99'),
      await refused('--cpus', '1000'),
      await refused('--blkio-weight', '5'),
      await refused('--cpu-rt-runtime', '1000'),
    ].map((text) => text.replace(/\d+\.00.*|available: .*/, '…')),
    [
      'Minimum memory limit allowed is 6MB',
      'You should always set the Memory limit when using Memoryswap limit, see usage',
      'Requested CPUs are not available - requested 99, …',
      'range of CPUs is from 0.01 to …',
      'Range of blkio weight is from 10 to 1000',
      'Your kernel does not support CPU real-time scheduler',
    ],
  )
  const usual = await docker.ok('create', 'busybox')
  assert.equal(await docker.ok('inspect', '-f', '{{json .HostConfig.MemorySwappiness}}', usual), 'null')
  const kernel = await docker.run(['create', '--name', 'old', '--oom-kill-disable', '-m', '64m', 'busybox'])
  const words = 'WARNING: Your kernel does not support OomKillDisable. OomKillDisable discarded.'
  assert.equal(kernel.stderr.includes(words), isUnified)
})

engineTest('what limits mean depends on the version of the API', async ({ daemon }) => {
  const create = async (version: string, HostConfig: object) => {
    const api = new Docker({ socketPath: daemon.socket, version: `v${version}` })
    const container = await api.createContainer({ Image: 'busybox', HostConfig })
    const { HostConfig: kept } = await container.inspect()
    return { kept, api, container }
  }
  const old = await create('1.41', { PidsLimit: -1, KernelMemory: 2 ** 30 })
  const young = await create('1.42', { PidsLimit: 0, KernelMemory: 2 ** 30 })
  assert.deepEqual([old.kept.PidsLimit, young.kept.PidsLimit, young.kept.KernelMemory], [null, null, undefined])
  const pids = async (version: string, PidsLimit: number) => {
    const api = new Docker({ socketPath: daemon.socket, version: `v${version}` })
    assert.deepEqual(await api.getContainer(young.container.id).update({ PidsLimit }), { Warnings: null })
    return (await young.container.inspect()).HostConfig.PidsLimit
  }
  assert.deepEqual([await pids('1.39', 5), await pids('1.40', 5), await pids('1.51', -1)], [null, 5, 0])
})

engineTest('the client of Docker 20.10 limits, updates and classes too', async ({ daemon, api }, t) => {
  if (!existsSync(olderDocker)) {
    t.skip(`there is no docker client 20.10 at ${olderDocker}: sudo ./wharf test puts it there`)
    return
  }
  using docker = olderDockerCli(daemon.socket)
  const warning =
    'Your kernel does not support kernel memory limit capabilities or the cgroup is not mounted. Limitation discarded.'
  const flags = ['--security-opt', 'net_cls=10:1', '-m', '64m', '--kernel-memory', '50m']
  const created = await docker.run(['create', '--name', 'box', ...flags, 'busybox'])
  assert.deepEqual([created.code, created.stderr], [0, `WARNING: ${warning}\n`])
  const updated = await docker.run(['update', '--kernel-memory', '60m', '--pids-limit', '7', 'box'])
  assert.deepEqual([updated.code, updated.stdout, updated.stderr], [0, `box\n${warning}\n`, ''])
  const { HostConfig } = await api.getContainer('box').inspect()
  assert.deepEqual(
    [HostConfig.SecurityOpt, HostConfig.PidsLimit, HostConfig.Memory],
    [['net_cls=10:1'], 7, 64 * 2 ** 20],
  )
})
