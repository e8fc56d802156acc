import { parseArgs } from 'node:util'
import * as chapters from './chapters.ts'
import { Narrator } from './narrator.ts'
import { createWorld, type World } from './world.ts'

const usage = `usage: wharf demo [--keep]

Lets containers talk to each other in every way there is, on two hosts made out of network namespaces, and shows
what the kernel has to say about it. Ends with 1 when something was not as it should be.

  --keep   afterwards, leave everything running until ctrl-C, and say how to look around
`

/** `wharf demo`. @returns the exit code */
async function runDemo(): Promise<number> {
  const { values } = parseArgs({ options: { keep: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } })
  if (values.help) {
    process.stdout.write(usage)
    return 0
  }
  const narrator = new Narrator()
  const begin = performance.now()
  {
    const interrupted = waitForSignal()
    await using world = await createWorld(narrator)
    const story = tellAll(world)
    if (await Promise.race([story.then(() => false), interrupted])) {
      console.log('\ninterrupted: cleaning up')
      await Promise.allSettled([story])
      return 130
    }
    if (values.keep) {
      invite(world)
      await interrupted
    }
  }
  const seconds = ((performance.now() - begin) / 1000).toFixed(1)
  console.log(
    `\n${narrator.seen} things seen as they should be, ${narrator.wrong.length} not; ${seconds} s; all cleaned up.`,
  )
  for (const line of narrator.wrong) console.log(`  ✗ ${line}`)
  return narrator.wrong.length === 0 ? 0 : 1
}

async function tellAll(world: World): Promise<void> {
  for (const chapter of [
    chapters.showEngine,
    chapters.showBridge,
    chapters.showNames,
    chapters.showConnect,
    chapters.showModes,
    chapters.showPublish,
    chapters.showOutbound,
    chapters.showRestart,
  ]) {
    await chapter(world)
  }
}

function invite({ daemon, host, neighbour }: World): void {
  console.log(`
Everything is still running. In another terminal, as root:

  export DOCKER_HOST=unix://${daemon.socket} WHARF_HOST=unix://${daemon.socket}
  ./wharf ps                                   the containers (docker ps works as well)
  ./wharf exec -it client sh                   look around in one
  nsenter --net=${host.namespace.path} sh      a shell on the host
  nsenter --net=${neighbour.namespace.path} sh a shell on the neighbour

ctrl-C here ends it all and cleans up.`)
}

/** True once ctrl-C was pressed or somebody asked politely. */
function waitForSignal(): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(true))
  return promise
}

process.exitCode = await runDemo()
