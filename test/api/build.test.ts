import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildContext } from '../support/build-context.ts'
import { olderDockerCli } from '../support/docker.ts'
import { engineTest } from '../support/engine-test.ts'
import { runOk } from '../support/finished.ts'

const id = '[0-9a-f]{12}'

/** Each step of a build starts several programs, which takes its time while other tests run. */
const patient = { timeoutMs: 150_000 }

engineTest(
  'docker build makes an image of a directory, step by step, and again from the cache',
  async (engine) => {
    const { docker, daemon, api } = engine
    const dir = buildContext(daemon.root, {
      Dockerfile:
        'FROM busybox\nCOPY file /file\nRUN echo said; cat /file > /copy; echo bad >&2\nCMD ["cat", "/copy"]\n',
      file: 'hello\n',
    })
    const first = await docker.run(['build', '-t', 'made', '-t', 'made:two', '--label', 'a=b "c" $d', dir])
    assert.equal(first.code, 0, first.stderr)
    const base = await docker.ok('images', '-q', 'busybox')
    const shape = [
      String.raw`Step 1/5 : FROM busybox\n ---> ${base}\nStep 2/5 : COPY file /file\n ---> ${id}\nStep 3/5 : RUN echo said.*\n`,
      String.raw`said\n ---> ${id}\nStep 4/5 : CMD .*\n ---> ${id}\nStep 5/5 : LABEL .*\n ---> (${id})\n`,
      String.raw`Successfully built \1\nSuccessfully tagged made:latest\nSuccessfully tagged made:two\n$`,
    ]
    assert.match(withoutRed(first.stdout), new RegExp(shape.join('')))
    assert.match(first.stdout + first.stderr, /\x1b\[91mbad\n\x1b\[0m/)
    assert.equal((await docker.run(['run', '--rm', 'made'])).stdout, 'hello\n')
    using older = olderDockerCli(daemon.socket)
    const byOlder = await older.run(['build', '-t', 'made', '--label', 'a=b "c" $d', dir])
    assert.match(
      byOlder.stdout,
      /\n ---> Using cache\n ---> [0-9a-f]{12}\nSuccessfully built .*\nSuccessfully tagged made:latest\n$/,
    )
    const { Config, Id, RepoTags } = await api.getImage('made').inspect()
    assert.deepEqual([Config.Cmd, Config.Labels], [['cat', '/copy'], { a: 'b "c" $d' }])
    assert.deepEqual(RepoTags, ['made:latest', 'made:two'])
    assert.match(await docker.ok('history', '--no-trunc', 'made'), /RUN echo said|\/bin\/sh -c echo said/)

    const again = await docker.ok('build', '-q', '-t', 'made', '--label', 'a=b "c" $d', dir)
    assert.equal(again, Id)
    const third = await docker.ok('build', '--label', 'a=b "c" $d', dir)
    assert.equal(third.match(/ ---> Using cache\n/g)?.length, 4)
    writeFileSync(join(dir, 'file'), 'other\n')
    assert.notEqual(await docker.ok('build', '-q', dir), Id)
  },
  patient,
)

engineTest(
  'docker build reads a Dockerfile, or a packed archive, from its input',
  async ({ docker, daemon }) => {
    const alone = await docker.run(['build', '-t', 'alone', '-'], {
      input: Buffer.from('FROM busybox\nRUN echo x > /x\n'),
    })
    assert.equal(alone.code, 0, alone.stderr)
    // The client puts a Dockerfile from elsewhere into the context, and does not end that archive as it should.
    const elsewhere = buildContext(daemon.root, { 'context/file': 'here\n', Dockerfile: 'FROM busybox\nCOPY file /\n' })
    const read = await docker.run(['build', '-t', 'read', '-f', '-', join(elsewhere, 'context')], {
      input: Buffer.from('FROM busybox\nCOPY file /\n'),
    })
    assert.equal(read.code, 0, read.stderr)
    await docker.ok('build', '-t', 'found', '-f', join(elsewhere, 'Dockerfile'), join(elsewhere, 'context'))
    assert.equal((await docker.run(['run', '--rm', 'found', 'cat', '/file'])).stdout, 'here\n')
    const dir = buildContext(daemon.root, { 'sub/My.Dockerfile': 'FROM alone\nADD a.tar /\nCOPY b /\n', b: 'b' })
    await runOk('tar', ['-C', dir, '-cf', join(dir, 'a.tar'), 'b'])
    for (const [pack, name] of [
      ['-z', 'gz'],
      ['-j', 'bz2'],
      ['-J', 'xz'],
    ] as const) {
      const tar = join(daemon.root, `context.${name}`)
      await runOk('tar', ['-C', dir, pack, '-cf', tar, '.'])
      await runOk('sh', ['-c', `docker build -f sub/My.Dockerfile -t from-${name} - <${tar}`], { env: docker.env })
      assert.equal((await docker.run(['run', '--rm', `from-${name}`, 'cat', '/x', '/b'])).stdout, 'x\nb')
    }
  },
  patient,
)

engineTest(
  'stages, arguments, triggers and shells are as in Docker',
  async ({ docker, daemon, api }) => {
    const parent = buildContext(daemon.root, {
      Dockerfile:
        'FROM busybox\nONBUILD RUN echo triggered > /trigger\nSHELL ["/bin/sh", "-ec"]\nHEALTHCHECK --interval=5s CMD true\n',
    })
    await docker.ok('build', '-t', 'parent', parent)
    const lines = [
      'ARG BASE=nothing',
      'FROM $BASE AS one',
      'ARG VALUE=default',
      'RUN echo $VALUE \\',
      '  # a comment in between',
      '  > /value',
      'FROM scratch AS unused',
      'COPY --from=busybox /bin/busybox /b',
      'FROM one AS two',
      'VOLUME /data',
      'COPY --from=one /value /copied',
      'FROM two AS three',
      'RUN false',
    ]
    const dir = buildContext(daemon.root, { Dockerfile: `${lines.join('\n')}\n` })
    const args = [
      '--build-arg',
      'BASE=parent',
      '--build-arg',
      'VALUE=a,b=c d',
      '--build-arg',
      'LEFT=1',
      '--target',
      'two',
    ]
    const said = await docker.ok('build', ...args, '-t', 'staged', dir)
    assert.match(said, /# Executing build trigger: RUN echo triggered/)
    assert.match(said, /Step 9\/9 : COPY --from=one/)
    assert.match(said, /\[Warning\] One or more build-args \[LEFT\] were not consumed/)
    assert.equal(
      (await docker.run(['run', '--rm', 'staged', 'cat', '/trigger', '/copied'])).stdout,
      'triggered\na,b=c d\n',
    )
    const { Config } = await api.getImage('staged').inspect()
    assert.partialDeepStrictEqual(Config, { Shell: ['/bin/sh', '-ec'], Volumes: { '/data': {} } })
    assert.deepEqual(Config.Healthcheck?.Test, ['CMD-SHELL', 'true'])
    const failed = await docker.run(['build', '--build-arg', 'BASE=parent', dir])
    assert.equal(failed.code, 1)
    assert.match(failed.stderr, /The command '\/bin\/sh -ec false' returned a non-zero code: 1/)
  },
  patient,
)

engineTest(
  'the commands of a build see the network that is asked for',
  async ({ docker, daemon, host }) => {
    await docker.ok('network', 'create', 'lan')
    await docker.ok('run', '-d', '--name', 'web', '--network', 'lan', 'busybox', 'httpd', '-f', '-h', '/etc')
    const see = async (command: string, ...flags: string[]) => {
      const dir = buildContext(daemon.root, { Dockerfile: `FROM busybox\nRUN ${command}\n` })
      const { code, stdout, stderr } = await docker.run(['build', '--no-cache', ...flags, dir])
      assert.equal(code, 0, stdout + stderr)
      return stdout
    }
    assert.match(await see('timeout 5 wget -qO- http://web/passwd', '--network', 'lan'), /^root:x:0/m)
    assert.match(await see('timeout 5 wget -qO- http://localhost/passwd', '--network', 'container:web'), /^root:x:0/m)
    const usual = await see('ip -4 addr show eth0; ip route; cat /etc/hosts', '--add-host', 'db:10.9.8.7')
    assert.match(usual, /172\.17\.0\.\d[\s\S]*default via 172\.17\.0\.1[\s\S]*10\.9\.8\.7\s+db/)
    assert.doesNotMatch(await see('ip link', '--network', 'none'), /eth0/)
    assert.match(await see('ip link', '--network', 'host'), /docker0/)
    const missing = await docker.run([
      'build',
      '--network',
      'nowhere',
      buildContext(daemon.root, { Dockerfile: 'FROM busybox\nRUN true\n' }),
    ])
    assert.match(missing.stderr, /network nowhere not found/)
    assert.deepEqual(JSON.parse(await docker.ok('network', 'inspect', '-f', '{{json .Containers}}', 'bridge')), {})
    assert.equal(
      (await host.ip('link')).filter(({ ifname }: { ifname: string }) => ifname.startsWith('veth')).length,
      1,
    )
  },
  patient,
)

function withoutRed(text: string): string {
  return text.replace(/\x1b\[91m[^\x1b]*\x1b\[0m/g, '')
}
