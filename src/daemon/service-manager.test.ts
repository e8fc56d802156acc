import assert from 'node:assert/strict'
import { test } from 'node:test'
import { choosePassedSockets, hostsWith, meetServiceManager } from './service-manager.ts'

const [api, tcp] = [
  { fd: 3, name: 'wharf.socket', isUnix: true },
  { fd: 4, name: 'outside', isUnix: false },
] as const

test('choosePassedSockets() finds sockets by number, by name, or all', () => {
  assert.deepEqual(choosePassedSockets('fd://', [api, tcp]), [api, tcp])
  assert.deepEqual(choosePassedSockets('fd://*', [api, tcp]), [api, tcp])
  assert.deepEqual(choosePassedSockets('fd://4', [api, tcp]), [tcp])
  assert.deepEqual(choosePassedSockets('fd://wharf.socket', [api, tcp]), [api])
  assert.throws(() => choosePassedSockets('fd://other', [api]), { message: /handed over 3 \(wharf\.socket\)$/ })
  assert.throws(() => choosePassedSockets('fd://', []), { message: /started by systemd$/ })
})

test('meetServiceManager() takes nothing that was meant for another process, and leaves nothing to its children', () => {
  const env = { LISTEN_PID: '1', LISTEN_FDS: '2', LISTEN_FDNAMES: 'a:b', NOTIFY_SOCKET: '', PATH: '/bin' }
  const manager = meetServiceManager(env)
  manager.notify('READY=1')
  assert.deepEqual([manager.sockets, env], [[], { PATH: '/bin' }])
})

test('hostsWith() serves what systemd has opened, in place of the usual socket and besides every other', () => {
  const usual = ['unix:///run/wharf.sock']
  assert.deepEqual(hostsWith(usual, []), usual)
  assert.deepEqual(hostsWith(usual, [api]), ['fd://'])
  assert.deepEqual(hostsWith(['tcp://127.0.0.1:2376'], [api]), ['tcp://127.0.0.1:2376', 'fd://'])
  assert.deepEqual(hostsWith(['fd://4', 'unix:///x'], [api, tcp]), ['fd://4', 'unix:///x'])
})
