import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { buildContext } from '../support/build-context.ts'
import type { Daemon } from '../support/daemon.ts'
import { type Engine, engineTest } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { runOk } from '../support/finished.ts'
import { cgroupsOf, processesOf } from '../support/sweep.ts'
import { tarOf } from '../support/tar.ts'

const patienceMs = 40_000

/** Each step of a build starts several programs, which takes its time while other tests run. */
const patient = { timeoutMs: 150_000 }

engineTest(
  'a build whose client leaves is ended, and nothing of it is left',
  async (engine) => {
    const { client, ids } = await startLongBuild(engine)
    client.kill('SIGKILL')
    await eventually(async () => leftOf(engine, ids), nothing, patienceMs)
  },
  patient,
)

engineTest(
  'a daemon that is killed in a build leaves nothing that its next start does not remove',
  async (engine) => {
    const { docker, daemon } = engine
    await docker.ok('run', '-d', '--name', 'stays', 'busybox', 'sleep', '1000')
    const pid = await docker.ok('inspect', '-f', '{{.State.Pid}}', 'stays')
    const { ids } = await startLongBuild(engine)
    assert.equal(ids.length, 1)
    await daemon.kill9()
    // The kernel ends them with the engine; the next start has files and groups to remove.
    await eventually(async () => buildProcesses(daemon), [], patienceMs)
    await daemon.start()
    await eventually(async () => leftOf(engine, ids), { ...nothing, veths: 1 }, patienceMs)
    assert.equal(await docker.ok('inspect', '-f', '{{.State.Pid}}', 'stays'), pid)
    await docker.ok('build', '-t', 'after', buildContext(daemon.root, { Dockerfile: 'FROM busybox\nRUN echo 1\n' }))
  },
  patient,
)

engineTest(
  'a context that climbs out, brings devices or lies is refused, and nothing is written',
  async (engine) => {
    const { docker, daemon } = engine
    const dockerfile = { name: 'Dockerfile', content: 'FROM busybox\nCOPY . /all\nRUN find /all\n' }
    const out = join(daemon.root, 'escaped')
    const rows: [string, Buffer, RegExp][] = [
      ['a name with ..', tarOf(dockerfile, { name: '../../../../escaped', content: 'x' }), /contains '\.\.'/],
      [
        'a file through a link',
        tarOf({ name: 'l', type: '2', link: daemon.root }, { name: 'l/escaped', content: 'x' }, dockerfile),
        /Error processing tar file/,
      ],
      ['a hard link', tarOf(dockerfile, { name: 'shadow', type: '1', link: '/etc/shadow' }), /Cannot hard link/],
      ['a device', tarOf(dockerfile, { name: 'sda', type: '3' }), /Cannot mknod/],
      ['10 GB that do not come', tarOf(dockerfile, { name: 'big', size: 8 * 1024 ** 3 - 1 }), /unexpected EOF/],
      ['no archive', Buffer.concat([Buffer.from([0x1f, 0x8b, 8]), Buffer.alloc(600, 1)]), /Error processing tar file/],
      [
        'a Dockerfile outside',
        tarOf({ name: 'Dockerfile', type: '2', link: '/etc/passwd' }),
        /forbidden path outside the build context/,
      ],
    ]
    for (const [what, input, words] of rows) {
      const { code, stderr } = await docker.run(['build', '-'], { input })
      assert.equal(code, 1, what)
      assert.match(stderr, words, what)
    }
    assert.equal(existsSync(out), false)
    const linked = await docker.run(['build', '-'], {
      input: tarOf(
        { name: 'l', type: '2', link: '/etc/shadow' },
        { name: 'Dockerfile', content: 'FROM busybox\nCOPY l /l\n' },
      ),
    })
    assert.match(linked.stderr, /COPY failed/)
    await eventually(async () => leftOf(engine, []), nothing, patienceMs)
  },
  patient,
)

engineTest(
  'a build on a full disk says so, and gives back what it took',
  async ({ docker, daemon }) => {
    const build = join(daemon.root, 'data/build')
    const disk = mkdtempSync(join(tmpdir(), 'full-'))
    rmSync(build, { recursive: true })
    symlinkSync(disk, build)
    await runOk('mount', ['-t', 'tmpfs', '-o', 'size=24m,mode=700', 'tmpfs', disk])
    try {
      mkdirSync(join(disk, 'work'))
      const large = buildContext(daemon.root, { Dockerfile: 'FROM busybox\n', big: 'x'.repeat(40 << 20) })
      const context = await docker.run(['build', large])
      assert.match(context.stderr, /Cannot build: no space left on device/)
      const filling = buildContext(daemon.root, {
        Dockerfile: 'FROM busybox\nRUN dd if=/dev/zero of=/big bs=1M count=40\n',
      })
      const command = await docker.run(['build', filling])
      assert.match(command.stdout, /No space left on device/)
      assert.match(command.stderr, /returned a non-zero code: 1/)
      await docker.ok('build', buildContext(daemon.root, { Dockerfile: 'FROM busybox\nRUN echo 1 > /one\n' }))
    } finally {
      await runOk('umount', [disk])
      rmSync(disk, { recursive: true })
    }
  },
  patient,
)

/** A build that waits in a command, on a network. */
async function startLongBuild({ docker, daemon }: Engine) {
  const dir = buildContext(daemon.root, { Dockerfile: 'FROM busybox\nRUN echo 1\nRUN echo begun; sleep 1000 & wait\n' })
  const client = spawn('docker', ['build', dir], { env: { ...process.env, ...docker.env } })
  for await (const line of createInterface({ input: client.stdout })) if (line === 'begun') break
  client.stdout.resume()
  return { client, ids: readdirSync(join(daemon.root, 'data/build/work')) }
}

const nothing = { work: [], processes: [], containers: 0, cgroups: [], veths: 0 }

/** What of a build can be seen from outside. */
async function leftOf({ daemon, host }: Engine, ids: readonly string[]) {
  const build = join(daemon.root, 'data/build')
  const containers = join(build, 'storage/overlay-containers/containers.json')
  const links: { ifname: string }[] = await host.ip('link')
  return {
    work: readdirSync(join(build, 'work')),
    processes: buildProcesses(daemon),
    containers: existsSync(containers) ? JSON.parse(readFileSync(containers, 'utf8')).length : 0,
    cgroups: ids.flatMap((id) => cgroupsOf(`/wharf/build-${id}`)),
    veths: links.filter(({ ifname }) => ifname.startsWith('veth')).length,
  }
}

function buildProcesses({ root }: Daemon): readonly string[] {
  return processesOf(root).flatMap(({ command }) => (/buildah|sleep 1000 &|skopeo/.test(command) ? [command] : []))
}

engineTest(
  'a daemon that is killed at any stage of a build leaves a cache and a store that the next build works with',
  async (engine) => {
    const { docker, daemon } = engine
    const data = join(daemon.root, 'data')
    const lines = ['FROM busybox', 'RUN head -c 20000000 /dev/urandom > /big', 'RUN echo 2']
    const dir = buildContext(daemon.root, { Dockerfile: lines.join('\n'), context: 'x'.repeat(1 << 20) })
    const stages: [string, string][] = [
      ['the image is lent', 'build/work/*/base-*'],
      ['commands run', 'build/storage/overlay-containers/*/userdata'],
      ['the image is brought home', 'images/tmp/absorb-*/layers/sha256'],
    ]
    for (const [stage, pattern] of stages) {
      const client = docker.run(['build', '-t', 'killed', dir], { timeoutMs: 60_000 })
      await eventually(async () => globSync(pattern, { cwd: data }).length > 0, true, patienceMs)
      await daemon.kill9()
      assert.notEqual((await client).code, 0, stage)
      await daemon.start()
      await eventually(async () => leftOf(engine, []), nothing, patienceMs)
      assert.deepEqual(
        [readdirSync(join(data, 'images/tmp')), await docker.ok('images', '-q', 'killed')],
        [[], ''],
        stage,
      )
    }
    await docker.ok('build', '-t', 'killed', dir)
    assert.equal((await docker.run(['run', '--rm', 'killed', 'wc', '-c', '/big'])).stdout, '20000000 /big\n')
  },
  patient,
)
