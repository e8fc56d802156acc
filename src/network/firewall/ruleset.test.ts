import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { NetworkSpec } from '../driver.ts'
import { bridgeElements, planBridge } from '../drivers/bridge/plan.ts'
import {
  type Element,
  elementSets,
  loopbackElement,
  openElement,
  publishedElement,
  publishedRange,
} from './elements.ts'
import { linkElement } from './link-element.ts'
import { memberOf, renderAllElements, renderSkeleton } from './ruleset.ts'

const documents = join(import.meta.dirname, '../../../docs/rules')

/** The elements of a network, as its driver gives them. */
function network(digit: string, spec: Partial<NetworkSpec> = {}): Element[] {
  const id = digit.repeat(64)
  const subnets = [{ prefix: `172.${17 + Number(digit)}.0.0/16`, gateway: `172.${17 + Number(digit)}.0.1` }]
  const base = { id, name: `net${digit}`, isDefault: false, internal: false, enableIPv6: false, options: {}, subnets }
  return bridgeElements(planBridge({ ...base, ...spec }))
}

const defaultBridge = network('0', {
  name: 'bridge',
  isDefault: true,
  options: { 'com.docker.network.bridge.name': 'docker0' },
})
const web = {
  protocol: 'tcp',
  hostPort: 8080,
  containerAddress: '172.18.0.2',
  containerPort: 80,
  comment: 'container web',
} as const

interface Scene {
  readonly about: string
  readonly elements: readonly Element[]
  readonly proxyLoopback?: boolean
  readonly obeyInput?: boolean
  readonly unmanaged?: readonly ('ipv4' | 'ipv6')[]
}

const scenes: Readonly<Record<string, Scene>> = {
  'default-network': { about: 'The default network alone: containers go out by masquerade.', elements: defaultBridge },
  'user-network': {
    about:
      'A network of one’s own (docker network create net1): the same rules; its containers find each other by name.',
    elements: network('1'),
  },
  'two-networks': {
    about: 'Two networks beside the default one. Nothing but published ports goes from one to another.',
    elements: [...defaultBridge, ...network('1'), ...network('2')],
  },
  'published-ports': {
    about: 'A port published on every address of the host (-p 8080:80), one on one address (-p 192.0.2.1:53:53/udp).',
    elements: [
      ...network('1'),
      publishedElement({ ...web, hostAddress: '0.0.0.0' }),
      publishedElement({ ...web, protocol: 'udp', hostAddress: '192.0.2.1', hostPort: 53, containerPort: 53 }),
    ],
  },
  'internal-network': {
    about: 'An internal network: no way out, no way in, no published ports. The host itself is reached.',
    elements: network('1', { internal: true }),
  },
  'icc-off': {
    about: 'Containers of the network must not talk to each other. The bridge keeps their frames apart as well.',
    elements: network('1', { options: { 'com.docker.network.bridge.enable_icc': 'false' } }),
  },
  'icc-off-link': {
    about:
      'The default network with icc off, and a container that links to another one, which exposes 80/tcp (--link).',
    elements: [
      ...network('0', {
        name: 'bridge',
        isDefault: true,
        options: { 'com.docker.network.bridge.name': 'docker0', 'com.docker.network.bridge.enable_icc': 'false' },
      }),
      linkElement({
        linker: '172.17.0.3',
        target: '172.17.0.2',
        protocol: 'tcp',
        port: 80,
        comment: 'container app links to web',
      }),
    ],
  },
  'without-masquerade': {
    about: 'Containers go out under their own addresses; the network around must know the way back.',
    elements: network('1', { options: { 'com.docker.network.bridge.enable_ip_masquerade': 'false' } }),
  },
  'gateway-mode-nat-unprotected': {
    about: 'Containers go out by masquerade, and every port of theirs is open to whoever has a route.',
    elements: network('1', { options: { 'com.docker.network.bridge.gateway_mode_ipv4': 'nat-unprotected' } }),
  },
  'gateway-mode-routed': {
    about: 'No NAT: containers have their own addresses everywhere, and only published ports are open (-p 80).',
    elements: [
      ...network('1', { options: { 'com.docker.network.bridge.gateway_mode_ipv4': 'routed' } }),
      openElement(web),
    ],
  },
  'host-address': {
    about: 'Containers go out under an address that the network names (com.docker.network.host_ipv4).',
    elements: network('1', { options: { 'com.docker.network.host_ipv4': '192.0.2.7' } }),
  },
  'trusted-interface': {
    about: 'Neighbours on eth1 reach published ports at the container’s own address too.',
    elements: [
      ...network('1', { options: { 'com.docker.network.bridge.trusted_host_interfaces': 'eth1' } }),
      publishedElement({ ...web, hostAddress: '0.0.0.0' }),
      openElement(web),
    ],
  },
  'dual-stack': {
    about: 'A network with IPv6 too, and a port published on both.',
    elements: [
      ...network('1', {
        enableIPv6: true,
        subnets: [
          { prefix: '172.18.0.0/16', gateway: '172.18.0.1' },
          { prefix: 'fd00:18::/64', gateway: 'fd00:18::1' },
        ],
      }),
      publishedElement({ ...web, hostAddress: '0.0.0.0' }),
      publishedElement({ ...web, hostAddress: '::', containerAddress: 'fd00:18::2' }),
    ],
  },
  'userland-proxy': {
    about: 'With userland-proxy on: what the host sends to 127.0.0.1 is left to the proxy.',
    elements: [...network('1'), publishedElement({ ...web, hostAddress: '0.0.0.0' })],
    proxyLoopback: true,
  },
  'published-ranges': {
    about: 'A range that keeps its numbers (-p 20000-29999:20000-29999), and one that moves (-p 8000-8001:80-81).',
    elements: [
      ...network('1'),
      ...publishedRange({
        ...web,
        hostAddress: '0.0.0.0',
        hostPort: 20_000,
        containerPort: 20_000,
        count: 10_000,
      }),
      ...publishedRange({ ...web, hostAddress: '0.0.0.0', hostPort: 8000, containerPort: 80, count: 2 }),
    ],
  },
  'published-on-loopback': {
    about: 'A port that only this host reaches (-p 127.0.0.1:8080:80).',
    elements: [
      ...network('1'),
      publishedElement({ ...web, hostAddress: '127.0.0.1' }),
      loopbackElement({ ...web, hostAddress: '127.0.0.1' }),
    ],
  },
  'gateway-mode-isolated': {
    about: 'An internal network whose bridge has no address: not even the host is reached.',
    elements: network('1', {
      internal: true,
      options: { 'com.docker.network.bridge.gateway_mode_ipv4': 'isolated' },
    }),
  },
  'obey-input': {
    about: 'With published-ports-obey-input on: the host’s own INPUT rules decide who reaches published ports.',
    elements: [...network('1'), publishedElement({ ...web, hostAddress: '0.0.0.0' })],
    obeyInput: true,
  },
  'without-ip6tables': {
    about: 'With ip6tables off: IPv6 is let through as if there were no rules.',
    elements: network('1'),
    unmanaged: ['ipv6'],
  },
}

for (const [name, { about, elements, proxyLoopback = false, ...options }] of Object.entries(scenes)) {
  test(`the rule set of ${name} is what docs/rules says`, (t: TestContext) => {
    const text = `# ${about}\n${renderSkeleton({ proxyLoopback, ...options })}${renderAllElements(elements)}`
    t.assert.fileSnapshot(text, join(documents, `${name}.nft`), { serializers: [String] })
  })
}

test('renderSkeleton() gives every rule a comment, and never empties the chain of the administrator', () => {
  const lines = renderSkeleton({ proxyLoopback: true, obeyInput: true, unmanaged: ['ipv4', 'ipv6'] }).split('\n')
  assert.deepEqual(
    lines.filter((line) => line.startsWith('add rule') && !/ comment ".+"$/.test(line)),
    [],
  )
  assert.deepEqual(
    lines.filter((line) => line.includes('chain') && line.includes('wharf-user')),
    ['add chain inet wharf wharf-user'],
  )
})

test('renderAllElements() names each set once, quotes comments, and cuts long ones', () => {
  const elements: Element[] = [
    { set: 'bridges', key: '"br-1"', comment: 'network "one"' },
    { set: 'published4_any', key: 'tcp . 80', data: '172.18.0.2 . 80', comment: 'web' },
    { set: 'bridges', key: '"br-2"', comment: 'x'.repeat(200) },
  ]
  const text = renderAllElements(elements)
  assert.match(text, /^add element inet wharf bridges { "br-1" comment "network \?one\?", "br-2" comment "x{120}" }$/m)
  assert.match(text, /^add element inet wharf published4_any { tcp \. 80 comment "web" : 172\.18\.0\.2 \. 80 }$/m)
  assert.deepEqual(memberOf(elements[0]!), { key: '"br-1"', data: undefined, comment: 'network ?one?' })
})

test('the rule book explains each table, each set and each rule that there is, and nothing else', () => {
  const book = readFileSync(join(documents, 'README.md'), 'utf8')
  const sections = new Map(book.split(/^## /m).map((section) => [/^[^\n]*/.exec(section)![0], rowsOf(section)]))
  const files = readdirSync(documents).filter((name) => name.endsWith('.nft'))
  const rules = files.flatMap((name) => {
    const lines = readFileSync(join(documents, name), 'utf8').matchAll(
      /^add rule inet wharf (\S+) .* comment "(.+)"$/gm,
    )
    return Array.from(lines, ([, chain, comment]) => ({ chain: chain!, comment: comment! }))
  })
  for (const [chain, ofChain] of Map.groupBy(rules, ({ chain }) => chain)) {
    assert.deepEqual(sections.get(chain), distinct(ofChain.map(({ comment }) => comment)), chain)
  }
  assert.deepEqual(sections.get('Sets and maps'), distinct(Object.keys(elementSets)))
  assert.deepEqual(distinct(Array.from(book.matchAll(/\]\((\S+\.nft)\)/g), ([, name]) => name!)), distinct(files))
})

/** The first cells of a section's tables, sorted. */
function rowsOf(section: string): string[] {
  return distinct(Array.from(section.matchAll(/^\| `([^`]+)` \| .+ \|$/gm), ([, name]) => name!))
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)].toSorted()
}
