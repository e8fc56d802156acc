import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Cli } from '../support/docker.ts'
import { engineTest } from '../support/engine-test.ts'

/** What one line says in a container of these flags. */
async function inside(docker: Cli, flags: readonly string[], line: string): Promise<string> {
  return docker.ok('run', '--rm', ...flags, 'busybox', 'sh', '-c', line)
}

/** The code and the words of a run that the daemon refuses. */
async function refusal(docker: Cli, ...words: string[]): Promise<[number, string]> {
  const { code, stderr } = await docker.run(['run', '--rm', ...words, 'busybox', 'true'])
  return [code, /Error response from daemon: (.*)/.exec(stderr)?.[1] ?? stderr]
}

const status = (field: string) => `sed -n 's/^${field}:[[:space:]]*//p' /proc/self/status`

engineTest(
  '--security-opt: no-new-privileges, seccomp, system paths, and what Docker refuses',
  async ({ docker, daemon }) => {
    assert.equal(await inside(docker, [], `${status('NoNewPrivs')}; ${status('Seccomp')}`), '0\n2')
    assert.equal(await inside(docker, ['--security-opt', 'no-new-privileges'], status('NoNewPrivs')), '1')
    assert.equal(await inside(docker, ['--security-opt', 'no-new-privileges=false'], status('NoNewPrivs')), '0')
    assert.equal(await inside(docker, ['--security-opt', 'seccomp=unconfined'], status('Seccomp')), '0')
    const profile = join(daemon.root, 'profile.json')
    const syscalls = [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO' }]
    writeFileSync(profile, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls }))
    const made = 'mkdir /new 2>/dev/null || echo refused'
    assert.equal(await inside(docker, ['--security-opt', `seccomp=${profile}`], made), 'refused')
    assert.equal(
      await inside(
        docker,
        [],
        'cat /proc/kcore 2>/dev/null | head -c 1 | wc -c; grep -c " /proc/sys proc ro" /proc/mounts',
      ),
      '0\n1',
    )
    const open = [
      '--security-opt',
      'systempaths=unconfined',
      '--security-opt',
      'apparmor=unconfined',
      '--security-opt',
      'label=disable',
    ]
    assert.equal(await inside(docker, open, 'grep -c " /proc/sys proc ro" /proc/mounts; true'), '0')
    assert.deepEqual(await refusal(docker, '--security-opt', 'nope=1'), [125, 'invalid --security-opt 2: "nope=1"'])
    const id = await docker.ok('create', ...open, 'busybox')
    const shown = await docker.ok('inspect', '-f', '{{json .HostConfig.SecurityOpt}} {{.AppArmorProfile}}', id)
    assert.equal(shown, '["apparmor=unconfined","label=disable"] unconfined')
  },
)

engineTest('capabilities, privileges and groups are what /proc/self/status says', async ({ docker }) => {
  const effective = (flags: string[]) => inside(docker, flags, status('CapEff'))
  const bit = (mask: string, number: number) => Number((BigInt(`0x${mask}`) >> BigInt(number)) & 1n)
  const usual = await effective([])
  assert.equal(usual, '00000000a80425fb')
  assert.equal(bit(await effective(['--cap-add', 'NET_ADMIN']), 12), 1)
  assert.equal(bit(await effective(['--cap-drop', 'chown']), 0), 0)
  assert.equal(await effective(['--cap-drop', 'ALL', '--cap-add', 'CAP_CHOWN']), '0000000000000001')
  assert.equal(await effective(['--user', '1000']), '0000000000000000')
  assert.ok(BigInt(`0x${await effective(['--privileged'])}`) > BigInt(`0x${usual}`))
  const privileged = `${status('Seccomp')}; [ -e /dev/kmsg ] && echo kmsg; grep -c " /sys .*rw" /proc/mounts`
  assert.match(await inside(docker, ['--privileged'], privileged), /^0\n(kmsg\n)?1$/)
  assert.deepEqual(await refusal(docker, '--cap-add', 'nothing'), [
    125,
    'invalid CapAdd: unknown capability: "CAP_NOTHING"',
  ])
  assert.equal(await inside(docker, ['--group-add', '77', '--group-add', 'nobody', '-u', '5:6'], 'id -G'), '6 77 65534')
  assert.equal(
    await inside(docker, ['--read-only'], 'touch /x 2>/dev/null || echo no; touch /dev/shm/x && echo yes'),
    'no\nyes',
  )
  assert.equal(await inside(docker, ['--init'], 'cat /proc/1/comm'), 'docker-init')
})

engineTest('--device, --device-cgroup-rule and what takes other engines', async ({ docker }) => {
  const major = "stat -c '%t:%T' /dev/other; head -c 1 /dev/other | wc -c"
  assert.equal(await inside(docker, ['--device', '/dev/zero:/dev/other'], major), '1:5\n1')
  const readOnly = ['--device', '/dev/full:/dev/other:r']
  assert.match(await inside(docker, readOnly, 'head -c 1 /dev/other | wc -c'), /1/)
  assert.match(await inside(docker, ['--device', '/dev/net'], 'ls /dev/net'), /tun/)
  const node = 'mknod /k c 1 11; cat /k 2>&1 | head -c 200'
  assert.match(await inside(docker, [], node), /Operation not permitted/)
  assert.doesNotMatch(
    await inside(
      docker,
      ['--device-cgroup-rule', 'c 1:* rwm', '--cap-add', 'SYSLOG'],
      'mknod /k c 1 11; head -c 0 /k && echo fine',
    ),
    /not permitted/,
  )
  assert.deepEqual(await refusal(docker, '--device', '/dev/nothing'), [
    127, // what the client makes of these words
    'error gathering device information while adding custom device "/dev/nothing": no such file or directory',
  ])
  assert.deepEqual(await refusal(docker, '--gpus', 'all'), [
    125,
    'could not select device driver "" with capabilities: [[gpu]]',
  ])
  assert.deepEqual(await refusal(docker, '--runtime', 'nothing'), [125, 'unknown or invalid runtime name: nothing'])
  assert.deepEqual(await refusal(docker, '--isolation', 'hyperv'), [
    125,
    "invalid isolation (hyperv): linux only supports 'default'",
  ])
  const pquota = "--storage-opt is supported only for overlay over xfs with 'pquota' mount option"
  assert.deepEqual(await refusal(docker, '--storage-opt', 'size=1G'), [125, pquota])
})

engineTest('--sysctl changes what is the container’s own, and nothing else', async ({ docker, api }) => {
  const flags = [
    '--sysctl',
    'kernel.shmmax=12345678',
    '--sysctl',
    'net.ipv4.ip_forward=0',
    '--sysctl',
    'fs.mqueue.msg_max=17',
  ]
  const read = 'cat /proc/sys/kernel/shmmax /proc/sys/net/ipv4/ip_forward /proc/sys/fs/mqueue/msg_max'
  assert.equal(await inside(docker, flags, read), '12345678\n0\n17')
  // The docker client itself knows what there is; others do not.
  const { id } = await api.createContainer({ Image: 'busybox', HostConfig: { Sysctls: { 'vm.swappiness': '1' } } })
  await assert.rejects(api.getContainer(id).start(), ({ statusCode, message }) => {
    assert.equal(statusCode, 500)
    const why = 'runc create failed: sysctl "vm.swappiness" is not in a separate kernel namespace'
    assert.ok(message.includes(`OCI runtime create failed: ${why}: unknown`), message)
    return true
  })
  const [, host] = await refusal(docker, '--network', 'host', '--sysctl', 'net.ipv4.ip_forward=1')
  assert.match(host, /sysctl "net.ipv4.ip_forward" not allowed in host network namespace/)
  const [, ipc] = await refusal(docker, '--ipc', 'host', '--sysctl', 'kernel.msgmax=1')
  assert.match(ipc, /sysctl "kernel.msgmax" is not allowed in the hosts ipc namespace/)
})
