import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { NetworkNamespace } from '../src/kernel/namespace.ts'
import { deleteLinkAsync, findLink, setLink } from '../src/kernel/netlink/links.ts'
import { NetlinkSocket } from '../src/kernel/netlink/netlink-socket.ts'
import { vethName } from '../src/network/cables/link-marks.ts'
import { openNetworkLab, port } from '../test/support/network-lab.ts'

const rounds = Number(process.argv[2] ?? 15)
const containers = Number(process.argv[3] ?? 20)

using host = NetworkNamespace.create()
using netlink = new NetlinkSocket(host)
await using lab = await openNetworkLab(host)
const cables: string[] = []
for (let i = 0; i < containers; i++) {
  const { endpoints } = await lab.networking.openSandbox(lab.wish(`c${i}`, ['bridge'], [port(20_000 + i, 80)]))
  cables.push(vethName(endpoints[0]!.id))
}
// The table's own changes are recognised by their process: somebody else has to do the damage.
const nft = spawn('nsenter', [`--net=${host.path}`, 'nft', '-i'], { stdio: ['pipe', 'ignore', 'inherit'] })

const damages: Readonly<Record<string, (round: number) => unknown>> = {
  'flush ruleset': () => nft.stdin.write('flush ruleset\n'),
  'delete table': () => nft.stdin.write('delete table inet wharf\n'),
  'bridge down': () => setLink(netlink, findLink(netlink, 'docker0')!.index, { up: false }),
  'delete cable': (round) => deleteLinkAsync(netlink, cables[round % containers]!),
  'delete bridge': () => deleteLinkAsync(netlink, 'docker0'),
}

console.log(`${containers} containers, ${rounds} rounds: from the order to damage until all is mended`)
console.log(`${''.padEnd(16)} ${'median'.padStart(8)} ${'max'.padStart(8)}  ms`)
for (const [name, damage] of Object.entries(damages)) {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    lab.events.length = 0
    const before = performance.now()
    damage(round)
    await lab.heard(({ action }) => action === 'heal')
    times.push(performance.now() - before)
    await lab.networking.settled()
    await sleep(150) // below the rate at which repairs are held back
  }
  const sorted = times.toSorted((a, b) => a - b)
  const at = (part: number) => sorted[Math.floor((sorted.length - 1) * part)]!.toFixed(1).padStart(8)
  console.log(`${name.padEnd(16)} ${at(0.5)} ${at(1)}`)
}
const cpu = process.cpuUsage()
await sleep(3000)
const { user, system } = process.cpuUsage(cpu)
console.log(`idle: ${((user + system) / 3000 / 10).toFixed(2)} % of a processor`)
nft.stdin.end()
