import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Host } from './host.ts'

/** Open vSwitch on a host, in user space: no kernel module is needed. */
export interface OpenVSwitch extends AsyncDisposable {
  /** Where its database listens: `unix:/…/db.sock`. */
  readonly database: string
  /** Runs ovs-vsctl. @returns what it prints */
  vsctl(...words: string[]): Promise<string>
}

/** Starts Debian's ovsdb-server and ovs-vswitchd, with a directory of their own. */
export async function startOpenVSwitch(host: Host): Promise<OpenVSwitch> {
  await using stack = new AsyncDisposableStack()
  const directory = mkdtempSync(join(tmpdir(), 'wharf-ovs-'))
  stack.defer(() => rmSync(directory, { recursive: true }))
  const at = (name: string) => join(directory, name)
  const database = `unix:${at('db.sock')}`
  const env = {
    ...process.env,
    OVS_RUNDIR: directory,
    OVS_LOGDIR: directory,
    OVS_DBDIR: directory,
    OVS_SYSCONFDIR: directory,
  }
  const vsctl = (...words: string[]) =>
    host.execOk('ovs-vsctl', ['--timeout=20', '--retry', `--db=${database}`, ...words])
  const begin = (program: string, ...words: string[]) => {
    const child = spawn(...host.enter(program, ...words), { env, stdio: 'ignore' })
    stack.defer(() => end(child))
  }
  await host.execOk('ovsdb-tool', ['create', at('conf.db'), '/usr/share/openvswitch/vswitch.ovsschema'])
  begin('ovsdb-server', at('conf.db'), `--remote=p${database}`, `--unixctl=${at('db.ctl')}`)
  await vsctl('--no-wait', 'init')
  begin('ovs-vswitchd', database, `--unixctl=${at('switch.ctl')}`)
  const owned = stack.move()
  return { database, vsctl, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}
