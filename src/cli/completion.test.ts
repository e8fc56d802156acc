import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCliWith } from '../../test/support/cli.ts'
import { openFakeDaemon } from '../../test/support/fake-daemon.ts'

const completions: readonly [words: string[], candidates: string[]][] = [
  [['ru'], ['run']],
  [
    ['network', 'c'],
    ['connect', 'create'],
  ],
  [
    ['run', '--network', ''],
    ['bridge', 'net2'],
  ],
  [['run', '--net', 'n'], ['net2']],
  [['run', '--read'], ['--read-only']],
  [['stop', 'w'], ['web']],
  [['-D', 'inspect', 'd'], ['db']],
  [['rmi', ''], ['busybox:latest']],
  [['nosuch', ''], []],
  [['completion', ''], []],
]

for (const [words, candidates] of completions) {
  test(`completion of "wharf ${words.join(' ')}"`, async () => {
    await using daemon = await openFakeDaemon({
      json: {
        'GET /networks': [{ Name: 'bridge' }, { Name: 'net2' }],
        'GET /images/json': [{ RepoTags: ['busybox:latest'] }, { RepoTags: ['<none>:<none>'] }],
        'GET /containers/json': [{ Names: ['/web'], State: 'running' }],
        'GET /containers/json?all=1': [
          { Names: ['/web'], State: 'running' },
          { Names: ['/db'], State: 'exited' },
        ],
      },
    })
    const { stdout } = await runCliWith(['__complete', ...words], { host: daemon.host })
    assert.deepEqual(stdout.split('\n').filter(Boolean), candidates)
  })
}

test('completion offers nothing, and says nothing, without a daemon', async () => {
  assert.deepEqual(await runCliWith(['__complete', 'stop', ''], { host: 'unix:///nonexistent/w.sock' }), {
    code: 0,
    stdout: '',
    stderr: '',
  })
})
