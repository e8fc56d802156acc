/** A value made when it is first asked for, and kept. When making it throws, the next one who asks tries again. */
export function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
