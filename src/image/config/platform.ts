import { EngineError } from '../../base/errors.ts'

/** What an image is built for, in Go's names: `linux`, `amd64`, and for arm a variant. */
export interface Platform {
  readonly os: string
  readonly architecture: string
  /** `"v7"`, `"v8"`; empty where there is none. */
  readonly variant: string
}

const architectureOfNode: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' }
const aliases: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64', i386: '386', armhf: 'arm' }

/** The platform of this machine. */
export function hostPlatform(): Platform {
  return platformOf('linux', architectureOfNode[process.arch] ?? process.arch, '')
}

/**
 * Reads `os/architecture[/variant]`, or an architecture alone.
 *
 * @throws {EngineError} `invalid-argument` when it has no such form
 * @source containerd/platforms, specifier grammar
 */
export function parsePlatform(text: string): Platform {
  const parts = text.toLowerCase().split('/')
  if (parts.length > 3 || parts.some((part) => !/^[a-z0-9_.-]+$/.test(part)))
    throw new EngineError(
      'invalid-argument',
      `"${text}" is an invalid component of "${text}": platform specifier component must match "^[A-Za-z0-9_.-]+$": invalid argument`,
    )
  const [first, second, variant] = parts
  return second === undefined ? platformOf('linux', first!, '') : platformOf(first!, second, variant ?? '')
}

function platformOf(os: string, architecture: string, variant: string): Platform {
  const name = aliases[architecture] ?? architecture
  if (name === 'arm64') return { os, architecture: name, variant: variant === 'v8' || variant === '8' ? '' : variant }
  return { os, architecture: name, variant: name === 'arm' && variant === '' ? 'v7' : variant }
}

/** `linux/amd64`, `linux/arm/v7`. */
export function renderPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, variant].filter((part) => part !== '').join('/')
}

/** Platforms that run on `platform`, best first: an arm v7 machine also runs v6 and v5, one of 64 bits those of 32. */
function runnable(platform: Platform): readonly Platform[] {
  const { os, architecture } = platform
  if (architecture === 'amd64') return [platform, { os, architecture: '386', variant: '' }]
  if (architecture === 'arm64') return [platform, ...runnable({ os, architecture: 'arm', variant: 'v8' })]
  if (architecture !== 'arm') return [platform]
  const newest = Number(platform.variant.slice(1))
  const variants = Array.from({ length: Math.max(newest - 4, 1) }, (_, age) => `v${newest - age}`)
  return variants.map((variant) => ({ ...platform, variant }))
}

/**
 * Picks what suits `wanted` best, or `undefined`.
 *
 * @param offers  platforms as an image index or a configuration writes them
 */
export function choosePlatform<T extends { readonly platform: Partial<Platform> }>(
  offers: readonly T[],
  wanted: Platform,
): T | undefined {
  for (const candidate of runnable(wanted)) {
    const found = offers.find(({ platform: { os = '', architecture = '', variant = '' } }) => {
      const offered = platformOf(os, architecture, variant)
      const sameVariant = offered.variant === candidate.variant
      return offered.os === candidate.os && offered.architecture === candidate.architecture && sameVariant
    })
    if (found) return found
  }
  return undefined
}
