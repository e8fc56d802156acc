import { NftContext } from '../src/kernel/nftables.ts'
import { httpWhoami, webServer } from './servers.ts'
import type { World } from './world.ts'

/** The engine and its three networks, before any container. */
export async function showEngine({ narrator, wharf, on, host }: World): Promise<void> {
  narrator.chapter('An engine with three networks')
  narrator.tell(`Two hosts were made out of network namespaces and joined by a wire; nothing of this machine's own
    network is touched. On the first one runs "wharf daemon". Its image was made from this machine's busybox.`)
  const { stdout } = await wharf('network ls')
  narrator.check('bridge, host and none are there', /bridge\s+bridge[\s\S]*host\s+host[\s\S]*none\s+null/.test(stdout))
  await wharf('images')
  const links = await on(host, 'ip -o addr show docker0')
  narrator.check('the host has docker0 with the address 172.17.0.1', links.includes('172.17.0.1/16'), links)
}

/** Two containers on the default bridge: addresses, veth pairs, no names. */
export async function showBridge({ narrator, wharf, quietly, on, host }: World): Promise<void> {
  narrator.chapter('bridge: two containers on the default network')
  await wharf('run -d -i --name bbox1 busybox')
  await wharf('run -d -i --name bbox2 busybox')
  const address = await quietly('inspect -f {{.NetworkSettings.IPAddress}} bbox1')
  const ping = await wharf(`exec bbox2 ping -c 1 -W 2 ${address}`)
  narrator.check(`bbox2 reaches bbox1 by its address ${address}`, ping.code === 0)
  narrator.tell('Each container has eth0; its other end is a port of docker0. The two name each other by number:')
  const inside = (await wharf('exec bbox1 cat /sys/class/net/eth0/iflink')).stdout.trim()
  const links = await on(host, 'ip -o link | grep veth')
  narrator.check(`interface ${inside} of the host is the other end of bbox1's eth0`, links.includes(`${inside}: veth`))
  const unknown = await wharf('exec bbox2 ping -c 1 -W 1 bbox1')
  narrator.check('names are not known on the default network', /bad address/.test(unknown.stderr), unknown.stderr)
}

/** A user-defined network: its own bridge and names. */
export async function showNames({ narrator, wharf, on, host }: World): Promise<void> {
  narrator.chapter('A network of your own: containers have names')
  await wharf('network create my_net2')
  await wharf('run -d -i --name web --network my_net2 --network-alias www busybox')
  await wharf('run -d -i --name client --network my_net2 busybox')
  const byName = await wharf('exec client ping -c 1 -W 2 web')
  narrator.check('client reaches web by name', byName.code === 0)
  const byAlias = await wharf('exec client ping -c 1 -W 2 www')
  narrator.check('and by its alias www', byAlias.code === 0)
  const file = (await wharf('exec client cat /etc/resolv.conf')).stdout
  narrator.check('because it asks the DNS server on 127.0.0.11', file.includes('nameserver 127.0.0.11'))
  const bridges = await on(host, 'ip -o addr | grep br-')
  narrator.check('the network is a bridge of its own, with a subnet of its own', bridges.includes('172.18.0.1/16'))
  const across = await wharf('exec bbox1 ping -c 1 -W 1 172.18.0.2')
  narrator.check('bbox1, on the other network, does not reach web', across.code !== 0)
}

/** A running container gets a second network and loses it again. */
export async function showConnect({ narrator, wharf }: World): Promise<void> {
  narrator.chapter('connect and disconnect: a running container joins a second network')
  await wharf('network connect my_net2 bbox1')
  const two = (await wharf('exec bbox1 ip -o -4 addr')).stdout
  narrator.check('bbox1 has eth0 and eth1 now', two.includes('eth0') && two.includes('eth1'), two)
  narrator.check('and reaches web by name', (await wharf('exec bbox1 ping -c 1 -W 2 web')).code === 0)
  await wharf('network disconnect my_net2 bbox1')
  const one = (await wharf('exec bbox1 ls /sys/class/net')).stdout
  narrator.check('after disconnect eth1 is gone', !one.includes('eth1'), one)
  const busy = await wharf('network rm my_net2')
  narrator.check('a network in use is not removed', /has active endpoints/.test(busy.stderr), busy.stderr)
}

/** `--net host`, `--net none`, `--net container:NAME`. */
export async function showModes({ narrator, wharf, quietly, hostAddress }: World): Promise<void> {
  narrator.chapter('host, none, container: three other ways')
  await wharf('run -d -i --name inhost --net host busybox')
  const inHost = (await wharf('exec inhost ip -o -4 addr')).stdout
  narrator.check(`host: the container has the host's own address ${hostAddress}`, inHost.includes(hostAddress))
  await wharf('run -d -i --name alone --net none busybox')
  const alone = (await wharf('exec alone ls /sys/class/net')).stdout.trim()
  narrator.check('none: only lo', alone === 'lo', alone)
  await wharf('run -d -i --name joined --net container:web busybox')
  const line = '{{.NetworkSettings.SandboxKey}}'
  const web = (await wharf('exec web ip -o -4 addr')).stdout
  const joined = (await wharf('exec joined ip -o -4 addr')).stdout
  narrator.check('container: the same interfaces and addresses as the donor', web === joined && web !== '', joined)
  const [a, b] = [await quietly(`inspect -f ${line} web`), await quietly(`inspect -f ${line} joined`)]
  narrator.check('because both are in one network namespace', a === b && a !== '', `${a} ${b}`)
}

/** A published port, from everywhere that it can be asked from. */
export async function showPublish(world: World): Promise<void> {
  const { narrator, wharf, on, host, hostAddress, neighbour } = world
  narrator.chapter('-p: a port of the host leads into a container')
  await wharf('run -d -i --name shop -p 10080:80 busybox')
  await webServer(world, 'shop', 'hello from the shop')
  await wharf('port shop')
  const url = `http://${hostAddress}:10080/`
  const asked = {
    'the neighbour, over the wire': await on(neighbour, `timeout 5 wget -q -O - ${url}`),
    'the host itself, by 127.0.0.1': await on(host, 'timeout 5 wget -q -O - http://127.0.0.1:10080/'),
    'the host itself, by its address': await on(host, `timeout 5 wget -q -O - ${url}`),
    'another container, by the address of the host': (await wharf(`exec bbox2 timeout 5 wget -q -O - ${url}`)).stdout,
  }
  for (const [who, answer] of Object.entries(asked)) {
    narrator.check(`${who} is served`, answer.trim() === 'hello from the shop', answer)
  }
  narrator.tell(
    'No process stands in between: the kernel rewrites the address. This is the entry, from nft list table inet wharf:',
  )
  using nft = new NftContext(host.namespace)
  const entry = nft
    .run('list table inet wharf')
    .split('\n')
    .filter((text) => text.includes('10080'))
  narrator.output(entry.map((text) => text.trim()).join('\n'))
  narrator.check('the packet filter has port 10080 in a map', entry.length > 0)
  const taken = await wharf('run -d -i --name second -p 10080:80 busybox')
  narrator.check('the same port twice is refused', /port is already allocated/.test(taken.stderr), taken.stderr)
}

/** Masquerade: the neighbour sees the host. */
export async function showOutbound({
  narrator,
  wharf,
  hostAddress,
  neighbour,
  neighbourAddress,
}: World): Promise<void> {
  narrator.chapter('Outbound: containers reach the world with the address of their host')
  await using _server = await httpWhoami(neighbour, neighbourAddress, 8000)
  narrator.tell('The neighbour serves, on port 8000, the address that each client comes from.')
  const { stdout } = await wharf(`exec client timeout 5 wget -q -O - http://${neighbourAddress}:8000/`)
  narrator.check(
    `the neighbour sees ${hostAddress}, not the container's address`,
    stdout.trim() === hostAddress,
    stdout,
  )
}

/** The daemon is killed; names and ports go on; it comes back. */
export async function showRestart({ narrator, wharf, on, daemon, host }: World): Promise<void> {
  narrator.chapter('kill -9: the engine dies, the containers do not notice')
  const asker = await wharf('inspect -f {{.State.Pid}} client')
  narrator.command(`kill -9 ${daemon.pid}   # the daemon`)
  await daemon.kill9()
  const page = await on(host, 'timeout 5 wget -q -O - http://127.0.0.1:10080/')
  narrator.check('without a daemon the published port still serves', page.trim() === 'hello from the shop', page)
  const pid = asker.stdout.trim()
  narrator.command(`nsenter -t ${pid} -n -m ping -c 1 web   # in the container, without the engine's help`)
  const ping = await host.exec('nsenter', ['-t', pid, '-n', '-m', '/bin/ping', '-c', '1', '-W', '2', 'web'])
  narrator.check('and names are still answered', ping.code === 0, ping.stderr)
  narrator.command('wharf daemon &')
  await daemon.start()
  const { stdout } = await wharf('ps --format', '{{.Names}} {{.Status}}')
  narrator.check('the new daemon knows every container', /shop Up[\s\S]*web Up/.test(stdout), stdout)
  narrator.check('and can work with them', (await wharf('exec client ping -c 1 -W 2 web')).code === 0)
}
