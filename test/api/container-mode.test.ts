import assert from 'node:assert/strict'
import { engineTest } from '../support/engine-test.ts'
import { fetchIn, runHelper, serve } from '../support/web.ts'

engineTest('--net container:NAME shares every interface of the donor, and nothing else', async (engine) => {
  const { docker, sh } = engine
  await docker.ok('network', 'create', 'my_net2')
  await docker.ok('run', '-di', '--name', 'donor', 'busybox')
  await docker.ok('network', 'connect', 'my_net2', 'donor')
  await docker.ok('run', '-di', '--name', 'joined', '--net', 'container:donor', 'busybox')

  const addresses = async (name: string) =>
    (await sh(name, 'ip -o -4 addr show scope global; cat /sys/class/net/eth*/address')).stdout
  assert.equal(await addresses('joined'), await addresses('donor'))
  assert.match(await addresses('joined'), /eth0[\s\S]*eth1/)

  await serve(engine, 'donor', 'from-the-donor')
  assert.equal(await fetchIn(engine, 'joined', 'http://127.0.0.1/'), 'from-the-donor')

  await sh('donor', 'touch /only-here')
  assert.notEqual((await sh('joined', 'ls /only-here')).code, 0, 'files are apart')
  assert.doesNotMatch((await sh('joined', 'ps')).stdout, /httpd/, 'processes are apart')
  assert.equal((await sh('joined', 'hostname')).stdout, (await sh('donor', 'hostname')).stdout)
})

engineTest('a joined container captures the packets of its donor', async ({ docker, sh }) => {
  await docker.ok('run', '-di', '--name', 'donor', 'busybox')
  await docker.ok('run', '-di', '--name', 'joined', '--net', 'container:donor', 'busybox')
  const pid = await docker.ok('inspect', '-f', '{{.State.Pid}}', 'joined')
  const capture = `const c = require('node:child_process').spawn('tcpdump', ['-nli', 'eth0', '-c', '1', 'icmp'], { stdio: ['ignore', 'pipe', 'pipe'] })
    c.stderr.on('data', (d) => String(d).includes('listening on') && console.log('ready'))
    c.stdout.on('data', (d) => console.log('' + d))
    c.on('close', () => process.exit())`
  await using helper = await runHelper(`/proc/${pid}/ns/net`, capture)
  const done = new Promise((resolve) => helper.child.once('close', resolve))
  await sh('donor', 'ping -c 1 -W 2 172.17.0.1')
  await done
  assert.match(helper.output, /IP 172\.17\.0\.\d+ > 172\.17\.0\.1: ICMP echo request/)
})

engineTest('container: mode refuses what Docker refuses, in its words', async ({ docker }) => {
  await docker.ok('run', '-di', '--name', 'donor', 'busybox')
  const refusals: readonly (readonly [string[], RegExp])[] = [
    [['-h', 'x'], /conflicting options: hostname and the network mode/],
    [['--dns', '192.0.2.53'], /conflicting options: dns and the network mode/],
    [['--add-host', 'a:192.0.2.1'], /conflicting options: custom host-to-IP mapping and the network mode/],
    [['-p', '80'], /conflicting options: port publishing and the container type network mode/],
    [['--expose', '80'], /conflicting options: port exposing and the container type network mode/],
  ]
  for (const [flags, words] of refusals) {
    const { code, stderr } = await docker.run(['create', '--net', 'container:donor', ...flags, 'busybox'])
    assert.notEqual(code, 0, flags.join(' '))
    assert.match(stderr, words)
  }
  const { code, stderr } = await docker.run(['run', '-d', '--net', 'container:nobody', 'busybox'])
  assert.notEqual(code, 0)
  assert.match(stderr, /joining network namespace of container: No such container: nobody/)
})

engineTest('a donor, or a network, may come later than the container that wants it', async ({ docker, sh }) => {
  await docker.ok('create', '-i', '--name', 'joined', '--net', 'container:donor', 'busybox')
  await docker.ok('create', '-i', '--name', 'box', '--net', 'later', '--ip', '10.77.0.5', 'busybox')
  const early = await docker.run(['start', 'box'])
  assert.match(early.stderr, /failed to set up container networking: network later not found/)
  await docker.ok('run', '-di', '--name', 'donor', 'busybox')
  await docker.ok('network', 'create', '--subnet', '10.77.0.0/24', 'later')
  await docker.ok('start', 'joined', 'box')
  const addresses = async (name: string) => (await sh(name, "ip addr | grep -E 'inet '")).stdout
  assert.equal(await addresses('joined'), await addresses('donor'))
  assert.match(await addresses('box'), / 10\.77\.0\.5\/24 /)
  // By its id from now on, whatever it is called.
  await docker.ok('rename', 'donor', 'giver')
  await docker.ok('restart', '-t', '0', 'joined')
  assert.equal(await addresses('joined'), await addresses('giver'))
})

engineTest('a container cannot join the network of a stopped one', async ({ docker }) => {
  await docker.ok('create', '-i', '--name', 'idle', 'busybox')
  await docker.ok('create', '-i', '--name', 'late', '--net', 'container:idle', 'busybox')
  const { code, stderr } = await docker.run(['start', 'late'])
  assert.notEqual(code, 0)
  assert.match(stderr, /cannot join network (namespace )?of a non running container/)
  // Nor of one whose network others keep alive.
  await docker.ok('start', 'idle', 'late')
  await docker.ok('create', '--name', 'latest', '--net', 'container:idle', 'busybox')
  await docker.ok('stop', '-t', '0', 'idle')
  const third = await docker.run(['start', 'latest'])
  assert.match(third.stderr, /cannot join network namespace of a non running container: container idle is exited/)
})
