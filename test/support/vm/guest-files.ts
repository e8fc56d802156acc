import { globSync, readFileSync } from 'node:fs'
import type { GuestFile } from './guest-events.ts'

const marker = /^\/\/ Virtual machine: (.*)$/m

/**
 * The test files that run in the virtual machine: all under `test/vm/guest`, and those elsewhere that say so. Their
 * first line names the modules they need, or none:
 *
 *     // Virtual machine: ipvlan 8021q
 *     // Virtual machine: no modules
 */
export function listGuestFiles(): GuestFile[] {
  const named = process.env['WHARF_VM_FILES']?.split(',')
  return globSync('test/**/*.test.ts')
    .sort()
    .flatMap((path) => {
      const first = readFileSync(path, 'utf8').split('\n', 1)[0]!
      const said = marker.exec(first)?.[1]
      if (said === undefined && !path.startsWith('test/vm/guest/')) return []
      if (said === undefined) throw new Error(`${path} does not say in its first line which modules it needs`)
      if (named !== undefined && !named.includes(path)) return []
      return [{ path, modules: said === 'no modules' ? [] : said.split(' ') }]
    })
}
