import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Engine, engineTest } from '../support/engine-test.ts'
import { fetchFrom, fetchIn, serve } from '../support/web.ts'

const cniPath = '/usr/lib/cni'

/** A directory for configurations, and for the addresses that plugins give out. */
function scratch() {
  const dir = mkdtempSync(join(tmpdir(), 'wharf-cni-'))
  return {
    dir,
    write(name: string, config: unknown): string {
      const path = join(dir, name)
      writeFileSync(path, typeof config === 'string' ? config : JSON.stringify(config))
      return path
    },
    /** Addresses that host-local has given out and not got back. */
    leases: (network: string) =>
      existsSync(join(dir, network)) ? readdirSync(join(dir, network)).filter((name) => /^\d/.test(name)) : [],
    [Symbol.dispose]: () => rmSync(dir, { recursive: true }),
  }
}

function bridgeConfig(dataDir: string) {
  const ipam = {
    type: 'host-local',
    dataDir,
    subnet: '10.88.0.0/16',
    routes: [{ dst: '0.0.0.0/0' }, { dst: '10.5.0.0/16' }],
  }
  return { type: 'bridge', bridge: 'cni7', isGateway: true, ipMasq: true, ipam }
}

const addressOf = ({ docker }: Engine, container: string, field = 'IPAddress') =>
  docker.ok('inspect', '-f', `{{range .NetworkSettings.Networks}}{{.${field}}}{{end}}`, container)

engineTest(
  'containers on a CNI network have its plugins’ addresses and routes, and our names and ports',
  async (engine) => {
    const { docker, wharf, sh, host } = engine
    using files = scratch()
    const plugins = [bridgeConfig(files.dir), { type: 'portmap', capabilities: { portMappings: true } }]
    const conf = files.write('net.conflist', { cniVersion: '1.0.0', name: 'dbnet', plugins })
    await wharf.ok('network', 'create', '-d', 'cni', '-o', `conf=${conf}`, 'db')
    rmSync(conf)
    const network = JSON.parse(await docker.ok('network', 'inspect', 'db'))[0]
    assert.deepEqual([network.Driver, network.IPAM.Config, network.Options.conf], ['cni', [], conf])
    assert.equal(JSON.parse(network.Options.config).cniVersion, '1.0.0')
    await docker.ok('run', '-di', '--name', 'one', '--network', 'db', 'busybox')
    await docker.ok('run', '-di', '--name', 'two', '--network', 'db', '-p', '8080:80', 'busybox')
    assert.deepEqual(
      [await addressOf(engine, 'one'), await addressOf(engine, 'two'), await addressOf(engine, 'two', 'Gateway')],
      ['10.88.0.2', '10.88.0.3', '10.88.0.1'],
    )
    const [two] = JSON.parse(await docker.ok('inspect', 'two'))
    assert.deepEqual(two.NetworkSettings.Networks.db.Routes, [
      { Destination: '0.0.0.0/0' },
      { Destination: '10.5.0.0/16' },
    ])
    assert.match((await sh('two', 'ip route')).stdout, /10\.5\.0\.0\/16 via 10\.88\.0\.1/)
    assert.equal((await sh('one', 'ping -c1 -W2 two')).code, 0)
    await serve(engine, 'two', 'hello')
    for (const address of ['127.0.0.1', '10.88.0.1']) {
      assert.equal(await fetchFrom(host, `http://${address}:8080/`), 'hello')
    }
    assert.equal(await fetchIn(engine, 'one', 'http://10.88.0.1:8080/'), 'hello')
    assert.deepEqual(files.leases('dbnet'), ['10.88.0.2', '10.88.0.3'])
    await docker.ok('rm', '-f', 'one')
    await docker.ok('network', 'disconnect', 'db', 'two')
    assert.deepEqual(files.leases('dbnet'), [])
    await docker.ok('network', 'connect', 'db', 'two')
    assert.deepEqual(files.leases('dbnet').length, 1)
    await docker.ok('rm', '-f', 'two')
    assert.deepEqual(files.leases('dbnet'), [])
    await docker.ok('network', 'rm', 'db')
  },
  { config: { 'cni-path': cniPath } },
)
