import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { callCni, createPod, type Pod } from '../support/cni.ts'
import { type Engine, engineTest } from '../support/engine-test.ts'
import { fetchFrom, runHelper } from '../support/web.ts'

const envOf = (id: string, { netns }: Pod, more: Readonly<Record<string, string>> = {}) => ({
  CNI_CONTAINERID: id,
  CNI_NETNS: netns,
  CNI_IFNAME: 'eth0',
  ...more,
})
const configOf = ({ daemon }: Engine, more: Readonly<Record<string, unknown>> = {}) => ({
  cniVersion: '1.0.0',
  name: 'pods',
  type: 'wharf-cni',
  network: 'lan',
  socket: daemon.socket,
  ...more,
})
const asks = async (pod: Pod, name: string) =>
  (await pod.exec('dig', '+short', '+time=2', '+tries=1', '@127.0.0.11', name)).stdout.trim()
const namesOn = async ({ docker }: Engine) =>
  Object.values<{ Name: string }>(
    JSON.parse(await docker.ok('network', 'inspect', '-f', '{{json .Containers}}', 'lan')),
  )
    .map(({ Name }) => Name)
    .sort()

engineTest('containers of other engines talk to each other and to ours by name, across restarts', async (engine) => {
  const { docker, daemon, sh, host } = engine
  using web = createPod()
  using worker = createPod()
  await docker.ok('network', 'create', '--subnet', '10.66.0.0/24', 'lan')
  await docker.ok('run', '-di', '--name', 'ours', '--network', 'lan', 'busybox')
  const published = { runtimeConfig: { portMappings: [{ hostPort: 8081, containerPort: 80, protocol: 'tcp' }] } }
  const names = { CNI_ARGS: 'IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web' }
  const added = await callCni('ADD', configOf(engine, published), envOf('pod-web', web, names))
  assert.deepEqual(added, {
    code: 0,
    answer: {
      cniVersion: '1.0.0',
      interfaces: [{ name: 'eth0', mac: added.answer.interfaces[0].mac, sandbox: web.netns }],
      ips: [{ address: '10.66.0.3/24', gateway: '10.66.0.1', interface: 0 }],
      routes: [{ dst: '0.0.0.0/0', gw: '10.66.0.1' }],
      dns: { nameservers: ['127.0.0.11'] },
    },
  })
  assert.equal((await callCni('ADD', configOf(engine), envOf('pod-worker', worker))).code, 0)
  assert.deepEqual(await namesOn(engine), ['ours', 'pod-worker', 'web'])

  const seesAll = async () => {
    assert.equal(await asks(worker, 'web'), '10.66.0.3')
    assert.equal(await asks(worker, 'web.shop'), '10.66.0.3')
    assert.equal(await asks(web, 'ours'), '10.66.0.2')
    assert.equal((await worker.exec('ping', '-c1', '-W2', '10.66.0.3')).code, 0)
    assert.equal((await sh('ours', 'ping -c1 -W2 web')).code, 0)
  }
  await seesAll()
  await using _ = await runHelper(
    web.netns,
    `require('node:http').createServer((_, answer) => answer.end('pod')).listen(80, () => console.log('ready'))`,
  )
  await daemon.kill9()
  await daemon.start()
  await seesAll()
  assert.deepEqual(await callCni('CHECK', configOf(engine, { prevResult: added.answer }), envOf('pod-web', web)), {
    code: 0,
    answer: undefined,
  })
  assert.equal(await fetchFrom(host, 'http://127.0.0.1:8081/'), 'pod')

  for (const _ of [1, 2]) {
    assert.deepEqual(await callCni('DEL', configOf(engine), envOf('pod-web', web)), { code: 0, answer: undefined })
  }
  assert.equal(JSON.parse((await web.exec('ip', '-j', 'link')).stdout).length, 1)
  assert.equal(await asks(worker, 'web'), '')
  assert.deepEqual(await namesOn(engine), ['ours', 'pod-worker'])
  const { answer } = await callCni('CHECK', configOf(engine), envOf('pod-web', web))
  assert.deepEqual([answer.code, /not as it was attached: it is not attached/.test(answer.msg)], [102, true])

  // Its engine ends the namespace and never says so: the next start finds it.
  await daemon.stop()
  worker.end()
  await daemon.start()
  assert.deepEqual(await namesOn(engine), ['ours'])
  const foreign = join(daemon.root, 'run/foreign')
  assert.deepEqual(existsSync(foreign) ? readdirSync(foreign) : [], [])
})

engineTest(
  'a foreign container has several interfaces, each of which goes for itself, and GC takes the rest',
  async (engine) => {
    const { docker, daemon } = engine
    using pod = createPod()
    using other = createPod()
    await docker.ok('network', 'create', '--subnet', '10.66.0.0/24', 'lan')
    await docker.ok('network', 'create', '--subnet', '10.67.0.0/24', 'back')
    const back = configOf(engine, { name: 'backs', network: 'back' })
    const second = envOf('pod', pod, { CNI_IFNAME: 'net1' })
    const first = await callCni('ADD', configOf(engine), envOf('pod', pod))
    const more = await callCni('ADD', { ...back, prevResult: first.answer }, second)
    assert.deepEqual(
      more.answer.ips.map(({ address }: { address: string }) => address),
      ['10.66.0.2/24', '10.67.0.2/24'],
    )
    assert.deepEqual(more.answer.ips[1].interface, 1)
    const links = async () =>
      JSON.parse((await pod.exec('ip', '-j', 'link')).stdout).map(({ ifname }: { ifname: string }) => ifname)
    assert.deepEqual(await links(), ['lo', 'eth0', 'net1'])
    await callCni('DEL', configOf(engine), envOf('pod', pod))
    assert.deepEqual(await links(), ['lo', 'net1'])
    assert.equal((await callCni('CHECK', back, second)).code, 0)
    await pod.exec('ip', 'addr', 'flush', 'dev', 'net1')
    assert.match((await callCni('CHECK', back, second)).answer.msg, /address 10\.67\.0\.2 is gone from net1/)

    await callCni('ADD', configOf(engine), envOf('other', other))
    const valid = { 'cni.dev/valid-attachments': [{ containerID: 'other', ifname: 'eth0' }] }
    assert.equal((await callCni('GC', { ...back, ...valid, cniVersion: '1.1.0' })).code, 0)
    assert.deepEqual(await links(), ['lo'])
    assert.deepEqual(await namesOn(engine), ['other'])
    await docker.ok('network', 'disconnect', '-f', 'lan', 'other')
    assert.deepEqual(await namesOn(engine), [])
    assert.equal((await callCni('DEL', configOf(engine), envOf('other', other))).code, 0)
    assert.deepEqual(readdirSync(join(daemon.root, 'run/foreign')), [])
  },
)

engineTest('wharf-cni answers what is wrong with codes, and leaves nothing', async (engine) => {
  const { docker } = engine
  using pod = createPod()
  await docker.ok('network', 'create', '--subnet', '10.66.0.0/29', 'lan')
  const ours = await docker.ok('run', '-di', '--name', 'ours', '-p', '8082:80', 'busybox')
  const env = envOf('pod', pod)
  const config = configOf(engine)
  const taken = { runtimeConfig: { portMappings: [{ hostPort: 8082, containerPort: 80 }] } }
  const cases: readonly (readonly [string, unknown, Readonly<Record<string, string>>, number, RegExp])[] = [
    ['ADD', '{', env, 6, /not JSON/],
    ['ADD', { ...config, cniVersion: '9.0.0' }, env, 1, /version "9\.0\.0" is not among/],
    ['ADD', config, { ...env, CNI_NETNS: '' }, 4, /CNI_NETNS is missing/],
    ['ADD', config, { ...env, CNI_CONTAINERID: '../pod' }, 4, /CNI_CONTAINERID "..\/pod" is not allowed/],
    ['FROB', config, env, 4, /CNI_COMMAND is "FROB"/],
    ['ADD', { ...config, network: 'nowhere' }, env, 101, /network nowhere not found/],
    ['ADD', config, { ...env, CNI_NETNS: '/nowhere' }, 7, /Cannot use network namespace "\/nowhere": ENOENT/],
    ['ADD', config, { ...env, CNI_NETNS: engine.host.namespace.path }, 7, /it is the host's own/],
    ['ADD', config, { ...env, CNI_NETNS: '/etc/passwd' }, 7, /Cannot use network namespace "\/etc\/passwd"/],
    ['ADD', config, { ...env, CNI_CONTAINERID: ours }, 102, /it is one of this engine's own/],
    ['ADD', config, { ...env, CNI_IFNAME: 'a-name-that-is-too-long' }, 7, /invalid interface name/],
    ['ADD', config, { ...env, CNI_ARGS: 'IP=10.9.9.9' }, 7, /no configured subnet contains IP address 10\.9\.9\.9/],
    ['ADD', { ...config, ...taken }, env, 100, /port is already allocated|address already in use/],
    ['ADD', { ...config, socket: '/nowhere.sock' }, env, 11, /Cannot connect to the Wharf daemon/],
    ['DEL', { ...config, socket: '/nowhere.sock' }, env, 11, /Cannot connect to the Wharf daemon/],
    ['STATUS', { ...config, network: 'nowhere' }, {}, 50, /network nowhere not found/],
  ]
  for (const [command, input, environment, wanted, sentence] of cases) {
    const { code, answer } = await callCni(command, input, environment)
    assert.deepEqual([code, answer.code], [1, wanted], `${command} ${JSON.stringify(answer)}`)
    assert.match(answer.msg, sentence)
  }
  assert.deepEqual(await namesOn(engine), [])
  assert.equal(JSON.parse((await pod.exec('ip', '-j', 'link')).stdout).length, 1)
  assert.equal((await callCni('STATUS', config)).code, 0)
  await pod.exec('ip', 'link', 'add', 'eth0', 'type', 'bridge')
  assert.equal((await callCni('ADD', config, env)).code, 1, 'the interface is there')
  await pod.exec('ip', 'link', 'delete', 'eth0')
  assert.match((await callCni('ADD', config, env)).answer.ips[0].address, /^10\.66\.0\.\d\/29$/)
  assert.equal((await callCni('ADD', config, env)).answer.code, 102)
  assert.equal((await callCni('DEL', config, { CNI_CONTAINERID: 'pod', CNI_IFNAME: 'eth0' })).code, 0)
  assert.deepEqual(await namesOn(engine), [])
})
