import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { engineTest } from '../support/engine-test.ts'
import { burnsCpu, forks, holdsDevicesBack, sharesCpu } from '../support/limit-scenes/bind.ts'

engineTest('--cpus holds a container that burns CPU back', burnsCpu)

engineTest('--cpu-shares divide one CPU between those who want it', sharesCpu)

engineTest('--pids-limit ends forking', forks)

engineTest('--ulimit holds for the container and for execs', async ({ docker, sh }) => {
  await docker.ok('run', '-di', '--name', 'box', '--ulimit', 'fsize=100000', 'busybox')
  const written = await sh('box', 'dd if=/dev/zero of=/x bs=1000 count=200; wc -c < /x')
  assert.equal(written.stdout, '100000\n')
})

engineTest('--device-read-bps and its like hold readers and writers of a block device back', async (engine, t) => {
  if (existsSync('/dev/loop-control')) await holdsDevicesBack(engine)
  else t.skip('there is no /dev/loop-control: the kernel has no loop devices, or they are not to be had here')
})
