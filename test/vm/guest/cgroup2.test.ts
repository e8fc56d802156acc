// Virtual machine: no modules
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { engineTest } from '../../support/engine-test.ts'

/** That they hold is in limits.test.ts. */
const limits = ['--memory', '64m', '--memory-swap', '96m', '--cpus', '0.5', '--pids-limit', '40', '--cpuset-cpus', '0']

engineTest(
  'a container runs, obeys its limits, and ends, where there is cgroup v2 and nothing else',
  async ({ docker, sh, daemon }) => {
    assert.equal(await docker.ok('info', '-f', '{{.CgroupVersion}}'), '2')
    await docker.ok('run', '-d', '--name', 'box', ...limits, 'busybox', 'sleep', '1000')
    const group = groupOf(await docker.ok('inspect', '-f', '{{.State.Pid}}', 'box'))
    assert.equal(readFileSync(join(group, 'pids.max'), 'utf8').trim(), '40')
    assert.equal((await sh('box', 'exit 3')).code, 3)

    await docker.ok('pause', 'box')
    assert.match(readFileSync(join(group, 'cgroup.events'), 'utf8'), /frozen 1/)
    await docker.ok('unpause', 'box')
    await docker.ok('kill', 'box')
    assert.equal(await docker.ok('wait', 'box'), '137')
    assert.equal(existsSync(group), false, 'its group is gone')

    await docker.ok('run', '-d', '--name', 'deaf', 'busybox', 'sleep', '1000')
    await docker.ok('stop', '-t', '0', 'deaf')
    assert.equal(await docker.ok('inspect', '-f', '{{.State.ExitCode}}', 'deaf'), '137')

    assert.doesNotMatch(daemon.log, /"level":[45]0/) // nothing to warn of
  },
  { timeoutMs: 180_000 },
)

/** Where the control group of a process is. */
function groupOf(pid: string): string {
  const [line] = readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n')
  return join('/sys/fs/cgroup', line!.replace('0::', ''))
}
