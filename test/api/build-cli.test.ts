import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildContext } from '../support/build-context.ts'
import { engineTest } from '../support/engine-test.ts'
import { tarOf } from '../support/tar.ts'

const listing = 'FROM busybox\nCOPY . /all\nRUN cd /all && find . -type f | sort\n'

/** Each step of a build starts several programs, which takes its time while other tests run. */
const patient = { timeoutMs: 150_000 }

engineTest(
  'wharf build sends what .dockerignore leaves of a directory',
  async ({ wharf, docker, daemon }) => {
    const dir = buildContext(daemon.root, {
      ...{
        Dockerfile: listing,
        '.dockerignore': 'Dockerfile\n.dockerignore\n# a comment\n*.log\nnode/**\n!node/kept\ndeep/*/x?\n',
      },
      ...{
        a: '1',
        'b.log': '1',
        'sub/c.log': '1',
        'node/gone': '1',
        'node/kept': '1',
        'deep/1/x1': '1',
        'deep/1/y': '1',
      },
    })
    writeFileSync(join(dir, 'run'), '#!/bin/sh\n', { mode: 0o755 })
    const iidFile = join(daemon.root, 'iid')
    const { code, stdout, stderr } = await wharf.run(['build', '-t', 'sent', '--iidfile', iidFile, dir])
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^Sending build context to Wharf daemon {2}[\d.]+kB\nStep 1\/3 : FROM busybox\n/)
    assert.match(stdout, /\n\.\/a\n\.\/deep\/1\/y\n\.\/node\/kept\n\.\/run\n\.\/sub\/c\.log\n ---> /)
    assert.match(stdout, /Successfully built [0-9a-f]{12}\nSuccessfully tagged sent:latest\n$/)
    const id = await docker.ok('images', '-q', '--no-trunc', 'sent')
    assert.equal(readFileSync(iidFile, 'utf8'), id)
    assert.equal(await wharf.ok('build', '-q', dir), id)
    assert.match((await docker.run(['run', '--rm', 'sent', 'ls', '-l', '/all/run'])).stdout, /^-rwxr-xr-x/)
  },
  patient,
)

engineTest(
  'wharf build reads what it builds from stdin, or from elsewhere',
  async ({ wharf, daemon }) => {
    const text = 'FROM busybox\nRUN echo from stdin\n'
    assert.match((await wharf.run(['build', '-'], { input: text })).stdout, /\nfrom stdin\n/)
    const archive = tarOf(
      { name: 'Other', content: 'FROM busybox\nCOPY f /f\nRUN cat /f\n' },
      { name: 'f', content: 'in tar\n' },
    )
    assert.match((await wharf.run(['build', '-f', 'Other', '-'], { input: archive })).stdout, /\nin tar\n/)
    const dir = buildContext(daemon.root, {
      f: 'context\n',
      'docker/Far': 'FROM busybox\nCOPY f /f\nRUN cat /f; echo far\n',
    })
    assert.match((await wharf.run(['build', '-f', join(dir, 'docker/Far'), dir])).stdout, /\ncontext\nfar\n/)
    const outside = join(daemon.root, 'Outside')
    writeFileSync(outside, 'FROM busybox\nARG WHO\nARG HOME\nCOPY f /f\nRUN cat /f; echo $WHO $HOME\n')
    const args = ['--build-arg', 'WHO=ann b', '--build-arg', 'UNSET', '--compress', '-f', outside, dir]
    assert.match((await wharf.run(['build', ...args])).stdout, /\ncontext\nann b/)
    assert.match(
      (await wharf.run(['build', '-f', '-', dir], { input: 'FROM busybox\nRUN echo dash\n' })).stdout,
      /\ndash\n/,
    )
  },
  patient,
)

engineTest(
  'wharf build fails in the way of docker build',
  async ({ wharf, daemon }) => {
    const failing = await wharf.run(['build', '-q', '-'], { input: 'FROM busybox\nRUN echo seen; exit 5\n' })
    assert.deepEqual([failing.code, failing.stdout], [5, ''])
    assert.match(
      failing.stderr,
      /seen[\s\S]*The command '\/bin\/sh -c echo seen; exit 5' returned a non-zero code: 5\n$/,
    )
    const rows: [string[], RegExp][] = [
      [['/nowhere'], /unable to prepare context: path "\/nowhere" not found/],
      [[buildContext(daemon.root, { f: '' })], /failed to read dockerfile: open Dockerfile: no such file or directory/],
      [['https://example.test/x.git'], /fetch it first/],
      [['--ulimit', 'x=1', '.'], /invalid ulimit type: x/],
      [
        ['-t', 'Bad', buildContext(daemon.root, { Dockerfile: 'FROM busybox\n' })],
        /repository name \(library\/Bad\) must be lowercase/,
      ],
    ]
    for (const [args, words] of rows) {
      const { code, stderr } = await wharf.run(['build', ...args])
      assert.notEqual(code, 0, args.join(' '))
      assert.match(stderr, words)
    }
    assert.match(
      await wharf.ok('builder', 'prune', '-f'),
      /^Deleted build cache objects:\n[0-9a-f]{64}\n[\s\S]*Total reclaimed space: [\d.]+MB$/,
    )
    assert.equal(await wharf.ok('builder', 'prune', '-f'), 'Total reclaimed space: 0B')
  },
  patient,
)
