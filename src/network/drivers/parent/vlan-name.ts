import { EngineError } from '../../../base/errors.ts'

/** What the name of an 802.1Q sub-interface says: `eth0.10`. */
export interface VlanName {
  /** The interface that carries the tagged frames. */
  readonly trunk: string
  /** 1 to 4094. */
  readonly id: number
}

const highest = 4094

/**
 * Reads the name of a sub-interface that is to be made. The errors come in Docker's order and have its words. Pure.
 *
 * @param exists whether the host has an interface of that name
 * @throws {EngineError} `internal`, as Docker answers 500 for all of them
 */
export function parseVlanName(name: string, exists: (trunk: string) => boolean): VlanName {
  const parts = name.split('.')
  const [trunk = '', id = ''] = parts
  if (parts.length === 1) throw refusal(`invalid subinterface vlan name ${name}, example formatting is eth0.10`)
  if (parts.length !== 2) {
    throw refusal(`required interface name format is: name.vlan_id, ex. eth0.10 for vlan 10, instead received ${name}`)
  }
  if (!/^[+-]?\d+$/.test(id)) {
    throw refusal(`unable to parse a valid vlan id from: ${id} (ex. eth0.10 for vlan 10)`)
  }
  if (!exists(trunk)) throw refusal(`-o parent interface was not found on the host: ${trunk}`)
  const number = Number(id)
  if (number < 1 || number > highest) throw refusal(`vlan id must be between 1-${highest}, received: ${number}`)
  return { trunk, id: number }
}

/** The interface that carries the frames of a sub-interface, as far as the name says so. Pure. */
export function trunkOf(name: string): string | undefined {
  return /^([^.]+)\.\d+$/.exec(name)?.[1]
}

function refusal(text: string): EngineError {
  return new EngineError('internal', text)
}
