import assert from 'node:assert/strict'
import { engineTest } from '../support/engine-test.ts'
import { rawHttp } from '../support/raw-http.ts'

engineTest(
  'events: type, action, attributes and order of networks and containers; filters, since and until',
  async (engine) => {
    const { docker, daemon } = engine
    const net = await docker.ok('network', 'create', '--label', 'a=b', 'net')
    const box = await docker.ok('run', '-di', '--network', 'net', '--name', 'box', '--label', 'c=d', 'busybox')
    await docker.ok('network', 'connect', 'bridge', 'box')
    await docker.ok('network', 'disconnect', 'bridge', 'box')
    await docker.ok('stop', '-t', '0', 'box')
    await docker.ok('rm', 'box')
    await docker.ok('network', 'rm', 'net')
    const http = rawHttp(daemon.socket)
    const until = Math.ceil(Date.now() / 1000) + 1
    const read = async (filters: object, more = '') => {
      const query = `until=${until}&filters=${encodeURIComponent(JSON.stringify(filters))}${more}`
      const url = `http://d/v1.51/events?${query}`
      const text = await engine.host.execOk('curl', ['-s', '--unix-socket', daemon.socket, url])
      return text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
    }
    const [all, networks, byName, byLabel, some, late, alike] = await Promise.all([
      read({}),
      read({ type: ['network'] }),
      read({ network: ['net'] }),
      read({ label: ['c=d'] }),
      read({ type: ['network'], event: ['create', 'destroy'] }),
      read({}, `&since=${until}`),
      read({ container: [box.slice(0, 12)] }),
    ])
    const short = ({ Type, Action }: { Type: string; Action: string }) => `${Type} ${Action}`
    assert.deepEqual(
      all.filter(({ Type }) => Type !== 'image').map(short),
      [
        'network create',
        'container create',
        'network connect',
        'container start',
        'network connect',
        'network disconnect',
        'container kill',
        'container kill',
        'container die',
        'network disconnect',
        'container stop',
        'container destroy',
        'network destroy',
      ].filter((line, at, lines) => !(line === 'container kill' && lines[at - 1] === line)),
    )
    const bridge = await docker.ok('network', 'inspect', '-f', '{{.Id}}', 'bridge')
    const about = (ID: string, name: string, container?: string) => {
      return { ID, Attributes: { ...(container && { container }), name, type: 'bridge' } }
    }
    assert.deepEqual(
      networks.map(({ Action, Actor, scope }) => ({ Action, Actor, scope })),
      [
        { Action: 'create', Actor: about(net, 'net'), scope: 'local' },
        { Action: 'connect', Actor: about(net, 'net', box), scope: 'local' },
        { Action: 'connect', Actor: about(bridge, 'bridge', box), scope: 'local' },
        { Action: 'disconnect', Actor: about(bridge, 'bridge', box), scope: 'local' },
        { Action: 'disconnect', Actor: about(net, 'net', box), scope: 'local' },
        { Action: 'destroy', Actor: about(net, 'net'), scope: 'local' },
      ],
    )
    assert.deepEqual([...new Set(networks.flatMap((event) => Object.keys(event)))].sort(), [
      'Action',
      'Actor',
      'Type',
      'scope',
      'time',
      'timeNano',
    ])
    assert.deepEqual(
      byName.map(({ Action }) => Action),
      ['create', 'connect', 'disconnect', 'destroy'],
    )
    assert.ok(byLabel.length > 4 && byLabel.every(({ Type }) => Type === 'container'))
    assert.deepEqual(
      some.map(({ Action }) => Action),
      ['create', 'destroy'],
    )
    assert.deepEqual(late, [])
    assert.ok(
      alike.length > 4 &&
        alike.every(({ status, id, from }) => status !== undefined && id === box && from === 'busybox'),
    )
    const { status, json } = await http('GET', '/v1.51/events?since=20&until=10')
    assert.deepEqual([status, json.message], [400, '`since` time (20) cannot be after `until` time (10)'])
  },
)
