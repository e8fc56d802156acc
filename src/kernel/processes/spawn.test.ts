import assert from 'node:assert/strict'
import { closeSync } from 'node:fs'
import { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { createPipe } from '../descriptors.ts'
import { Poller } from '../poller.ts'
import { type SpawnWish, spawnProgram } from './spawn.ts'

/** Runs a line of shell; answers what it wrote, and its exit code. */
async function sh(line: string, more: Partial<SpawnWish> = {}): Promise<readonly [string, number]> {
  await using poller = new Poller()
  const { readFd, writeFd } = createPipe()
  const output = new Socket({ fd: readFd, writable: false })
  const stdio = ['ignore', writeFd, writeFd] as const
  const { exited } = spawnProgram({ path: '/bin/sh', args: ['-c', line], env: {}, stdio, poller, ...more })
  closeSync(writeFd)
  return [await text(output), await exited]
}

test('spawnProgram() gives a program words, variables, a directory and descriptors', async () => {
  const seen = await sh('echo "$0 $A $PWD"; read x || echo empty; exit 7', {
    env: { A: 'b', B: undefined },
    cwd: '/usr',
  })
  assert.deepEqual(seen, ['/bin/sh b /usr\nempty\n', 7])
})

test('spawnProgram() tells of a signal, and makes a session', async () => {
  assert.deepEqual(await sh('kill -9 $$'), ['', 137])
  const [said] = await sh('cut -d " " -f 1,5,6 /proc/$$/stat', { env: { PATH: '/usr/bin:/bin' } })
  const [pid, group, session] = said.trim().split(' ')
  assert.deepEqual([group, session], [pid, pid])
})

test('spawnProgram() passes on neither descriptors nor ignored signals', async () => {
  const line = 'ls /proc/$$/fd | wc -l; sed -n "s/^Sig\\(Ign\\|Blk\\):.//p" /proc/$$/status'
  const [said] = await sh(line, { env: { PATH: '/usr/bin:/bin' } })
  const [descriptors, blocked, ignored] = said.split('\n')
  assert.ok(Number(descriptors) <= 5, said)
  // The C library has the two signals that it keeps for itself ignored: 32 and 33.
  assert.deepEqual([blocked, BigInt(`0x${ignored}`) & 0x7fff_ffffn], ['0'.repeat(16), 0n])
})

test('spawnProgram() throws when there is no such program', async () => {
  await using poller = new Poller()
  const wish = { path: '/nowhere', args: [], env: {}, stdio: [], poller }
  assert.throws(() => spawnProgram(wish), { errno: 'ENOENT' })
})
