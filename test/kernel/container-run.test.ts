import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { containerTest } from '../support/container-lab.ts'

containerTest('Supervisor runs a process to its end, with its output apart and its exit code', async (lab) => {
  const { stdout, stderr, exitCode, oomKilled } = await lab.sh('echo out; echo err >&2; exit 3')
  assert.deepEqual(
    { stdout, stderr, exitCode, oomKilled },
    { stdout: 'out\n', stderr: 'err\n', exitCode: 3, oomKilled: false },
  )
})

containerTest('Supervisor confines a process as Docker does', async (lab) => {
  const { stdout } = await lab.sh(
    'grep -E "^(CapBnd|CapEff|Seccomp|NoNewPrivs):" /proc/self/status; hostname; id; pwd; echo $HOME $PATH $HOSTNAME $$',
  )
  const [capEff, capBnd, noNewPrivs, seccomp, hostname, ids, cwd, variables] = stdout.split('\n')
  assert.deepEqual([capEff, capBnd], ['CapEff:\t00000000a80425fb', 'CapBnd:\t00000000a80425fb'])
  assert.deepEqual([noNewPrivs, seccomp], ['NoNewPrivs:\t0', 'Seccomp:\t2'])
  assert.match(hostname!, /^[0-9a-f]{12}$/)
  assert.deepEqual([ids, cwd], ['uid=0(root) gid=0(root) groups=0(root)', '/'])
  assert.equal(variables, `/root /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin ${hostname} 1`)
})

containerTest('Supervisor hides the host: masked, read-only and private', async (lab) => {
  const { stdout } = await lab.sh(
    'wc -c </proc/keys; ls /sys/firmware | wc -l; echo 1 2>/dev/null >/proc/sys/kernel/hostname || echo ro;' +
      ' touch /sys/x 2>/dev/null || echo ro; ls /dev | tr "\\n" " "',
  )
  assert.deepEqual(stdout.split('\n'), [
    '0',
    '0',
    'ro',
    'ro',
    'core fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero ',
  ])
})

containerTest('Supervisor resolves users and groups in the root file system', async (lab) => {
  const id = async (User: string, GroupAdd: string[] = []) =>
    (
      await lab.sh('id; echo $HOME', {
        config: { Cmd: ['sh', '-c', 'id; echo $HOME'], User },
        hostConfig: { NetworkMode: 'none', GroupAdd },
      })
    ).stdout
  assert.equal(await id('web'), 'uid=33(web) gid=34(web) groups=29(audio),34(web)\n/home/web\n')
  assert.equal(await id('web:audio'), 'uid=33(web) gid=29(audio) groups=29(audio)\n/home/web\n')
  assert.match(await id('4711', ['audio']), /^uid=4711 gid=0\(root\) groups=0\(root\),29\(audio\)\n/)
  await assert.rejects(id('nosuch'), { message: 'unable to find user nosuch: no matching entries in passwd file' })
})

containerTest('Supervisor refuses a command that cannot be run in the words of Docker', async (lab) => {
  const prefix =
    'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: ' +
    'unable to start container process: error during container init: '
  const cases = [
    ['nosuch', 'exec: "nosuch": executable file not found in $PATH'],
    ['/no/such', 'exec: "/no/such": stat /no/such: no such file or directory'],
    ['/etc', 'exec: "/etc": is a directory'],
    ['/etc/passwd', 'exec: "/etc/passwd": permission denied'],
  ] as const
  for (const [command, reason] of cases) {
    await assert.rejects(lab.run(lab.record([command])), {
      kind: 'invalid-argument',
      message: `${prefix}${reason}: unknown`,
    })
  }
})

containerTest('Supervisor mounts what the user says', async (lab) => {
  const source = join(lab.base, 'made', 'by-v')
  const given = join(lab.base, 'given')
  mkdirSync(given)
  writeFileSync(join(given, 'file'), 'content')
  const { stdout } = await lab.sh(
    'echo new >/made/x; cat /given/file; echo no 2>/dev/null >/given/file || echo ro; cat /one; stat -f -c %T /t; touch /t/x; df -k /dev/shm | tail -1',
    {
      config: {},
      hostConfig: {
        NetworkMode: 'none',
        Binds: [`${source}:/made`, `${given}:/given:ro,z`, `${given}/file:/one`],
        Tmpfs: { '/t': 'size=1m' },
        ShmSize: 2 ** 20,
      },
    },
  )
  assert.match(stdout, /^contentro\ncontenttmpfs\nshm +1024 /)
  assert.equal(readFileSync(join(source, 'x'), 'utf8'), 'new\n')
})

containerTest('Supervisor keeps a read-only root file system read-only', async (lab) => {
  const { stdout } = await lab.sh('touch /x 2>/dev/null || echo ro; touch /dev/shm/x && echo rw', {
    config: {},
    hostConfig: { NetworkMode: 'none', ReadonlyRootfs: true },
  })
  assert.equal(stdout, 'ro\nrw\n')
})

containerTest('Supervisor leaves in the upper directory exactly what the container changed', async (lab) => {
  const record = lab.record(['sh', '-c', 'echo x >/new; rm /etc/group'])
  await lab.run(record)
  const upper = join(lab.pathsOf(record.id).dir, 'upper')
  assert.deepEqual(readdirSync(upper, { recursive: true }).sort(), ['etc', 'etc/group', 'new'])
})

containerTest('Supervisor gives a privileged container all that the engine has', async (lab) => {
  const { stdout } = await lab.sh(
    'grep -E "^(CapEff|Seccomp):" /proc/self/status; touch /sys/x 2>&1 | grep -c Read-only; ls /dev | wc -l',
    {
      config: {},
      hostConfig: { NetworkMode: 'none', Privileged: true },
    },
  )
  const own = /^CapBnd:.*$/m.exec(readFileSync('/proc/self/status', 'utf8'))![0].replace('Bnd', 'Eff')
  const [capEff, seccomp, readOnly, devices] = stdout.split('\n')
  assert.deepEqual([capEff, seccomp, readOnly], [own, 'Seccomp:\t0', '0'])
  assert.ok(Number(devices) > 15, `only ${devices} devices`)
})

containerTest('Supervisor adds and drops capabilities, devices, limits and init', async (lab) => {
  const { stdout } = await lab.sh(
    'grep CapEff /proc/self/status; ls -l /dev/own | cut -c1; ulimit -n; cat /proc/1/comm; cat /sys/fs/cgroup/pids/pids.max 2>/dev/null; grep NoNew /proc/self/status',
    {
      config: {},
      hostConfig: {
        NetworkMode: 'none',
        CapDrop: ['ALL'],
        CapAdd: ['NET_ADMIN'],
        Devices: [{ PathOnHost: '/dev/null', PathInContainer: '/dev/own' }],
        Ulimits: [{ Name: 'nofile', Soft: 100, Hard: 1_000_000_000 }],
        Init: true,
        SecurityOpt: ['no-new-privileges'],
      },
    },
  )
  assert.deepEqual(stdout.split('\n').slice(0, 4), ['CapEff:\t0000000000001000', 'c', '100', 'docker-init'])
  assert.match(stdout, /NoNewPrivs:\t1/)
})

containerTest('Supervisor limits memory, and tells when the kernel killed for it', async (lab) => {
  const record = lab.record(['sh', '-c', 'x=$(yes | head -c 100000000); echo no'], {
    hostConfig: { NetworkMode: 'none', Memory: 16 * 2 ** 20, PidsLimit: 50, NanoCpus: 5e8, CpuShares: 512 },
  })
  const { exitCode, oomKilled } = await lab.run(record)
  assert.deepEqual({ exitCode, oomKilled }, { exitCode: 137, oomKilled: true })
})

containerTest('Supervisor writes the files of the network into /etc', async (lab) => {
  const record = lab.record(['sh', '-c', 'cat /etc/hosts /etc/resolv.conf; hostname; echo more >>/etc/hosts'])
  const { dir } = lab.pathsOf(record.id)
  for (const [name, text] of [
    ['hosts', '1.2.3.4 a\n'],
    ['resolv.conf', 'nameserver 9.9.9.9\n'],
    ['hostname', 'given\n'],
  ]) {
    writeFileSync(join(dir, name!), text!)
  }
  assert.equal((await lab.run(record)).stdout, '1.2.3.4 a\nnameserver 9.9.9.9\ngiven\n')
  assert.equal(readFileSync(join(dir, 'hosts'), 'utf8'), '1.2.3.4 a\nmore\n')
})

containerTest('Supervisor.delete() removes a container that was created, or runs, and nothing twice', async (lab) => {
  const created = lab.record(['sleep', '1000'])
  const running = lab.record(['sleep', '1000'])
  await lab.create(created)
  await lab.start(running)
  for (const record of [created, running, created, running]) await lab.supervisor.delete(record)
  assert.deepEqual(lab.supervisor.runtime.list(), [])
  assert.equal(existsSync(join(lab.base, 'runtime', running.id)), false)
})

containerTest('Supervisor has a system call filter compiled once, and uses it for every container', async (lab) => {
  const records = [1, 2, 3].map(() =>
    lab.record(['sh', '-c', 'grep Seccomp /proc/self/status; read x'], {
      config: { Cmd: ['sh', '-c', 'grep Seccomp: /proc/self/status; read x'], OpenStdin: true },
    }),
  )
  const filters: string[] = []
  for (const record of records) {
    await lab.create(record)
    const session = lab.supervisor.attach(record)
    await lab.supervisor.start(record)
    const [chunk] = await once(session.stdout, 'data')
    assert.equal(String(chunk), 'Seccomp:\t2\n')
    filters.push(readFileSync(join(lab.supervisor.runtime.root, record.id, 'seccomp.bpf'), 'base64'))
  }
  assert.deepEqual(filters, Array(3).fill(filters[0]))
  const bundles = records.map(({ id }) => readFileSync(join(lab.pathsOf(id).runDir, 'config.json'), 'utf8'))
  assert.deepEqual(
    bundles.map((text) => text.includes('seccomp_bpf_data')),
    [false, true, true],
  )
})
