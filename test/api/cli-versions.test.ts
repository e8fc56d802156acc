import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { type Cli, dockerCli, olderDocker, olderDockerCli } from '../support/docker.ts'
import { engineTest } from '../support/engine-test.ts'

/** A command line, its exit code, and how the first line of its stdout begins: titles of a table, or what is said. */
type Step = readonly [line: string, code: number, begins?: RegExp]

const id = /^[0-9a-f]{64}$/
const shortId = /^[0-9a-f]{12}$/
const psTitles = /^CONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES$/

/** Words are parted by blanks; `%` stands for a blank within one. */
const story: readonly Step[] = [
  ['network create net', 0, id],
  ['network ls', 0, /^NETWORK ID +NAME +DRIVER +SCOPE$/],
  ['volume create data', 0, /^data$/],
  ['volume ls', 0, /^DRIVER +VOLUME NAME$/],
  ['volume inspect -f {{.Name}} data', 0, /^data$/],
  ['volume inspect nothing', 1, /^\[\]$/],
  [
    'run -d -i --name box --network net -p 127.0.0.1:18081:80 -v data:/data -m 64m --cpus 0.5 --health-cmd true busybox',
    0,
    id,
  ],
  ['ps', 0, psTitles],
  ['ps -a -s', 0, /^CONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES +SIZE$/],
  ['container ls -q', 0, shortId],
  ['port box', 0, /^80\/tcp -> 127\.0\.0\.1:18081$/],
  ['top box', 0, /^UID +PID +PPID +C +STIME +TTY +TIME +CMD$/],
  ['stats --no-stream', 0, /^CONTAINER ID +NAME +CPU % +MEM USAGE \/ LIMIT +MEM % +NET I\/O +BLOCK I\/O +PIDS$/],
  ['exec box echo hi', 0, /^hi$/],
  ['exec box false', 1],
  ['exec box nothing-like-it', 127],
  ['exec nobody true', 1],
  ['exec box touch /made', 0],
  ['diff box', 0, /^A \/(made|data)$/],
  ['update --cpus 1 -m 128m --memory-swap 256m box', 0, /^box$/],
  ['cp box:/etc/passwd -', 0, /^passwd/],
  ['commit box made:one', 0, /^sha256:[0-9a-f]{64}$/],
  ['images', 0, /^REPOSITORY +TAG +IMAGE ID +CREATED +SIZE$/],
  ['history busybox', 0, /^IMAGE +CREATED +CREATED BY +SIZE +COMMENT$/],
  ['tag made:one made:two', 0],
  ['rmi made:two', 0, /^Untagged: made:two$/],
  ['rmi nothing', 1],
  ['image inspect nothing', 1, /^\[\]$/],
  ['inspect -f {{.State.Status}} box', 0, /^running$/],
  ['inspect nobody', 1, /^\[\]$/],
  ['pause box', 0, /^box$/],
  ['unpause box', 0, /^box$/],
  ['rename box crate', 0],
  ['logs crate', 0],
  ['logs nobody', 1],
  ['network connect bridge crate', 0],
  ['network disconnect bridge crate', 0],
  ['network rm net', 1],
  ['volume rm data', 1],
  ['system df', 0, /^TYPE +TOTAL +ACTIVE +SIZE +RECLAIMABLE$/],
  ['events --since 1h --until 0s --filter type=network --format {{.Action}}', 0, /^create$/],
  ['kill crate', 0, /^crate$/],
  ['wait crate', 0, /^137$/],
  ['start crate', 0, /^crate$/],
  ['restart -t 0 crate', 0, /^crate$/],
  ['stop -t 0 crate', 0, /^crate$/],
  ['ps -a --filter status=exited --format {{.Names}}', 0, /^crate$/],
  ['rm nobody', 1],
  ['rm -v crate', 0, /^crate$/],
  ['run --rm busybox sh -c exit%3', 3],
  ['run --rm busybox nothing-like-it', 127],
  ['run --rm --nonsense busybox', 125],
  [
    'run --rm --tmpfs /t --ulimit nofile=99 --sysctl net.ipv4.ip_unprivileged_port_start=0 busybox sh -c ulimit%-n',
    0,
    /^99$/,
  ],
  ['run --rm --mount type=volume,source=data,target=/d --stop-signal INT --pid host --uts host busybox true', 0],
  ['run --name left busybox true', 0],
  ['container prune -f', 0, /^Deleted Containers:$/],
  ['image prune -f', 0, /^Total reclaimed space: /],
  ['rmi made:one', 0, /^Untagged: made:one$/],
  ['network prune -f', 0, /^Deleted Networks:$/],
  ['volume rm data', 0, /^data$/],
  ['volume prune -f', 0, /^Total reclaimed space: /],
  ['system prune -f', 0, /^Total reclaimed space: /],
  ['version -f {{.Server.APIVersion}}', 0, /^1\.51$/],
  ['info -f {{.OSType}}', 0, /^linux$/],
]

/** What went otherwise than the story says. */
async function play(client: Cli): Promise<unknown[]> {
  const different: unknown[] = []
  for (const [line, code, begins] of story) {
    const got = await client.run(line.split(' ').map((word) => word.replaceAll('%', ' ')))
    const first = got.stdout.split('\n', 1)[0]!.trimEnd()
    if (got.code !== code || (begins !== undefined && !begins.test(first))) different.push({ line, first, ...got })
  }
  return different
}

engineTest('every command of the docker client that is here has Docker’s titles and exit codes', async ({ daemon }) => {
  using client = dockerCli(daemon.socket)
  assert.deepEqual(await play(client), [])
})

engineTest('so it is with docker’s client 20.10, which speaks version 1.41', async ({ daemon }, t) => {
  if (!existsSync(olderDocker)) {
    t.skip(`there is no docker client 20.10 at ${olderDocker}: sudo ./wharf test puts it there`)
    return
  }
  using client = olderDockerCli(daemon.socket)
  assert.equal(await client.ok('version', '-f', '{{.Client.APIVersion}}'), '1.41')
  assert.deepEqual(await play(client), [])
})
