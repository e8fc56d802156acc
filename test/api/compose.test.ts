import assert from 'node:assert/strict'
import { createProject, type Project } from '../support/compose.ts'
import { type Engine, engineTest } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { fetchFrom } from '../support/web.ts'

const file = `
version: "2.4"
services:
  db:
    image: busybox
    command: sh -c 'echo db begins; sleep 1; touch /tmp/ready; exec sleep 1000'
    healthcheck: { test: ["CMD", "test", "-e", "/tmp/ready"], interval: 200ms, retries: 100 }
    networks: { back: { ipv4_address: 10.81.0.10, aliases: [database] } }
    volumes: ["data:/data"]
  web:
    image: busybox
    command: sh -c 'mkdir -p /www; echo served > /www/index.html; echo web begins; exec httpd -f -h /www'
    depends_on: { db: { condition: service_healthy } }
    networks: { front: { aliases: [www] }, back: {} }
    ports: ["127.0.0.1:18080:80"]
  worker:
    image: busybox
    command: sleep 1000
    networks: [front, outside]
volumes: { data: {} }
networks:
  front: {}
  back: { ipam: { config: [{ subnet: 10.81.0.0/24, gateway: 10.81.0.1 }] } }
  outside: { external: true }
`

/** All that a project has made, by its label. */
async function madeBy({ docker }: Engine, project: string): Promise<Record<string, string[]>> {
  const label = `label=com.docker.compose.project=${project}`
  const list = async (...args: string[]) =>
    (await docker.ok(...args, '--filter', label)).split('\n').filter(Boolean).sort()
  return {
    containers: await list('ps', '-a', '--format', '{{.Names}}'),
    networks: await list('network', 'ls', '--format', '{{.Name}}'),
    volumes: await list('volume', 'ls', '--format', '{{.Name}}'),
  }
}

async function playThrough(engine: Engine, project: Project): Promise<void> {
  const { docker, host, sh } = engine
  await project.ok('up', '-d')
  assert.deepEqual(await madeBy(engine, 'shop'), {
    containers: ['shop_db_1', 'shop_web_1', 'shop_worker_1'],
    networks: ['shop_back', 'shop_front'],
    volumes: ['shop_data'],
  })
  assert.match(await project.ok('ps'), /shop_db_1 .* Up \(healthy\)[\s\S]*shop_web_1 .* 127\.0\.0\.1:18080->80\/tcp/)
  const begins = async () => (await project.ok('logs')).split('\n').filter((line) => line.includes('begins'))
  await eventually(async () => (await begins()).sort(), ['db_1      | db begins', 'web_1     | web begins'])
  assert.equal((await project.run('exec', '-T', 'web', 'sh', '-c', 'exit 7')).code, 7)

  await eventually(() => fetchFrom(host, 'http://127.0.0.1:18080/'), 'served')
  assert.match((await sh('shop_web_1', 'nslookup database')).stdout, /10\.81\.0\.10/)
  assert.equal((await sh('shop_worker_1', 'wget -qO- http://www/')).stdout, 'served\n')
  assert.equal((await sh('stranger', 'ping -c1 -q shop_worker_1')).code, 0)
  assert.equal((await sh('shop_worker_1', 'ping -c1 -W1 10.81.0.10')).code, 1)

  await project.ok('up', '-d', '--scale', 'worker=3')
  const workers = await docker.ok('ps', '--format', '{{.Names}}', '-f', 'name=shop_worker')
  assert.deepEqual(workers.split('\n').sort(), ['shop_worker_1', 'shop_worker_2', 'shop_worker_3'])
  assert.equal((await sh('shop_web_1', 'nslookup worker')).stdout.match(/^Address.*172\./gm)?.length, 3)
}

async function comeDown(engine: Engine, project: Project): Promise<void> {
  await project.ok('down', '-v', '-t', '0')
  assert.deepEqual(await madeBy(engine, 'shop'), { containers: [], networks: [], volumes: [] })
}

engineTest(
  'docker-compose 1.29: up, ps, logs, exec, scale, down, twice in a row',
  async (engine) => {
    const { docker } = engine
    using project = createProject(engine, 'shop', file)
    await docker.ok('network', 'create', 'outside')
    await docker.ok('run', '-di', '--name', 'stranger', '--network', 'outside', 'busybox')
    await playThrough(engine, project)
    await project.ok('up', '-d', '--scale', 'worker=1')
    assert.equal(await project.ok('run', '--rm', '-T', 'worker', 'echo', 'once'), 'once')
    await project.ok('stop', '-t', '0', 'worker')
    assert.match(await project.ok('ps'), /shop_worker_1 .* Exit 137/)
    await comeDown(engine, project)
    await project.ok('up', '-d')
    await eventually(() => fetchFrom(engine.host, 'http://127.0.0.1:18080/'), 'served')
    await comeDown(engine, project)
    assert.equal(await docker.ok('ps', '-a', '--format', '{{.Names}}'), 'stranger')
    assert.match(await docker.ok('network', 'ls', '--format', '{{.Name}}'), /^outside$/m)
  },
  { timeoutMs: 120_000 },
)

engineTest('docker-compose in the foreground follows, and gives back the exit code', async (engine) => {
  using project = createProject(
    engine,
    'short',
    'version: "2.4"\nservices:\n  one: { image: busybox, command: sh -c "echo words; sleep 0.2; exit 4" }\n',
  )
  const { code, stdout } = await project.run('up', '--exit-code-from', 'one')
  assert.equal(code, 4)
  assert.match(stdout, /one_1 .*\| words\n/)
  await project.ok('down')
})

engineTest('prunes by the label of a project leave the others alone', async (engine) => {
  const { docker } = engine
  const two = (name: string) =>
    createProject(
      engine,
      name,
      `version: "2.4"\nservices:\n  one: { image: busybox, command: "true", volumes: ["data:/data"] }\nvolumes: { data: {} }\nnetworks: { default: { ipam: { config: [] } } }\n`,
    )
  using left = two('left')
  using right = two('right')
  for (const project of [left, right]) await project.ok('up', '-d')
  await eventually(async () => await docker.ok('ps', '-q'), '')
  const filter = ['-f', '--filter', 'label=com.docker.compose.project=left']
  for (const kind of ['container', 'network']) await docker.ok(kind, 'prune', ...filter)
  await docker.ok('volume', 'prune', ...filter, '--filter', 'all=true') // older clients have no -a
  assert.deepEqual(await madeBy(engine, 'left'), { containers: [], networks: [], volumes: [] })
  assert.deepEqual(await madeBy(engine, 'right'), {
    containers: ['right_one_1'],
    networks: ['right_default'],
    volumes: ['right_data'],
  })
})
