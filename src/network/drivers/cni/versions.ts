/** Versions of the CNI specification that the engine speaks, the oldest first. @source CNI SPEC.md, "Released versions" */
export const supportedVersions = ['0.3.1', '0.4.0', '1.0.0', '1.1.0'] as const

/**
 * The highest version that a configuration, every plugin and the engine have in common; undefined: there is none. Pure.
 *
 * @source CNI SPEC.md 1.1, "Version considerations"
 */
export function chooseVersion(
  configured: readonly string[],
  plugins: readonly (readonly string[])[],
): string | undefined {
  return supportedVersions.findLast(
    (version) => configured.includes(version) && plugins.every((supported) => supported.includes(version)),
  )
}

/** CHECK came with 0.4.0. */
export function knowsCheck(version: string): boolean {
  return version !== '0.3.1'
}
