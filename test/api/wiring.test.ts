import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { engineTest } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'

const guide = join(import.meta.dirname, '../../docs/guide/wiring.md')

engineTest(
  'docs/guide/wiring.md works as it stands, and its path of a namespace outlives the daemon',
  async (engine) => {
    const { host, wharf, daemon } = engine
    const [wire, clean] = [...readFileSync(guide, 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text]) => text!)
    const main = wharf.program.map((word) => `'${word}'`).join(' ')
    const script = (text: string) => `set -e\nwharf() { ${main} "$@"; }\n${text}`
    const said = await host.execOk('sh', ['-c', script(wire!)], { env: wharf.env })
    assert.match(said, /1 packets received/)
    const keyOf = () => wharf.ok('inspect', '-f', '{{.NetworkSettings.SandboxKey}}', 'left')
    const before = await keyOf()
    await daemon.kill9()
    await daemon.start()
    assert.equal(await keyOf(), before)
    assert.match(await wharf.ok('exec', 'left', 'ping', '-c', '1', '10.99.0.3'), /1 packets received/)
    await host.execOk('sh', ['-c', script(clean!)], { env: wharf.env })
    const links = async () => (await host.ip('link')).map(({ ifname }: { ifname: string }) => ifname)
    await eventually(async () => (await links()).filter((name: string) => /by-hand|bench0/.test(name)), [])
  },
)
