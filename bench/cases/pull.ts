import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { dockerCli } from '../../test/support/docker.ts'
import { startRegistry } from '../../test/support/registry.ts'
import type { BenchEngine } from '../support/engine.ts'
import type { Row } from '../support/report.ts'
import { Timings } from '../support/timings.ts'

const rounds = 5
const megabytes = 200
const share = 1.3

/** `docker pull` from a registry on loopback, beside its parts run by hand: `skopeo copy`, then `tar x` of every layer. */
export async function pull(engine: BenchEngine): Promise<Row[]> {
  await using registry = await startRegistry(engine.host)
  const rows: Row[] = []
  for (const layers of [1, 4]) rows.push(...(await measure(engine, `${registry.address}/x:${layers}`, layers)))
  return rows
}

async function measure({ host, daemon }: BenchEngine, name: string, layers: number): Promise<Row[]> {
  using docker = dockerCli(daemon.socket)
  const dir = mkdtempSync(join(daemon.root, 'bench-'))
  // As root skopeo would keep notes under /var/lib.
  const env = { _CONTAINERS_ROOTLESS_UID: '65534', XDG_DATA_HOME: dir }
  const shell = (script: string) => host.execOk('sh', ['-ec', `cd ${dir}; ${script}`], { env, timeoutMs: 300_000 })
  await shell(makeImage(layers))
  await shell(`skopeo --insecure-policy copy -q --dest-tls-verify=false dir:image docker://${name}; rm -r image`)
  const timings = new Timings()
  // In turns, so that what else the machine does hits both alike.
  for (let round = 0; round < rounds; round++) {
    await timings.time('by hand', async () => {
      await shell(`skopeo --insecure-policy copy -q --src-tls-verify=false docker://${name} dir:copy`)
      await shell(unpackAll(readFileSync(join(dir, 'copy/manifest.json'), 'utf8')))
    })
    await shell('rm -r copy unpacked')
    await timings.time('pull', () => docker.run(['pull', '-q', name], { timeoutMs: 300_000 }))
    await docker.ok('rmi', name)
  }
  rmSync(dir, { recursive: true })
  const floor = timings.median('by hand')
  const what = `docker pull, ${megabytes} MB in ${layers} layer${layers > 1 ? 's' : ''}`
  return [{ what, value: timings.median('pull'), unit: 'ms', floor, goal: floor * share }]
}

/** Half noise, half text, in files of 128 kB: about what a distribution's files compress to. Packed as registries have it. */
function makeImage(layers: number): string {
  return `mkdir image; diffs=; parts=
    for l in $(seq ${layers}); do
      mkdir -p src
      for f in $(seq ${(megabytes * 8) / layers}); do
        head -c 65536 /dev/urandom > src/$f; yes "line $f of layer $l" | head -c 65536 >> src/$f
      done
      tar -C src -cf l.tar .; rm -r src
      diffs="$diffs,\\"sha256:$(sha256sum < l.tar | cut -c1-64)\\""
      gzip -1 l.tar; hex=$(sha256sum < l.tar.gz | cut -c1-64); mv l.tar.gz image/$hex
      type=application/vnd.docker.image.rootfs.diff.tar.gzip
      parts="$parts,{\\"mediaType\\":\\"$type\\",\\"size\\":$(stat -c %s image/$hex),\\"digest\\":\\"sha256:$hex\\"}"
    done
    printf '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[%s]}}' "\${diffs#,}" > c
    hex=$(sha256sum < c | cut -c1-64); size=$(stat -c %s c); mv c image/$hex
    config="{\\"mediaType\\":\\"application/vnd.docker.container.image.v1+json\\",\\"size\\":$size,\\"digest\\":\\"sha256:$hex\\"}"
    printf '{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":%s,"layers":[%s]}' \
      "$config" "\${parts#,}" > image/manifest.json
    echo 'Directory Transport Version: 1.1' > image/version`
}

function unpackAll(manifest: string): string {
  const { layers } = JSON.parse(manifest) as { readonly layers: readonly { readonly digest: string }[] }
  const blobs = layers.map(({ digest }) => digest.slice('sha256:'.length)).join(' ')
  return `for blob in ${blobs}; do mkdir -p unpacked/$blob; tar -C unpacked/$blob --xattrs -xzf copy/$blob; done`
}
