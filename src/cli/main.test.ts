import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { runCliWith } from '../../test/support/cli.ts'
import { openFakeDaemon } from '../../test/support/fake-daemon.ts'
import { catalogue } from './catalogue.ts'

const nobody = 'unix:///nonexistent/w.sock'

test('wharf says that no daemon answers, where, and what to do', async () => {
  const absent = `Cannot connect to the Wharf daemon at ${nobody}: is 'wharf daemon' running?\n`
  assert.deepEqual(await runCliWith(['ps'], { host: nobody }), { code: 1, stdout: '', stderr: absent })
  const run = await runCliWith(['run', 'busybox'], { host: nobody })
  assert.deepEqual([run.code, run.stderr], [125, `wharf: ${absent}\nRun 'wharf run --help' for more information\n`])
})

test('wharf takes the daemon from -H, then WHARF_HOST, then DOCKER_HOST', async () => {
  const env = { WHARF_HOST: 'unix:///w', DOCKER_HOST: 'unix:///d' }
  const said = async (...argv: string[]): Promise<string> => (await runCliWith(argv, { env })).stderr
  assert.match(await said('-H', 'unix:///h', 'ps'), /at unix:\/\/\/h:/)
  assert.match(await said('--host=unix:///h', 'ps'), /at unix:\/\/\/h:/)
  assert.match(await said('ps'), /at unix:\/\/\/w:/)
  assert.match((await runCliWith(['ps'], { host: 'unix:///d' })).stderr, /at unix:\/\/\/d:/)
  assert.match(await said('-H', 'ssh://x', 'ps'), /Cannot use daemon address "ssh:\/\/x"/)
})

const refused: readonly [line: string, code: number, stderr: string][] = [
  ['foo', 1, "wharf: unknown command: wharf foo\n\nRun 'wharf --help' for more information\n"],
  [
    'network foo',
    1,
    "wharf: unknown command: wharf network foo\n\nUsage:  wharf network\n\nRun 'wharf network --help' for more information\n",
  ],
  [
    'run --foo',
    125,
    "unknown flag: --foo\n\nUsage:  wharf run [OPTIONS] IMAGE [COMMAND] [ARG...]\n\nRun 'wharf run --help' for more information\n",
  ],
  ['--foo', 125, "unknown flag: --foo\n\nUsage:  wharf [OPTIONS] COMMAND\n\nRun 'wharf --help' for more information\n"],
  [
    'run',
    1,
    "wharf: 'wharf run' requires at least 1 argument\n\nUsage:  wharf run [OPTIONS] IMAGE [COMMAND] [ARG...]\n\nSee 'wharf run --help' for more information\n",
  ],
  [
    'ps x',
    1,
    "wharf: 'wharf ps' accepts no arguments\n\nUsage:  wharf ps [OPTIONS]\n\nRun 'wharf ps --help' for more information\n",
  ],
  [
    'network connect a',
    1,
    "wharf: 'wharf network connect' requires 2 arguments\n\nUsage:  wharf network connect [OPTIONS] NETWORK CONTAINER\n\nRun 'wharf network connect --help' for more information\n",
  ],
  [
    'images a b',
    1,
    "wharf: 'wharf images' requires at most 1 argument\n\nUsage:  wharf images [OPTIONS] [REPOSITORY[:TAG]]\n\nRun 'wharf images --help' for more information\n",
  ],
  [
    'ps -f x',
    125,
    'invalid argument "x" for "-f, --filter" flag: bad format of filter (expected name=value)\n\nUsage:  wharf ps [OPTIONS]\n\nRun \'wharf ps --help\' for more information\n',
  ],
  ['run -d -a stdout x', 1, 'conflicting options: cannot specify both --attach and --detach\n'],
  ['run -it x', 1, 'the input device is not a TTY\n'],
  ['exec -it x sh', 1, 'the input device is not a TTY\n'],
  [
    'run --pull foo x',
    125,
    'wharf: invalid pull option: \'foo\': must be one of "always", "missing" or "never"\n\nRun \'wharf run --help\' for more information\n',
  ],
  ['start -a x y', 1, 'you cannot start and attach multiple containers at once\n'],
  ['inspect --type foo x', 1, 'unknown type: "foo": must be one of "container", "image", "network", "volume"\n'],
  ['completion tcsh', 1, 'Cannot complete for "tcsh": wharf knows bash, zsh and fish\n'],
  ['load -i /nonexistent', 1, 'open /nonexistent: no such file or directory\n'],
]

for (const [line, code, stderr] of refused) {
  test(`wharf ${line} fails as docker does`, async () => {
    assert.deepEqual(await runCliWith(line.split(' '), { host: nobody }), { code, stdout: '', stderr })
  })
}

test('every command has help with an example, under each of its names', async () => {
  for (const { names, summary } of catalogue) {
    for (const name of names) {
      const { code, stdout, stderr } = await runCliWith([...name.split(' '), '--help'], { host: nobody })
      assert.deepEqual([code, stderr], [0, ''])
      assert(stdout.startsWith(`Usage:  wharf ${name}`), stdout)
      assert(stdout.includes(summary) && stdout.includes('Examples:\n  '), name)
    }
  }
})

test('wharf and its nouns show their commands', async () => {
  const { stdout } = await runCliWith([])
  for (const word of ['run ', 'network ', 'doctor ', 'daemon ', '--host string'])
    assert(stdout.includes(`  ${word}`) || stdout.includes(word))
  assert.equal((await runCliWith(['--help'])).stdout, stdout)
  assert.match(
    (await runCliWith(['network'])).stdout,
    /^Usage: {2}wharf network COMMAND\n[\s\S]*\n {2}disconnect +Disconnect/,
  )
  assert.match((await runCliWith(['--version'])).stdout, /^Wharf version \d+\.\d+\.\d+\n$/)
})

test('wharf rm goes on after a failure, prints what it did, and answers 1', async () => {
  await using daemon = await openFakeDaemon({
    json: { 'DELETE /containers/a?force=1': {}, 'DELETE /containers/c?force=1': {} },
    other: (_, response) => void response.writeHead(409).end('{"message":"b is stuck"}'),
  })
  assert.deepEqual(await runCliWith(['rm', '-f', 'a', 'b', 'c'], { host: daemon.host }), {
    code: 1,
    stdout: 'a\nc\n',
    stderr: 'Error response from daemon: b is stuck\n',
  })
})

test('wharf run -d fetches an image that is missing, and says so', async () => {
  let images = 0
  await using daemon = await openFakeDaemon({
    json: { 'POST /containers/c1/start': {} },
    other: (request, response) => {
      if (request.url?.startsWith('/images/create')) {
        images++
        response.end('{"status":"Pulling from box","id":"latest"}\n')
      } else if (images === 0) response.writeHead(404).end('{"message":"No such image: host:5000/box:latest"}')
      else response.writeHead(201).end('{"Id":"c1","Warnings":["be careful"]}')
    },
  })
  assert.deepEqual(await runCliWith(['run', '-d', '--name', 'x', 'host:5000/box'], { host: daemon.host }), {
    code: 0,
    stdout: 'c1\n',
    stderr: "Unable to find image 'host:5000/box:latest' locally\nlatest: Pulling from box\nWARNING: be careful\n",
  })
  assert.deepEqual(
    daemon.asked.map(({ line }) => line),
    [
      '/containers/create?name=x',
      '/images/create?fromImage=host%3A5000%2Fbox&tag=latest',
      '/containers/create?name=x',
      '/containers/c1/start',
    ].map((path) => `POST ${path}`),
  )
})

test('wharf run answers 127 when the program is not there', async () => {
  await using daemon = await openFakeDaemon({
    json: { 'POST /containers/create': { Id: 'c1' } },
    other: (_, response) =>
      void response.writeHead(400).end('{"message":"exec: \\"x\\": executable file not found in $PATH"}'),
  })
  const { code, stderr } = await runCliWith(['run', '-d', 'box', 'x'], { host: daemon.host })
  assert.equal(code, 127)
  assert.match(stderr, /^wharf: Error response from daemon: exec: "x": executable file not found/)
})

test('wharf network create sends what the flags say', async () => {
  await using daemon = await openFakeDaemon({ json: { 'POST /networks/create': { Id: 'n1', Warning: '' } } })
  const line =
    'network create -d macvlan -o parent=eth0.10 --subnet 10.1.0.0/16,fd00::/64 --gateway 10.1.0.1 --ip-range 10.1.5.0/24 --aux-address r=fd00::5 --label a=b --internal --ipv6 net'
  assert.deepEqual(await runCliWith(line.split(' '), { host: daemon.host }), { code: 0, stdout: 'n1\n', stderr: '' })
  assert.deepEqual(JSON.parse(daemon.asked[0]?.body ?? ''), {
    Name: 'net',
    Driver: 'macvlan',
    Scope: '',
    EnableIPv6: true,
    IPAM: {
      Driver: 'default',
      Options: {},
      Config: [
        { Subnet: '10.1.0.0/16', IPRange: '10.1.5.0/24', Gateway: '10.1.0.1' },
        { Subnet: 'fd00::/64', AuxiliaryAddresses: { r: 'fd00::5' } },
      ],
    },
    Internal: true,
    Attachable: false,
    Ingress: false,
    ConfigOnly: false,
    Options: { parent: 'eth0.10' },
    Labels: { a: 'b' },
  })
})

const badNetworks: readonly [flags: string, message: string][] = [
  ['--subnet 10.1.0.0/16 --subnet 10.1.2.0/24', 'multiple overlapping subnet configuration is not supported'],
  ['--gateway 1.2.3.4', 'every ip-range or gateway must have a corresponding subnet'],
  ['--subnet 10.1.0.0/16 --gateway 1.2.3.4', 'no matching subnet for gateway 1.2.3.4'],
  ['--subnet 10.1.0.0/16 --ip-range 10.2.0.0/24', 'no matching subnet for ip-range 10.2.0.0/24'],
  ['--subnet 10.1.0.0/16 --aux-address a=10.2.0.1', 'no matching subnet for aux-address 10.2.0.1'],
]

for (const [flags, message] of badNetworks) {
  test(`wharf network create refuses ${flags}`, async () => {
    const { code, stderr } = await runCliWith(['network', 'create', ...flags.split(' '), 'n'], { host: nobody })
    assert.deepEqual([code, stderr], [1, `${message}\n`])
  })
}

test('wharf context writes what the docker client reads, and takes it away again', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'wharf-context-'))
  try {
    const options = {
      host: 'unix:///run/wharf.sock',
      env: { DOCKER_CONFIG: directory, WHARF_HOST: 'unix:///run/wharf.sock' },
    }
    assert.equal((await runCliWith(['context', '--use'], options)).stdout, 'wharf\n')
    const [id = ''] = readdirSync(join(directory, 'contexts/meta'))
    // sha256 of "wharf"
    assert.equal(id.length, 64)
    assert.partialDeepStrictEqual(JSON.parse(readFileSync(join(directory, 'contexts/meta', id, 'meta.json'), 'utf8')), {
      Name: 'wharf',
      Endpoints: { docker: { Host: 'unix:///run/wharf.sock' } },
    })
    assert.equal(JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8')).currentContext, 'wharf')
    assert.equal((await runCliWith(['context', '--rm'], options)).code, 0)
    assert.deepEqual(readdirSync(join(directory, 'contexts/meta')), [])
    assert.deepEqual(JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8')), {})
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test('wharf doctor prints findings and remedies, and answers 1 when something is missing', async () => {
  const checks = [
    { name: 'nftables', status: 'ok', detail: 'the firewall' },
    { name: 'crun', status: 'missing', detail: 'not found', remedy: 'apt-get install crun' },
  ]
  await using daemon = await openFakeDaemon({ json: { 'GET /wharf/doctor': { checks } } })
  assert.deepEqual(await runCliWith(['doctor'], { host: daemon.host }), {
    code: 1,
    stdout:
      'CHECK      STATUS    DETAIL\n' +
      'nftables   ok        the firewall\n' +
      'crun       missing   not found\n' +
      '                     → apt-get install crun\n' +
      '\n1 ok, 0 warnings, 1 missing\n',
    stderr: '',
  })
  assert.equal(
    (await runCliWith(['doctor', '--format', 'json'], { host: daemon.host })).stdout,
    `${JSON.stringify({ checks })}\n`,
  )
})

test('wharf events prints each event on a line, attributes sorted', async () => {
  const event = {
    Type: 'network',
    Action: 'connect',
    Actor: { ID: 'n1', Attributes: { type: 'bridge', container: 'c1' } },
    time: 1_795_256_690,
    timeNano: 1_795_256_690_956_432_000,
  }
  await using daemon = await openFakeDaemon({ other: (_, response) => void response.end(`${JSON.stringify(event)}\n`) })
  const { stdout } = await runCliWith(['events', '--format', '{{.Type}} {{.Actor.Attributes.container}}'], {
    host: daemon.host,
  })
  assert.equal(stdout, 'network c1\n')
  assert.match(
    (await runCliWith(['events'], { host: daemon.host })).stdout,
    /\.956432000\S* network connect n1 \(container=c1, type=bridge\)\n$/,
  )
})

test('wharf prune asks first, and takes silence for no', async () => {
  await using daemon = await openFakeDaemon({ json: { 'POST /networks/prune': { NetworksDeleted: ['a', 'b'] } } })
  const silent = await runCliWith(['network', 'prune'], { host: daemon.host })
  assert.deepEqual([silent.code, daemon.asked.length], [0, 0])
  const yes = await runCliWith(['network', 'prune'], { host: daemon.host, input: 'y\n' })
  assert(yes.stdout.endsWith('[y/N] Deleted Networks:\na\nb\n\n'))
})
