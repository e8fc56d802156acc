import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { cpus, hostname, totalmem } from 'node:os'
import { olderDocker, olderDockerCli } from '../support/docker.ts'
import { engineTest } from '../support/engine-test.ts'
import { runOk } from '../support/finished.ts'

engineTest('info tells the truth, to clients of all ages, and warns of nothing that is there', async (engine) => {
  const { docker, wharf, daemon, api } = engine
  await docker.ok('run', '-d', '--name', 'box', 'busybox', 'sleep', '1000')
  const told = await api.info()
  assert.partialDeepStrictEqual(told, {
    ...{ Containers: 1, ContainersRunning: 1, Images: 1, NCPU: cpus().length, MemTotal: totalmem(), Name: hostname() },
    ...{
      DockerRootDir: `${daemon.root}/data`,
      IPv4Forwarding: true,
      MemoryLimit: true,
      PidsLimit: true,
      DefaultRuntime: 'crun',
    },
  })
  const [, name] = told.DriverStatus.find(([key]: [string]) => key === 'Backing Filesystem')
  const witness = await runOk('stat', ['-f', '-c', '%T', daemon.root])
  assert.equal({ 'ext2/ext3': 'extfs' }[witness] ?? witness, name)

  using older = existsSync(olderDocker) ? olderDockerCli(daemon.socket) : undefined
  for (const client of [docker, wharf, ...(older === undefined ? [] : [older])]) {
    const { code, stdout, stderr } = await client.run(['info'])
    assert.equal(code, 0)
    assert.match(stdout, /Containers: 1\n +Running: 1\n/)
    const warnings = stderr.split('\n').filter((line) => line.startsWith('WARNING'))
    assert.deepEqual(warnings, told.Warnings)
    assert.equal(JSON.parse(await client.ok('system', 'info', '--format', '{{json .}}')).ID, told.ID)
  }
})

engineTest('a context leads clients to the engine, and a ping tells them what it is', async ({ docker, daemon }) => {
  const { DOCKER_HOST: _, ...env } = docker.env
  const run = (...args: string[]) => runOk('env', ['-u', 'DOCKER_HOST', 'docker', ...args], { env })
  await run('context', 'create', 'here', '--docker', `host=unix://${daemon.socket}`)
  assert.equal(await run('--context', 'here', 'version', '-f', '{{.Server.Platform.Name}}'), 'Wharf Engine')
  await run('context', 'use', 'here')
  assert.match(await run('network', 'ls'), /bridge/)
  assert.match(await run('context', 'ls', '--format', '{{.Name}} {{.Current}}'), /^here true$/m)

  const head = await runOk('curl', ['-sI', '--unix-socket', daemon.socket, 'http://x/_ping'])
  for (const line of [
    /^HTTP\/1\.1 200 OK\r$/m,
    /^Api-Version: 1\.51\r$/im,
    /^Ostype: linux\r$/im,
    /^Docker-Experimental: false\r$/im,
  ])
    assert.match(head, line)
  for (const line of [
    /^Swarm: inactive\r$/im,
    /^Builder-Version: \d\r$/im,
    /^Content-Length: 0\r$/im,
    /^Cache-Control: no-cache/im,
  ])
    assert.match(head, line)
})
