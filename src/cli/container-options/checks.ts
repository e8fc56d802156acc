/** Checks of single flag values; each throws an `Error` with Docker's words. */

/** `-a`. */
export function checkStream(value: string): void {
  if (!/^(stdin|stdout|stderr)$/i.test(value)) throw new Error('valid streams are STDIN, STDOUT and STDERR')
}

/** `--dns`. */
export function checkAddress(value: string): void {
  if (!isAddress(value)) throw new Error(`IP address is not correctly formatted: ${value}`)
}

/** `--add-host`: `name:address` or `name=address`. */
export function checkHost(value: string): void {
  const [name, address] = splitHost(value)
  if (name === '' || address === undefined || address === '') throw new Error(`bad format for add-host: "${value}"`)
  if (address !== 'host-gateway' && !isAddress(address)) {
    throw new Error(`invalid IP address in add-host: "${address}"`)
  }
}

/** Splits `"h:1.2.3.4"`, `"h=::1"` and `"h:[::1]"` into name and address. */
export function splitHost(value: string): [name: string, address: string | undefined] {
  const [, name = '', address] = /^([^=:]+)[=:](.*)$/.exec(value) ?? []
  return [name, address?.replace(/^\[(.*)\]$/, '$1')]
}

/** `-e`. */
export function checkEnv(value: string): void {
  if (value === '' || value.startsWith('=')) throw new Error(`invalid environment variable: ${value}`)
}

/** `--link`. */
export function checkLink(value: string): void {
  if (value === '') throw new Error('empty string specified for links')
  if (value.split(':').length > 2) throw new Error(`bad format for links: ${value}`)
}

/** `--sysctl`: only what belongs to a namespace of the container. */
export function checkSysctl(value: string): void {
  const [name = ''] = value.split('=')
  const allowed = /^(kernel\.(msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)$|net\.|fs\.mqueue\.)/
  if (!value.includes('=') || !allowed.test(name)) throw new Error(`sysctl '${value}' is not allowed`)
}

/** True for an IPv4 or IPv6 address. */
export function isAddress(text: string): boolean {
  return process.getBuiltinModule('node:net').isIP(text) !== 0
}
