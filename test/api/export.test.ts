import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { engineTest } from '../support/engine-test.ts'

engineTest('docker diff tells what was changed, added and deleted, in order', async ({ docker, wharf, sh }) => {
  await docker.ok('run', '-di', '--name', 'box', '--tmpfs', '/fast', 'busybox')
  const script = `echo a >> /etc/new; rm /bin/ash; chmod 700 /bin/busybox; mkdir -p /srv/a/b; touch /srv/a/b/c /fast/x
    rm -r /tmp; mkdir /tmp; mkdir /gone; rmdir /gone; ln -s x "/srv/l ink"`
  await sh('box', script)
  const expected = `C /bin
D /bin/ash
C /bin/busybox
C /etc
A /etc/new
A /fast
A /srv
A /srv/a
A /srv/a/b
A /srv/a/b/c
A /srv/l ink
C /tmp`
  assert.equal(await docker.ok('diff', 'box'), expected)
  await docker.ok('stop', '-t', '0', 'box')
  assert.equal(await wharf.ok('diff', 'box'), expected)
  // What was in a directory that was made anew is gone.
  await docker.ok('commit', 'box', 'second')
  await docker.ok('run', '-di', '--name', 'next', 'second')
  await sh('next', 'rm -r /srv; mkdir /srv; touch /srv/other')
  assert.equal(await docker.ok('diff', 'next'), 'C /srv\nD /srv/a\nD /srv/l ink\nA /srv/other')
})

engineTest('docker export gives a tree that docker import takes', async ({ docker, wharf, sh, daemon, api }) => {
  await docker.ok('run', '-di', '--name', 'box', '-v', '/data', 'busybox')
  await sh('box', 'echo hello > /srv-file; ln /srv-file /again; chown 7:8 /again; echo no > /data/volume; mkfifo /fifo')
  const files = ['running', 'stopped'].map((name) => join(daemon.root, name))
  await docker.ok('export', '-o', files[0]!, 'box')
  await docker.ok('stop', '-t', '0', 'box')
  await wharf.ok('export', '-o', files[1]!, 'box')
  const list = (file: string) => execFileSync('tar', ['tf', file], { encoding: 'utf8' })
  assert.equal(list(files[0]!), list(files[1]!))
  assert.match(list(files[0]!), /^\.dockerenv\nagain\nbin\/\n/)
  assert.doesNotMatch(list(files[0]!), /volume/)
  await docker.ok('import', '-c', 'CMD ["sh"]', files[0]!, 'flat')
  const told = await docker.run([
    'run',
    '--rm',
    'flat',
    'sh',
    '-c',
    'cat /srv-file; stat -c "%u:%g %h" /srv-file; ls /data',
  ])
  assert.equal(told.stdout, 'hello\n7:8 2\n')
  const stream = await api.getContainer('box').export()
  assert.ok((await stream.toArray()).length > 0)
})
