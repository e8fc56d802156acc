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
