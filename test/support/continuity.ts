import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Engine } from './engine-test.ts'

/** Traffic and look-ups of one container that go on while something happens. */
export interface Continuity {
  /** Ends both, and says how they fared. */
  stop(): Promise<{ sent: number; answered: number; goodNames: number; badNames: number }>
}

const script = (target: string, address: string) => `
  (while :; do nslookup ${target} 127.0.0.11 >/dev/null 2>&1 && echo good || echo bad; sleep 0.1; done) &
  ping -i 0.1 -W 1 ${address}`

/** Pings another container by address, and looks its name up, ten times a second, from inside the namespace. */
export async function watchContinuity({ docker }: Engine, from: string, to: string): Promise<Continuity> {
  const found = await docker.ok(
    'exec',
    from,
    'sh',
    '-c',
    `nslookup ${to} 127.0.0.11 | sed -n 's/^Address.*: *//p' | tail -1`,
  )
  const pid = await docker.ok('inspect', '-f', '{{.State.Pid}}', from)
  // Not by docker exec: that is the daemon's, and daemons are what is broken here.
  const words = ['--target', pid, '--mount', '--net', '--pid', 'sh', '-c', script(to, found)]
  const child = spawn('nsenter', words, { stdio: ['ignore', 'pipe', 'ignore'], detached: true })
  let said = ''
  child.stdout.on('data', (chunk) => (said += chunk))
  await once(child.stdout, 'data')
  return {
    stop: async () => {
      // What was broken may be over within a blink: some of the traffic has to have been there.
      for (let i = 0; i < 30 && !/seq=1\d/.test(said); i++) await sleep(100)
      const closed = once(child, 'close')
      process.kill(-child.pid!, 'SIGTERM')
      const timer = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), 2000)
      await closed.finally(() => clearTimeout(timer))
      const answered = said.match(/bytes from .*seq=(\d+)/g) ?? []
      const last = Number(/seq=(\d+)/.exec(answered.at(-1) ?? '')?.[1] ?? -1)
      const count = (word: string) => said.split('\n').filter((line) => line === word).length
      return { sent: last + 1, answered: answered.length, goodNames: count('good'), badNames: count('bad') }
    },
  }
}
