import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planLinkVariables } from './plan-link-variables.ts'

test('planLinkVariables() tells ports, name and environment of the container that is linked to', () => {
  const variables = planLinkVariables('web', {
    alias: 'my-db',
    address: '172.17.0.5',
    exposed: ['5433/udp', '5432/tcp'],
    env: ['PATH=/bin', 'HOME=/', 'VERSION=9=x'],
  })
  assert.deepEqual(variables, [
    'MY_DB_PORT=tcp://172.17.0.5:5432',
    'MY_DB_PORT_5432_TCP=tcp://172.17.0.5:5432',
    'MY_DB_PORT_5432_TCP_ADDR=172.17.0.5',
    'MY_DB_PORT_5432_TCP_PORT=5432',
    'MY_DB_PORT_5432_TCP_PROTO=tcp',
    'MY_DB_PORT_5433_UDP=udp://172.17.0.5:5433',
    'MY_DB_PORT_5433_UDP_ADDR=172.17.0.5',
    'MY_DB_PORT_5433_UDP_PORT=5433',
    'MY_DB_PORT_5433_UDP_PROTO=udp',
    'MY_DB_NAME=/web/my-db',
    'MY_DB_ENV_VERSION=9=x',
  ])
})

test('planLinkVariables() names TCP first, and both ends of ports that follow each other', () => {
  const exposed = ['53/udp', '8001/tcp', '8000/tcp', '8002/tcp', '80/tcp']
  const variables = planLinkVariables('web', { alias: 'db', address: '172.17.0.5', exposed, env: [] })
  assert.equal(variables[0], 'DB_PORT=tcp://172.17.0.5:80')
  assert.deepEqual(
    variables.filter((variable) => /_(START|END)=/.test(variable)),
    [
      'DB_PORT_8000_TCP_START=tcp://172.17.0.5:8000',
      'DB_PORT_8000_TCP_END=tcp://172.17.0.5:8002',
      'DB_PORT_8000_TCP_PORT_START=8000',
      'DB_PORT_8000_TCP_PORT_END=8002',
    ],
  )
})
