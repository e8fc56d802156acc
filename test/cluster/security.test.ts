import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createNode, networkDraft } from '../support/cluster-lab.ts'
import { startEtcd } from '../support/etcd.ts'
import { eventually } from '../support/eventually.ts'
import { enterOwnNamespace } from '../support/own-namespace.ts'

enterOwnNamespace()

test('Cluster speaks to etcd as a user, renews its token, and says when the password or the rights are wrong', async () => {
  await using etcd = await startEtcd()
  for (const words of [
    'user add root:top',
    'user add wharf:secret',
    'user add guest:guest',
    'role add root',
    'role add net',
  ]) {
    await etcd.ctl(...words.split(' '))
  }
  await etcd.ctl('role', 'grant-permission', 'net', '--prefix=true', 'readwrite', '/wharf/test/')
  for (const words of ['user grant-role root root', 'user grant-role wharf net', 'auth enable'])
    await etcd.ctl(...words.split(' '))
  await using a = createNode(etcd, 'a')
  const as = (name: string, password: string) => ({
    etcd: { members: [`http://${a.etcdAddress}:2379`], tls: {}, user: { name, password } },
  })
  const cluster = await a.open(as('wharf', 'secret'))
  const { id } = await cluster.createNetwork(networkDraft('net'))
  // A member that was started again knows no tokens: those of the simple kind are in its memory.
  await etcd.kill9(0)
  await eventually(async () => cluster.status().reachable, false)
  await etcd.start(0)
  await eventually(async () => cluster.status().reachable, true)
  await cluster.removeNetwork(id)
  await a.close()
  const cases: readonly [string, string, RegExp][] = [
    ['wharf', 'wrong', /authentication failed, invalid user ID or password/],
    ['guest', 'guest', /permission denied/],
  ]
  for (const [name, password, reason] of cases) {
    const refused = await a.open(as(name, password))
    assert.match(refused.status().reason, reason)
    await assert.rejects(refused.createNetwork(networkDraft('net')), { kind: 'unavailable' })
    await a.close()
  }
  const nobody = await a.open()
  assert.match(nobody.status().reason, /user name is empty/)
})

test('Cluster speaks TLS with a certificate of its own, and to nobody whom its authority does not know', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'tls-'))
  try {
    const [ours, others] = [makeAuthority(dir, 'ours'), makeAuthority(dir, 'others')]
    await using etcd = await startEtcd({ tls: ours })
    await using a = createNode(etcd, 'a')
    const members = etcd.ports.map((port) => `https://127.0.0.1:${port}`)
    const read = ({ ca, cert, key }: typeof ours) => ({
      ca: readFileSync(ca, 'utf8'),
      cert: readFileSync(cert, 'utf8'),
      key: readFileSync(key, 'utf8'),
    })
    const cluster = await a.open({ etcd: { members, tls: read(ours) } })
    await cluster.createNetwork(networkDraft('net'))
    await a.close()
    const stranger = await a.open({ etcd: { members, tls: read(others) } })
    assert.match(stranger.status().reason, /certificate/)
    await a.close()
    const { ca } = read(ours)
    const nameless = await a.open({ etcd: { members, tls: { ca } } })
    assert.equal(nameless.status().reachable, false)
    await a.close()
    const plain = await a.open({ etcd: { members: members.map((url) => url.replace('https', 'http')), tls: {} } })
    assert.equal(plain.status().reachable, false)
    assert.deepEqual(
      plain.networks().map(({ name }) => name),
      ['net'],
    )
  } finally {
    rmSync(dir, { recursive: true })
  }
})

/** An authority with one certificate for 127.0.0.1, which serves for clients, servers and members. */
function makeAuthority(
  dir: string,
  name: string,
): { readonly ca: string; readonly cert: string; readonly key: string } {
  const file = (end: string) => join(dir, `${name}-${end}`)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl(
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.pem'),
    '-subj',
    `/CN=${name}`,
    '-days',
    '2',
  )
  openssl('req', ...newKey, '-keyout', file('key.pem'), '-out', file('csr.pem'), '-subj', '/CN=node')
  writeFileSync(file('ext'), 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n')
  const sign = [
    '-CA',
    file('ca.pem'),
    '-CAkey',
    file('ca.key'),
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    file('ext'),
  ]
  openssl('x509', '-req', '-in', file('csr.pem'), ...sign, '-out', file('cert.pem'))
  return { ca: file('ca.pem'), cert: file('cert.pem'), key: file('key.pem') }
}
