import { NetworkNamespace } from '../src/kernel/namespace.ts'
import { attachment, containerId, networkRequest, openNetworkLab, port } from '../test/support/network-lab.ts'

const rounds = Number(process.argv[2] ?? 100)

/** Times of one operation, in milliseconds. */
class Times {
  readonly #all = new Map<string, number[]>()

  async time<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = performance.now()
    const result = await work()
    this.#all.set(name, [...(this.#all.get(name) ?? []), performance.now() - before])
    return result
  }

  print(): void {
    console.log(`${'operation'.padEnd(34)} ${'median'.padStart(8)} ${'p90'.padStart(8)} ${'max'.padStart(8)}  ms`)
    for (const [name, times] of this.#all) {
      const sorted = times.toSorted((a, b) => a - b)
      const at = (part: number) => sorted[Math.floor((sorted.length - 1) * part)]!.toFixed(2).padStart(8)
      console.log(`${name.padEnd(34)} ${at(0.5)} ${at(0.9)} ${at(1)}`)
    }
  }
}

using host = NetworkNamespace.create()
await using lab = await openNetworkLab(host)
const { networking } = lab
const times = new Times()
await networking.create(networkRequest('base'))
for (let i = 0; i < rounds; i++) {
  const name = `n${i}`
  await times.time('network create', () => networking.create(networkRequest(name)))
  const plain = lab.wish(`plain${i}`, ['none'])
  await times.time('open sandbox, none', () => networking.openSandbox(plain))
  const user = lab.wish(`user${i}`, ['base'])
  await times.time('open sandbox, user bridge', () => networking.openSandbox(user))
  const default_ = lab.wish(`default${i}`, ['bridge'])
  await times.time('open sandbox, default bridge', () => networking.openSandbox(default_))
  const one = lab.wish(`one${i}`, ['bridge'], [port(8080, 80)])
  await times.time('open sandbox, 1 port', () => networking.openSandbox(one))
  const ten = lab.wish(
    `ten${i}`,
    ['bridge'],
    Array.from({ length: 10 }, (_, k) => port(9000 + k, 80 + k)),
  )
  await times.time('open sandbox, 10 ports', () => networking.openSandbox(ten))
  await times.time('connect', () => networking.connect(user.containerId, attachment({ network: name })))
  await times.time('disconnect', () => networking.disconnect(user.containerId, name))
  for (const [what, wish] of Object.entries({ plain, user, default: default_, one, ten })) {
    await times.time(`close sandbox, ${what}`, () => networking.closeSandbox(wish.containerId))
  }
  await times.time('network rm', () => networking.remove(name))
}
await networking.settled()
times.print()

const many = new Times()
for (let i = 0; i < 200; i++) {
  const wish = lab.wish(`many${i}`, ['base'], [port(20_000 + i, 80)])
  const label = i < 20 ? 'first 20 of 200' : i >= 180 ? 'last 20 of 200' : 'between'
  await many.time(`open sandbox, ${label}`, () => networking.openSandbox(wish))
}
for (let i = 0; i < 200; i++)
  await many.time('close sandbox of 200', () => networking.closeSandbox(containerId(`many${i}`)))
many.print()
