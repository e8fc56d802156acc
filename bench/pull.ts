import { createReadStream, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { NetworkNamespace } from '../src/kernel/namespace.ts'
import { openImageLab } from '../test/support/image-lab.ts'
import { bringUpLoopback, push, registryAddress, startRegistry } from '../test/support/image-registry.ts'

/** Prints the times of a pull beside those of its parts run by hand: `skopeo copy`, then `tar x` of every layer. */

const runs = 5
const megabytes = 200
const layerCounts = [1, 4]

async function measure(name: string, work: () => Promise<void> | void, after: () => Promise<void> | void) {
  const times: number[] = []
  for (let run = 0; run < runs; run++) {
    const start = performance.now()
    await work()
    times.push(performance.now() - start)
    await after()
  }
  const median = times.sort((a, b) => a - b)[runs >> 1]!
  console.log(name.padEnd(60), `${median.toFixed(0)} ms`.padStart(10))
  return median
}

using namespace = NetworkNamespace.create() // everything happens in it, and goes with it
using lab = openImageLab(namespace)
bringUpLoopback(namespace)
await using _ = await startRegistry(namespace, lab.dir)
const nobody = new Map<string, never[]>()

for (const count of layerCounts) {
  const tag = `${count}`
  // Half noise, half text, in files of 64 kB: about what a distribution's files compress to.
  lab.shell(`for l in $(seq ${count}); do mkdir -p src/$l; for f in $(seq ${(megabytes * 8) / count}); do
      head -c 65536 /dev/urandom > src/$l/$f; yes "line $f of layer $l" | head -c 65536 >> src/$l/$f
    done; tar -C src/$l -cf l$l.tar .; done; rm -r src`)
  const layers = Array.from({ length: count }, (_, index) => `l${index + 1}.tar`)
  await push(namespace, lab.dir, `docker-archive:${lab.dockerArchive(`x${tag}`, layers, [`x:${tag}`])}`, `x:${tag}`)
  const name = `${registryAddress}/x:${tag}`
  const title = `${megabytes} MB in ${count} layer${count > 1 ? 's' : ''}`
  const clean = () => void lab.shell('rm -rf floor')
  const floor = await measure(
    `${title}: skopeo copy, then tar x`,
    () => {
      lab.shell(
        `mkdir floor; ./skopeo --insecure-policy copy -q --src-tls-verify=false docker://${name} dir:floor/copy`,
      )
      const manifest = JSON.parse(readFileSync(join(lab.dir, 'floor/copy/manifest.json'), 'utf8'))
      const blobs = manifest.layers.map(({ digest }: { readonly digest: string }) => digest.slice(7)).join(' ')
      lab.shell(`for blob in ${blobs}; do
        mkdir floor/$blob.d; tar -C floor/$blob.d --xattrs -xzf floor/copy/$blob; done`)
    },
    clean,
  )
  const gone = async () => void (await lab.images.remove(name, { force: true, prune: true }, nobody))
  const pull = await measure(
    `${title}: pull`,
    async () => void (await lab.images.pull(name, {}, () => {}, lab.signal)),
    gone,
  )
  console.log(`${title}: ratio ${(pull / floor).toFixed(2)}`)
  await measure(
    `${title}: load`,
    async () => void (await lab.images.load(createReadStream(join(lab.dir, `x${tag}.tar`)), () => {}, lab.signal)),
    async () => void (await lab.images.remove(`x:${tag}`, { force: true, prune: true }, nobody)),
  )
  console.log(`${title}: largest resident set ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`)
}
