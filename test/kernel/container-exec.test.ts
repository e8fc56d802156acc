import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { ContainerTable } from '../../src/container/container-table.ts'
import type { ExecRequest } from '../../src/container/containers.ts'
import { Execs } from '../../src/container/exec/execs.ts'
import type { ContainerRecord } from '../../src/container/model.ts'
import { type ContainerLab, collect, containerTest } from '../support/container-lab.ts'

const all = { stdin: true, stdout: true, stderr: true }

/** Execs over a table that is kept nowhere, and what they tell the world. */
function openExecs(
  lab: ContainerLab,
  ...records: ContainerRecord[]
): { execs: Execs; table: ContainerTable; events: string[] } {
  const kept = new Map(records.map((record) => [record.id, record]))
  const table = new ContainerTable({
    get: (id) => kept.get(id),
    put: (id, record) => void kept.set(id, record),
    delete: (id) => void kept.delete(id),
    list: () => [...kept.values()],
  })
  const events: string[] = []
  const publish = (action: string, _: ContainerRecord, attributes: Readonly<Record<string, string>> = {}) =>
    void events.push(`${action} ${attributes['exitCode'] ?? ''}`.trim())
  return {
    execs: new Execs({
      networking: { sandboxOf: () => undefined },
      table,
      supervisor: lab.supervisor,
      pathsOf: (id) => lab.pathsOf(id),
      publish,
    }),
    table,
    events,
  }
}

function wish(command: readonly string[], more: Partial<ExecRequest> = {}): ExecRequest {
  return {
    command,
    environment: [],
    user: '',
    workingDir: '',
    privileged: false,
    terminal: false,
    streams: { stdin: false, stdout: true, stderr: true },
    detachKeys: '',
    ...more,
  }
}

async function startSleeper(lab: ContainerLab): Promise<ContainerRecord> {
  const record = lab.record(['sleep', '1000'], { config: { Cmd: ['sleep', '1000'], Env: ['A=1'], User: 'web' } })
  await lab.start(record)
  return record
}

containerTest('Execs run in the container, with its user, variables and rights unless told otherwise', async (lab) => {
  const record = await startSleeper(lab)
  const { execs } = openExecs(lab, record)
  const run = async (request: ExecRequest) => {
    const id = await execs.create(record.id, request)
    const output = await collect(await execs.start(id))
    return { ...output, exitCode: execs.inspect(id).exitCode }
  }
  const script =
    'id -un; pwd; echo "$A $B"; cat /proc/1/comm; grep -E "CapBnd|Seccomp:" /proc/self/status; echo err >&2; exit 5'
  assert.deepEqual(await run(wish(['sh', '-c', script])), {
    stdout: 'web\n/\n1 \nsleep\nCapBnd:\t00000000a80425fb\nSeccomp:\t2\n',
    stderr: 'err\n',
    exitCode: 5,
  })
  const other = wish(['sh', '-c', 'id -un; pwd; echo "$A $B $HOME"'], {
    user: 'root',
    workingDir: '/tmp',
    environment: ['A=2', 'B=3'],
  })
  assert.deepEqual(await run(other), { stdout: 'root\n/tmp\n2 3 /root\n', stderr: '', exitCode: 0 })
  assert.equal((await run(wish(['sh', '-c', 'kill -9 $$']))).exitCode, 137)
})

containerTest('Execs answer a command that cannot be run with the words and codes of Docker', async (lab) => {
  const record = await startSleeper(lab)
  const { execs, events } = openExecs(lab, record)
  const cases = [
    ['nosuch', 'exec: "nosuch": executable file not found in $PATH', 127],
    ['/no/such', 'exec: "/no/such": stat /no/such: no such file or directory', 127],
    ['/etc', 'exec: "/etc": is a directory', 126],
    ['/etc/passwd', 'exec: "/etc/passwd": permission denied', 126],
  ] as const
  for (const [command, reason, exitCode] of cases) {
    const id = await execs.create(record.id, wish([command]))
    const { stdout } = await collect(await execs.start(id))
    assert.equal(
      stdout,
      `OCI runtime exec failed: exec failed: unable to start container process: ${reason}: unknown\r\n`,
    )
    assert.partialDeepStrictEqual(execs.inspect(id), { running: false, exitCode })
  }
  assert.deepEqual(events.slice(0, 3), ['exec_create: nosuch', 'exec_start: nosuch', 'exec_die 127'])
  const message = 'unable to find user nobody: no matching entries in passwd file'
  const asNobody = execs.create(record.id, wish(['true'], { user: 'nobody' }))
  await assert.rejects(asNobody, { kind: 'invalid-argument', message })
})

containerTest('Execs carry input and output of any size, both ways at once', async (lab) => {
  const record = await startSleeper(lab)
  const { execs } = openExecs(lab, record)
  const id = await execs.create(record.id, wish(['cat'], { streams: all }))
  const session = await execs.start(id)
  const megabyte = Buffer.alloc(2 ** 20, 'x')
  const writing = (async () => {
    for (let i = 0; i < 20; i++) if (!session.stdin!.write(megabyte)) await once(session.stdin!, 'drain')
    session.stdin!.end()
  })()
  let bytes = 0
  for await (const chunk of session.stdout) bytes += (chunk as Buffer).length
  await writing
  assert.equal(bytes, 20 * 2 ** 20)
  assert.equal(execs.inspect(id).exitCode, 0)
})

containerTest('Execs have standard streams that can be opened by name', async (lab) => {
  const record = await startSleeper(lab)
  const { execs } = openExecs(lab, record)
  const id = await execs.create(
    record.id,
    wish(['sh', '-c', 'echo a >/dev/stdout; echo b >/dev/stderr'], { user: 'root' }),
  )
  assert.deepEqual(await collect(await execs.start(id)), { stdout: 'a\n', stderr: 'b\n' })
})

containerTest('Execs on a terminal can be resized, and are written to', async (lab) => {
  const record = await startSleeper(lab)
  const { execs } = openExecs(lab, record)
  // The runtime sets the first size while the process begins: the process has to wait for it, too.
  const sized = (size: string) => `until [ "$(stty size 2>&1)" = "${size}" ]; do sleep 0.01; done; echo ${size}`
  const script = `${sized('30 100')}; ${sized('31 101')}; tty; read x; echo "$TERM $x"; exit 4`
  const id = await execs.create(record.id, wish(['sh', '-c', script], { terminal: true, streams: all }))
  const session = await execs.start(id, { rows: 30, columns: 100 })
  await once(session.stdout, 'readable')
  const output = collect(session)
  await execs.resize(id, { rows: 31, columns: 101 })
  session.stdin!.write('word\n')
  const { stdout, stderr } = await output
  assert.deepEqual(stdout.split('\r\n').sort(), ['', '/dev/pts/0', '30 100', '31 101', 'word', 'xterm word'])
  assert.equal(stderr, '')
  assert.equal(execs.inspect(id).exitCode, 4)
})

containerTest('Execs tell their state: created, running with a pid, ended', async (lab) => {
  const record = await startSleeper(lab)
  const { execs } = openExecs(lab, record)
  const id = await execs.create(record.name, wish(['sh', '-c', 'echo ready; read x'], { streams: all }))
  assert.partialDeepStrictEqual(execs.inspect(id), { id, containerId: record.id, running: false, pid: 0 })
  const session = await execs.start(id)
  await once(session.stdout, 'data')
  while (execs.inspect(id).pid === 0) await new Promise(setImmediate) // the runtime writes it down afterwards
  const { running, pid } = execs.inspect(id)
  assert.equal(running, true)
  assert.ok(lab.supervisor.processes(record).includes(pid), 'the pid is one of the container')
  await assert.rejects(execs.start(id), { kind: 'conflict', message: `exec command ${id} has already run` })
  session.stdin!.end('\n')
  await collect(session)
  assert.partialDeepStrictEqual(execs.inspect(id), { running: false, exitCode: 0 })
  const left = readdirSync(lab.pathsOf(record.id).runDir).filter((name) => name.startsWith('exec-'))
  assert.deepEqual(left, [])
})

containerTest('Execs go on without their client', async (lab) => {
  const record = await startSleeper(lab)
  const { execs } = openExecs(lab, record)
  for (const terminal of [false, true]) {
    const script =
      'echo ready; i=0; while [ $i -lt 3000 ]; do echo "line $i of many that nobody reads any more"; i=$((i+1)); done; exit 9'
    const id = await execs.create(record.id, wish(['sh', '-c', script], { terminal }))
    const session = await execs.start(id)
    await once(session.stdout, 'data')
    session[Symbol.dispose]()
    while (execs.inspect(id).running) await new Promise(setImmediate)
    assert.equal(execs.inspect(id).exitCode, 9, `terminal: ${terminal}`)
  }
})

containerTest('Execs end with their container', async (lab) => {
  const record = await startSleeper(lab)
  const { execs } = openExecs(lab, record)
  const id = await execs.create(record.id, wish(['sh', '-c', 'echo ready; sleep 1000']))
  const session = await execs.start(id)
  await once(session.stdout, 'readable')
  await lab.supervisor.kill(record, 'KILL')
  await collect(session)
  assert.equal(execs.inspect(id).exitCode, 137)
})

containerTest('Execs are refused unless the container runs', async (lab) => {
  const record = await startSleeper(lab)
  const { execs, table } = openExecs(lab, record)
  const id = await execs.create(record.id, wish(['true']))
  table.patchState(record.id, { status: 'paused' })
  await assert.rejects(execs.create(record.id, wish(['true'])), {
    kind: 'conflict',
    message: `Container ${record.id} is paused, unpause the container before exec`,
  })
  table.patchState(record.id, { status: 'exited' })
  for (const attempt of [execs.create(record.id, wish(['true'])), execs.start(id)]) {
    await assert.rejects(attempt, { kind: 'conflict', message: `container ${record.id} is not running` })
  }
  await assert.rejects(execs.create('nosuch', wish(['true'])), {
    kind: 'not-found',
    message: 'No such container: nosuch',
  })
  assert.throws(() => execs.inspect('nosuch'), { kind: 'not-found', message: 'No such exec instance: nosuch' })
  table.delete(record.id)
  assert.throws(() => execs.inspect(id), { kind: 'not-found', message: `No such exec instance: ${id}` })
})
