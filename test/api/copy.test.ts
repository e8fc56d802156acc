import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Engine, engineTest } from '../support/engine-test.ts'
import { pastEvents } from '../support/past-events.ts'

/** Runs a shell script in the engine's own directory. */
function shell({ daemon }: Pick<Engine, 'daemon'>, script: string): string {
  return execFileSync('sh', ['-ec', script], { cwd: daemon.root, encoding: 'utf8' })
}

/** Copies that must be refused: the last line that the client says. */
async function refusal({ docker }: Pick<Engine, 'docker'>, ...args: string[]): Promise<string> {
  const { code, stderr } = await docker.run(['cp', ...args])
  assert.equal(code, 1, stderr)
  return stderr.trim().split('\n').at(-1)!
}

for (const [client, state] of [
  ['docker', 'runs'],
  ['wharf', 'does not run'],
] as const) {
  engineTest(`${client} cp carries files both ways, of a container that ${state}`, async (engine) => {
    const { daemon } = engine
    const docker = engine[client]
    const verb = state === 'runs' ? ['run', '-di'] : ['create']
    await docker.ok(...verb, '--name', 'box', 'busybox')
    const long = 'n'.repeat(120)
    shell(
      engine,
      `mkdir -p in/d/${long}; echo hello > in/d/f; ln in/d/f in/d/again; ln -s ../nowhere in/d/link; mkfifo in/d/fifo
       echo x > in/d/${long}/$(printf 'ü\\nnew\\377line'); chown 33:70000 in/d/f; chmod 4751 in/d/f
       truncate -s 3M in/d/sparse; chmod 1777 in/d
       find in/d -exec touch -hd '2001-02-03 04:05:06' {} +`,
    )
    await docker.ok('cp', join(daemon.root, 'in/d'), 'box:/opt')
    await docker.ok('cp', 'box:/opt', join(daemon.root, 'out'))
    const listing = `find . -printf '%P %y %m %s %l %T@ %n\\n' | LC_ALL=C sort`
    // The client gives all to whoever copies; what the engine sends says whose it is.
    assert.equal(shell(engine, `cd out; ${listing}`), shell(engine, `cd in/d; ${listing}`))
    const archive = shell(engine, `docker -H unix://w.sock cp box:/opt - | tar -tvf - --numeric-owner`)
    assert.match(archive, /-rwsr-x--x +33\/70000 +6 2001-02-03 04:05 opt\/again/)
    assert.match(archive, /h.* opt\/f link to opt\/again/)
    assert.match(archive, /prw.* opt\/fifo/)
    assert.ok(Number(shell(engine, `find data -path '*/upper/*' -name sparse -printf %b`)) < 1000, 'holes stay holes')
  })
}

for (const client of ['docker', 'wharf'] as const) {
  engineTest(`${client} cp resolves paths as Docker does`, async (own) => {
    const engine = { ...own, docker: own[client] }
    const { docker, daemon, sh } = engine
    await docker.ok('run', '-di', '--name', 'box', 'busybox')
    shell(engine, 'mkdir -p d/sub; echo file > f; echo inner > d/sub/i; ln -s /tmp/t l')
    await sh(
      'box',
      'mkdir /tmp/t; ln -s t /tmp/link; ln -s nowhere /tmp/dangling; ln -s / /tmp/root; echo old > /tmp/old',
    )
    const at = (path: string) => `${daemon.root}/${path}`
    const list = async (path: string) => (await sh('box', `cd ${path}; find . | sort | tr '\\n' ' '`)).stdout

    await docker.ok('cp', at('d'), 'box:/tmp/new')
    assert.equal(await list('/tmp/new'), '. ./sub ./sub/i ')
    await docker.ok('cp', at('d'), 'box:/tmp/t')
    await docker.ok('cp', at('d/.'), 'box:/tmp/t')
    assert.equal(await list('/tmp/t'), '. ./d ./d/sub ./d/sub/i ./sub ./sub/i ')
    await docker.ok('cp', at('f'), 'box:/tmp/link/')
    await docker.ok('cp', at('f'), 'box:tmp/root/tmp/../../../../tmp/t/g')
    await docker.ok('cp', at('f'), 'box:/tmp/old')
    await docker.ok('cp', at('f'), 'box:/tmp/dangling')
    assert.equal(
      (await sh('box', 'cat /tmp/t/f /tmp/t/g /tmp/old /tmp/nowhere; readlink /tmp/dangling')).stdout,
      'file\nfile\nfile\nfile\nnowhere\n',
    )

    await docker.ok('cp', 'box:/tmp/link', at('as-link'))
    await docker.ok('cp', '-L', 'box:/tmp/link', at('followed'))
    await docker.ok('cp', 'box:/tmp/link/.', at('content'))
    assert.equal(
      shell(engine, 'readlink as-link; ls followed; ls content; ls followed/d'),
      't\nd\nf\ng\nsub\nd\nf\ng\nsub\nsub\n',
    )
    assert.match(shell(engine, 'docker -H unix://w.sock cp box:/ - | tar tPf - | head -2'), /^\/\n\/\.dockerenv\n$/)

    assert.equal(await refusal(engine, at('d'), 'box:/tmp/old'), 'cannot copy directory')
    assert.match(await refusal(engine, at('f'), 'box:/tmp/none/'), /no such directory/)
    assert.match(
      await refusal(engine, 'box:/tmp/none', at('x')),
      /Could not find the file \/tmp\/none in container box$/,
    )
    assert.match(
      await refusal(engine, at('f'), 'box:/tmp/none/x'),
      /Could not find the file \/tmp\/none in container box$/,
    )
    assert.match(await refusal(engine, 'gone:/x', at('x')), /No such container: gone$/)
    assert.match(await refusal(engine, 'box:/tmp/old/', at('x')), /\/tmp\/old: not a directory$/)
  })
}

engineTest('HEAD and GET of an archive tell what a path leads to', async (engine) => {
  const { docker, api, sh } = engine
  await docker.ok('run', '-di', '--name', 'box', 'busybox')
  await sh(
    'box',
    'mkdir /d; ln -s ../d/x /d/l; ln -s /e/./f /d/x; echo abc > /d/f; touch -d "2001-02-03 04:05:06" /d/f',
  )
  const ask = (path: string) => api.getContainer('box').infoArchive({ path })
  const stat = async (path: string) => {
    const { headers } = await ask(path)
    return JSON.parse(Buffer.from(headers['x-docker-container-path-stat'], 'base64').toString())
  }
  assert.deepEqual(await stat('/d/f'), {
    name: 'f',
    size: 4,
    mode: 0o644,
    mtime: '2001-02-03T04:05:06Z',
    linkTarget: '',
  })
  const link = await stat('d/l')
  assert.deepEqual([link.name, link.linkTarget, link.mode], ['l', '/e/f', 2 ** 27 + 0o777])
  assert.equal((await stat('/d/')).mode, 2 ** 31 + 0o755)
  assert.equal((await stat('/')).name, '/')
  await assert.rejects(ask('/none'), { statusCode: 404 })
  await assert.rejects(ask(''), { statusCode: 400 })
})

engineTest('docker cp sees what the container sees, and refuses what is read-only', async (engine) => {
  const { docker, daemon } = engine
  shell(engine, 'mkdir rw ro; echo mine > rw/m; echo theirs > ro/t; echo f > f')
  const mounts = ['-v', `${daemon.root}/rw:/rw`, '-v', `${daemon.root}/ro:/ro/deep:ro`, '--tmpfs', '/fast']
  const file = join(daemon.root, 'f')
  await docker.ok('run', '-di', '--name', 'runs', ...mounts, 'busybox')
  await docker.ok('create', '-i', '--name', 'still', ...mounts, 'busybox')
  await docker.ok('run', '-di', '--name', 'fixed', '--read-only', ...mounts, 'busybox')
  for (const name of ['runs', 'still', 'fixed']) {
    assert.match(shell(engine, `docker -H unix://w.sock cp ${name}:/rw/m - | tar xOf -`), /mine/)
    assert.match(shell(engine, `docker -H unix://w.sock cp ${name}:/ro/deep/t - | tar xOf -`), /theirs/)
    assert.match(shell(engine, `docker -H unix://w.sock cp ${name}:/etc/hosts - | tar tvf -`), /hosts/)
    await docker.ok('cp', file, `${name}:/rw/of-${name}`)
    assert.match(await refusal(engine, file, `${name}:/ro/deep/`), /mounted volume is marked read-only$/)
  }
  assert.deepEqual(readdirSync(join(daemon.root, 'rw')).sort(), ['m', 'of-fixed', 'of-runs', 'of-still'])
  assert.match(await refusal(engine, file, 'fixed:/etc/f'), /container rootfs is marked read-only$/)
  await docker.ok('cp', file, 'fixed:/fast/f')
  await docker.ok('start', 'still')
  assert.equal((await docker.run(['exec', 'still', 'cat', '/rw/of-still'])).stdout, 'f\n')
})

engineTest('archives from elsewhere: owners, -a, compression, sparse files, refused kinds', async (engine) => {
  const { docker, sh, api } = engine
  const user = ['--user', '7:8']
  await docker.ok('run', '-di', '--name', 'box', ...user, 'busybox')
  shell(
    engine,
    `mkdir -p s/dir; echo x > s/f; truncate -s 1M s/sparse; echo end >> s/sparse; chown -R 1000:3000000 s
    tar -C s -cSf gnu.tar .; for v in 0.0 0.1 1.0; do tar -C s --format=posix --sparse-version=$v -cSf $v.tar .; done
    gzip -k gnu.tar; zstd -q gnu.tar; xz -k gnu.tar; bzip2 -k gnu.tar`,
  )
  for (const name of [
    'gnu.tar',
    '0.0.tar',
    '0.1.tar',
    '1.0.tar',
    'gnu.tar.gz',
    'gnu.tar.zst',
    'gnu.tar.xz',
    'gnu.tar.bz2',
  ]) {
    shell(
      engine,
      `docker -H unix://w.sock exec -u 0 box sh -c 'rm -rf /t; mkdir /t'; docker -H unix://w.sock cp - box:/t < ${name}`,
    )
    const seen = await sh('box', `stat -c '%u:%g' /t/f /t/sparse; md5sum < /t/sparse; cat /t/f`)
    assert.equal(seen.stdout, `1000:3000000\n1000:3000000\n${shell(engine, 'md5sum < s/sparse')}x\n`, name)
  }
  shell(engine, 'docker -H unix://w.sock cp -a s/f box:/t/mine')
  assert.equal((await sh('box', `stat -c '%u:%g' /t/mine`)).stdout, '7:8\n')

  const container = api.getContainer('box')
  const put = (script: string, more = {}) => {
    shell(engine, `rm -rf k; mkdir k; cd k; ${script}; tar -cf ../k.tar *`)
    return container.putArchive(join(engine.daemon.root, 'k.tar'), { path: '/t', ...more })
  }
  const strict = { noOverwriteDirNonDir: 1 }
  await assert.rejects(
    put('echo > dir', strict),
    /cannot overwrite directory \\?"\/t\/dir\\?" with non-directory \\?"\/t\\?"/,
  )
  await assert.rejects(
    put('mkdir f', strict),
    /cannot overwrite non-directory \\?"\/t\/f\\?" with directory \\?"\/t\\?"/,
  )
  await put('mkdir f; echo > dir')
  assert.equal((await sh('box', 'cd /t; find f dir -type d')).stdout, 'f\n')
  await assert.rejects(put('echo > x', { path: '/bin/busybox' }), /extraction point is not a directory/)
})

engineTest('cp, diff, export and commit tell of themselves in events', async (engine) => {
  const { docker, daemon } = engine
  await docker.ok('create', '--name', 'box', 'busybox')
  shell(engine, 'echo > f')
  await docker.ok('cp', join(daemon.root, 'f'), 'box:/f')
  await docker.ok('cp', 'box:/f', join(daemon.root, 'g'))
  await docker.ok('export', '-o', join(daemon.root, 'e.tar'), 'box')
  await docker.ok('commit', '-m', 'why', 'box', 'made')
  const said = await pastEvents(docker, '{{.Action}} {{.Actor.Attributes.imageRef}}')
  assert.deepEqual(
    said.filter((line) => /^(extract|archive|export|commit)/.test(line)),
    ['extract-to-dir <no value>', 'archive-path <no value>', 'export <no value>', 'commit made:latest'],
  )
  assert.equal(readFileSync(join(daemon.root, 'g'), 'utf8'), '\n')
})
