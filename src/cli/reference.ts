/** An image's name, in parts. */
export interface Reference {
  /** `"busybox"`, `"localhost:5000/tools/busybox"`. */
  readonly name: string
  /** `""` when there is none. */
  readonly tag: string
  /** `"sha256:…"`; `""` when there is none. */
  readonly digest: string
}

/** Splits an image's name. A colon before the last slash belongs to a registry's port. */
export function parseReference(text: string): Reference {
  const [rest = '', digest = ''] = text.split('@')
  const colon = rest.lastIndexOf(':')
  if (colon <= rest.lastIndexOf('/')) return { name: rest, tag: '', digest }
  return { name: rest.slice(0, colon), tag: rest.slice(colon + 1), digest }
}

/** The name with `:latest` when it says neither tag nor digest, as Docker shows it. */
export function withDefaultTag(text: string): string {
  const { tag, digest } = parseReference(text)
  return tag === '' && digest === '' ? `${text}:latest` : text
}

/** The registry that an image comes from: `"localhost:5000"`, `"docker.io"`. */
export function registryOf(text: string): string {
  const [first = '', ...rest] = text.split('/')
  return rest.length > 0 && (/[.:]/.test(first) || first === 'localhost') ? first : 'docker.io'
}

/** With registry and namespace: `"docker.io/library/busybox:latest"`. */
export function fullName(image: string): string {
  if (registryOf(image) !== 'docker.io') return image
  const path = image.replace(/^docker\.io\//, '')
  return `docker.io/${path.includes('/') ? '' : 'library/'}${path}`
}
