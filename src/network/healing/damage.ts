import { bridgeName, networkMark } from '../cables/link-marks.ts'
import type { LinkNews } from './host-news.ts'

/** What there is reason to look at on one network. */
export interface Damage {
  /** `lost`: gone, or not as we left it. `lent`: its owner has made it again. Undefined: only cables are hit. */
  readonly bridge: 'lost' | 'lent' | undefined
  /** Of endpoints whose cables are hit; all of them are looked at when the bridge had to be changed. */
  readonly endpointIds: ReadonlySet<string>
}

/** What the records say of the host's links. */
export interface WantedLinks {
  /** Id of the network whose host interface has that name. */
  networkOf(link: string): string | undefined
  /** Ids of the networks that sit on that interface. */
  sittingOn(link: string): Iterable<string>
  /** The endpoint whose cable has that name, and the index of the bridge that it belongs into, as far as there is one. */
  endpointOf(link: string): { readonly id: string; readonly networkId: string; readonly bridge?: number } | undefined
}

/** Finds the networks that are no longer what they should be, by the last news of each link. Pure. */
export function assessDamage(news: Iterable<LinkNews>, wanted: WantedLinks): ReadonlyMap<string, Damage> {
  const damages = new Map<string, Damage>()
  for (const one of news) {
    // Whether that is damage is found out where the network is looked at.
    for (const id of wanted.sittingOn(one.link.name)) add(damages, id, { bridge: 'lost', endpointIds: new Set() })
    if (one.link.kind === 'bridge') {
      const networkId = wanted.networkOf(one.link.name)
      const bridge = networkId === undefined ? undefined : bridgeDamage(one, networkId)
      if (networkId !== undefined && bridge !== undefined) add(damages, networkId, { bridge, endpointIds: new Set() })
    } else {
      const endpoint = wanted.endpointOf(one.link.name)
      if (endpoint === undefined || isPluggedIn(one, endpoint.bridge)) continue
      add(damages, endpoint.networkId, { bridge: undefined, endpointIds: new Set([endpoint.id]) })
    }
  }
  return damages
}

function bridgeDamage({ link, removed, isNew, addressLost }: LinkNews, networkId: string): Damage['bridge'] {
  // Ours without its mark is damaged; whether one of another name is ours is found out when everything is compared.
  if (link.alias !== networkMark(networkId) && link.name === bridgeName(networkId) && !isNew) return 'lost'
  if (link.alias === networkMark(networkId)) return removed || !link.up || addressLost ? 'lost' : undefined
  // Somebody else's: what the owner does to it stays done.
  return isNew && !removed ? 'lent' : undefined
}

function isPluggedIn({ link, removed }: LinkNews, bridge: number | undefined): boolean {
  return !removed && link.up && link.master !== undefined && link.master === bridge
}

function add(damages: Map<string, Damage>, networkId: string, damage: Damage): void {
  damages.set(networkId, mergeDamage(damages.get(networkId), damage))
}

/** Both together. Pure. */
export function mergeDamage(one: Damage | undefined, other: Damage): Damage {
  return {
    bridge: one?.bridge === 'lost' ? 'lost' : (other.bridge ?? one?.bridge),
    endpointIds: new Set([...(one?.endpointIds ?? []), ...other.endpointIds]),
  }
}
