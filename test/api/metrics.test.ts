import assert from 'node:assert/strict'
import { type Engine, engineTest } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { numberOf, type ReadFamily, readMetrics } from '../support/prometheus.ts'
import { rawHttp } from '../support/raw-http.ts'

const main = `${import.meta.dirname}/../../src/main.ts`
const flags = ['--metrics-addr', '127.0.0.1:9323']
const idle = ['busybox', 'sleep', '1000']

/** What a scraper on the engine's host reads. */
async function scrape({ host }: Engine): Promise<ReadonlyMap<string, ReadFamily>> {
  const words = ['-sSf', '--max-time', '10', 'http://127.0.0.1:9323/metrics']
  const { code, stdout, stderr } = await host.exec('curl', words)
  assert.equal(code, 0, stderr)
  return readMetrics(stdout)
}

engineTest(
  'metrics tell of containers, networks, names, ports and requests, as Prometheus reads them',
  async (engine) => {
    const { docker, daemon, sh } = engine
    await docker.ok('network', 'create', 'lan')
    await docker.ok('run', '-d', '--name', 'box', '--net', 'lan', '-p', '8080:80', '-m', '64m', ...idle)
    await docker.ok('run', '-d', '--name', 'peer', '--net', 'lan', ...idle)
    await docker.ok('run', '-d', '--name', 'guest', '--net', 'container:peer', ...idle)
    await docker.ok('create', '--name', 'still', ...idle)
    await sh('box', 'nslookup peer; nslookup nobody.example; ping -c 3 -i 0.1 -s 1000 peer')
    const first = await scrape(engine)
    const number = (...words: [string, Record<string, string>?, string?]) => numberOf(first, ...words)
    const states = ['running', 'paused', 'stopped'].map((state) =>
      number('engine_daemon_container_states_containers', { state }),
    )
    assert.deepEqual(states, [3, 0, 1])
    assert.equal(
      number('engine_daemon_engine_info', { version: await docker.ok('version', '-f', '{{.Server.Version}}') }),
      1,
    )
    assert.equal(number('engine_daemon_container_actions_seconds', { action: 'start' }, '_count'), 3)
    assert.equal(number('engine_daemon_network_actions_seconds', { action: 'allocate' }, '_count'), 3)
    assert.ok(number('engine_daemon_events_total') >= 9)
    assert.ok(number('wharf_container_cpu_seconds_total', { name: 'box' }) > 0)
    assert.equal(number('wharf_container_memory_limit_bytes'), 64 * 2 ** 20)
    assert.ok(number('wharf_container_network_transmit_bytes_total', { name: 'box', network: 'lan' }) > 3000)
    assert.ok(number('wharf_container_network_transmit_bytes_total', { name: 'guest', network: 'lan' }) > 3000)
    const lan = number('wharf_network_transmit_bytes_total', { network: 'lan', driver: 'bridge' })
    const both = ['box', 'peer'].map((name) => number('wharf_container_network_transmit_bytes_total', { name }))
    assert.equal(lan, both[0]! + both[1]!)
    assert.equal(number('wharf_network_endpoints', { network: 'lan' }), 2)
    assert.ok(number('wharf_dns_queries_total', { type: 'A' }) >= 2)
    assert.ok(number('wharf_dns_answers_total', { kind: 'own' }) >= 1)
    assert.ok(number('wharf_dns_answers_total', { kind: 'failed' }) >= 1)
    assert.ok(number('wharf_dns_forward_seconds', {}, '_count') >= 1)
    assert.equal(number('wharf_port_action_seconds', { action: 'publish' }, '_count'), 1)
    assert.ok(number('wharf_ports_published') >= 1)
    assert.equal(number('wharf_api_requests_total', { method: 'POST', route: '/containers/create', code: '201' }), 4)
    assert.equal(number('wharf_api_requests_total', { route: '/exec/:id/start', code: '101' }), 1)
    assert.equal((await rawHttp(daemon.socket)('GET', '/v1.41/metrics')).status, 200)

    await docker.ok('rm', '-f', 'box', 'peer')
    const later = await scrape(engine)
    assert.ok(numberOf(later, 'wharf_network_transmit_bytes_total', { network: 'lan' }) >= lan, 'totals never fall')
    assert.equal(numberOf(later, 'wharf_port_action_seconds', { action: 'withdraw' }, '_count'), 1)
    assert.equal(numberOf(later, 'wharf_ports_published'), 0)
    assert.equal(numberOf(later, 'wharf_container_cpu_seconds_total', { name: 'box' }), 0)
  },
  { flags },
)

engineTest(
  'metrics count what is repaired, and health checks; the address answers nothing else',
  async (engine) => {
    const { docker, host } = engine
    await docker.ok('run', '-d', '--name', 'box', '--health-cmd', 'false', '--health-interval', '1s', ...idle)
    await host.execOk('ip', ['link', 'delete', 'docker0'])
    const repaired = async () =>
      numberOf(await scrape(engine), 'wharf_reconcile_seconds', { what: 'network', result: 'repaired' }, '_count') > 0
    await eventually(repaired, true)
    await eventually(async () => numberOf(await scrape(engine), 'engine_daemon_health_checks_failed_total') > 0, true)
    const status = async (...words: string[]) =>
      await host.execOk('curl', ['-s', '-o', '/dev/null', '-w', '%{http_code}', '--max-time', '5', ...words])
    const base = 'http://127.0.0.1:9323'
    const seen = [
      await status(`${base}/containers/json`),
      await status('-X', 'POST', `${base}/metrics`),
      await status(base),
    ]
    assert.deepEqual(seen, ['404', '405', '404'])
    const many = Array.from({ length: 20 }, () => scrape(engine))
    assert.equal((await Promise.all(many)).length, 20)
  },
  { flags },
)

engineTest('an address for metrics that cannot be is refused before anything is done', async ({ host, daemon }) => {
  const start = (...words: string[]) => host.exec(process.execPath, [main, 'daemon', ...words], { timeoutMs: 20_000 })
  for (const address of ['9323', 'example.test:9323', '127.0.0.1:99999']) {
    const { code, stderr } = await start('--validate', '--metrics-addr', address)
    assert.deepEqual(
      [code, stderr.includes(`invalid argument "${address}" for "--metrics-addr" flag: it must be`)],
      [1, true],
      stderr,
    )
  }
  const place = [
    '--data-root',
    `${daemon.root}/other`,
    '--exec-root',
    `${daemon.root}/other-run`,
    '-H',
    `unix://${daemon.root}/other.sock`,
  ]
  const absent = await start(...place, '--metrics-addr', '192.0.2.1:9323')
  assert.deepEqual(
    [absent.code, /Cannot listen on "tcp:\/\/192\.0\.2\.1:9323"/.test(absent.stderr)],
    [1, true],
    absent.stderr,
  )
})
