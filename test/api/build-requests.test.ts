import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getuid } from 'node:process'
import { test } from 'node:test'
import { buildContext } from '../support/build-context.ts'
import { engineTest, withEngine } from '../support/engine-test.ts'
import { createHost } from '../support/host.ts'
import { rawHttp } from '../support/raw-http.ts'
import { startRegistry } from '../support/registry.ts'
import { tarOf } from '../support/tar.ts'

/** Each step of a build starts several programs, which takes its time while other tests run. */
const patient = { timeoutMs: 150_000 }

engineTest(
  'what is wrong with a Dockerfile is told in the words of Docker',
  async ({ docker }) => {
    const rows: [string, RegExp][] = [
      ['FROM busybox\nFOO x\n', /dockerfile parse error on line 2: unknown instruction: FOO/],
      ['RUN true\n', /no build stage in current context/],
      ['# nothing\n', /file with no instructions/],
      ['FROM a b\n', /FROM requires either one or three arguments/],
      ['FROM busybox\nCOPY --from=1 a b\n', /invalid stage index 1/],
      ['FROM busybox\nRUN --mount=type=cache,target=/x true\n', /the --mount option requires BuildKit/],
      ['FROM busybox\nRUN cat <<EOF\nx\nEOF\n', /here-documents require BuildKit/],
      [
        'FROM busybox\nRUN echo out; exit 3\n',
        /The command '\/bin\/sh -c echo out; exit 3' returned a non-zero code: 3$/m,
      ],
      ['FROM busybox\nRUN ["false", "a b"]\n', /The command 'false a b' returned a non-zero code: 1$/m],
      ['FROM busybox\nRUN ["nosuch"]\n', /nosuch.*not found/],
      [
        'FROM busybox\nCOPY nope /x\n',
        /COPY failed: file not found in build context or excluded by .dockerignore: stat nope: file does not exist/,
      ],
      ['FROM Bad/Name\n', /invalid reference format: repository name .* must be lowercase/],
    ]
    for (const [text, words] of rows) {
      const { code, stderr } = await docker.run(['build', '-'], { input: text })
      assert.equal(code === 0, false, text)
      assert.match(stderr, words, text)
    }
    const other = await docker.run(['build', '-t', 'Bad:tag', '-'], { input: 'FROM busybox\n' })
    assert.match(other.stderr, /invalid (?:reference format|argument "Bad:tag")/)
  },
  patient,
)

engineTest(
  'what only BuildKit does is refused by the API',
  async ({ daemon }) => {
    const ask = rawHttp(daemon.socket)
    const rows: [string, number, RegExp][] = [
      ['/v1.50/session', 501, /BuildKit is not supported/],
      ['/v1.50/grpc', 501, /BuildKit is not supported/],
      ['/v1.50/build?version=2', 501, /BuildKit is not supported/],
      ['/v1.50/build?outputs=[{"Type":"local"}]', 501, /outputs are not supported/],
      ['/v1.50/build?remote=https://example.test/a.git', 400, /fetch it first/],
      ['/v1.50/build?t=Bad', 400, /must be lowercase/],
      ['/v1.50/build?buildargs=[]', 400, /must be an object/],
      ['/v1.50/build?dockerfile=../x', 400, /forbidden path outside the build context/],
      ['/v1.24/build?target=none', 400, /Cannot locate specified Dockerfile: Dockerfile/],
    ]
    for (const [path, status, words] of rows) {
      const answer = await ask('POST', path)
      assert.deepEqual([answer.status, words.test(answer.json.message)], [status, true], `${path}: ${answer.text}`)
    }
  },
  patient,
)

engineTest(
  'dockerode builds, and gets the id beside the words',
  async ({ api, daemon }) => {
    const dir = buildContext(daemon.root, { Dockerfile: 'FROM busybox\nRUN echo 1 >&2\nRUN exit 7\n' })
    const told = async (target: string) => {
      const stream = await api.buildImage({ context: dir, src: ['Dockerfile'] }, { t: 'rode', target, nocache: true })
      return new Promise<Record<string, unknown>[]>((resolve) =>
        api.modem.followProgress(stream, (_, lines) => resolve(lines)),
      )
    }
    const failed = (await told('')).at(-1)
    const message = "The command '/bin/sh -c exit 7' returned a non-zero code: 7"
    assert.deepEqual(failed, { errorDetail: { code: 7, message }, error: message })
    writeFileSync(join(dir, 'Dockerfile'), 'FROM busybox\nRUN echo 1 >&2\n')
    const lines = await told('')
    assert.ok(lines.some(({ stream }) => stream === '\x1b[91m1\n\x1b[0m'))
    const { Id } = await api.getImage('rode').inspect()
    assert.deepEqual(
      lines.find(({ aux }) => aux !== undefined),
      { aux: { ID: Id } },
    )
  },
  patient,
)

engineTest(
  'limits bind the commands of a build, which cannot lift them',
  async ({ docker }) => {
    const lines = [
      'FROM busybox',
      'RUN cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes memory.max cpu/cpu.shares 2>/dev/null; ulimit -n; df -k /dev/shm | tail -1',
      'RUN ! echo 1000000000 > /sys/fs/cgroup/memory/memory.limit_in_bytes',
      'RUN grep -E "^(CapEff|Seccomp):" /proc/self/status',
      'RUN dd if=/dev/zero of=/dev/shm/x bs=1M count=32 && sort /dev/shm/x >/dev/null',
    ]
    const flags = [
      '--memory',
      '24m',
      '--memory-swap',
      '24m',
      '--cpu-shares',
      '77',
      '--ulimit',
      'nofile=99:100',
      '--shm-size',
      '64m',
    ]
    const { code, stdout, stderr } = await docker.run(['build', ...flags, '-'], { input: lines.join('\n') })
    assert.match(stdout, /^25165824\n(?:77\n)?99\n/m)
    assert.match(stdout, / 65536 /)
    assert.match(stdout + stderr, /^CapEff:\s+00000000a80425fb$/m)
    assert.match(stdout, /^Seccomp:\s+2$/m)
    assert.equal(code, 137)
    assert.match(stderr, /returned a non-zero code: 137/)
  },
  patient,
)

engineTest(
  'an image that a build begins with is fetched with the credentials of docker login',
  async ({ docker, host, daemon }) => {
    await using registry = await startRegistry(host, 5000, { user: { name: 'ann', password: 'secret' } })
    await docker.ok('login', '-u', 'ann', '-p', 'secret', registry.address)
    const name = `${registry.address}/base`
    await docker.ok('tag', 'busybox', name)
    await docker.ok('push', name)
    await docker.ok('rmi', name, 'busybox')
    const dir = buildContext(daemon.root, { Dockerfile: `FROM ${name}\nRUN echo 1\n` })
    await docker.ok('build', '-t', 'private', dir)
    assert.match(await docker.ok('build', '--pull', dir), /Status: Image is up to date/)
    await docker.ok('logout', registry.address)
    const refused = await docker.run(['build', '--pull', dir])
    assert.match(refused.stderr, /no basic auth credentials|unauthorized|denied/)
  },
  patient,
)

engineTest(
  '.dockerignore of an archive keeps the Dockerfile and itself from the image, and builder prune empties the cache',
  async ({ docker, daemon }) => {
    const input = tarOf(
      { name: 'Dockerfile', content: 'FROM busybox\nCOPY . /all\nRUN ls -A /all\n' },
      { name: '.dockerignore', content: '.dockerignore\nDocker*\n' },
      { name: 'kept', content: 'x' },
    )
    const { stdout } = await docker.run(['build', '-'], { input })
    assert.match(stdout, /: RUN ls -A \/all\nkept\n --->/)
    assert.match(
      await docker.ok('builder', 'prune', '-f', '--filter', 'until=24h'),
      /Total reclaimed space: 0B|Total:\s+0B/,
    )
    assert.match(await docker.ok('builder', 'prune', '-f', '--keep-storage', '1GB'), /0B/)
    assert.match(await docker.ok('builder', 'prune', '-f'), /[0-9a-f]{64}[\s\S]*Total.*:\s+[\d.]+MB/)
    assert.equal(await docker.ok('images', '-q', 'busybox').then((id) => id.length), 12)
    const again = await docker.run(['build', '-'], { input })
    assert.doesNotMatch(again.stdout, /Using cache/)
    assert.equal(daemon.log.includes('request fails by a bug'), false)
  },
  patient,
)

test('without buildah a build names the package, and all else works', {
  skip: getuid?.() === 0 ? false : 'needs root',
}, async () => {
  using host = createHost()
  const dir = mkdtempSync(join(tmpdir(), 'path-'))
  try {
    for (const place of ['/usr/sbin', '/usr/bin']) {
      for (const name of readdirSync(place)) {
        if (name !== 'buildah' && !existsSync(join(dir, name))) symlinkSync(join(place, name), join(dir, name))
      }
    }
    await withEngine(host, { env: { PATH: dir } }, async ({ docker }) => {
      const { code, stderr } = await docker.run(['build', '-'], { input: 'FROM busybox\n' })
      assert.equal(code, 1)
      assert.match(stderr, /buildah is not installed; install the package "buildah"/)
      assert.equal((await docker.run(['run', '--rm', 'busybox', 'echo', 'works'])).stdout, 'works\n')
    })
  } finally {
    rmSync(dir, { recursive: true })
  }
})
