import { EngineError } from '../base/errors.ts'

/** The newest version of the API that is spoken; requests without a version mean this one. */
export const apiVersion = '1.51'
/** The oldest version of the API that is spoken. */
export const minApiVersion = '1.24'

const prefix = /^\/v(\d[\d.]*)(?=\/|$)/

/** A URL taken apart: `"/v1.43/info?x"` is version `"1.43"` and URL `"/info?x"`. */
export function splitVersion(url: string): { readonly version: string; readonly url: string } {
  const match = prefix.exec(url)
  if (match === null) return { version: apiVersion, url }
  return { version: match[1]!, url: url.slice(match[0].length) || '/' }
}

/**
 * Refuses versions that are not spoken.
 *
 * @throws {EngineError} `invalid-argument` with the words that Docker's clients look for
 */
export function checkVersion(version: string): void {
  if (isBefore(version, minApiVersion)) {
    throw new EngineError(
      'invalid-argument',
      `client version ${version} is too old. Minimum supported API version is ${minApiVersion}, please upgrade your client to a newer version`,
    )
  }
  if (isBefore(apiVersion, version)) {
    throw new EngineError(
      'invalid-argument',
      `client version ${version} is too new. Maximum supported API version is ${apiVersion}`,
    )
  }
}

/** Compares versions part by part: `"1.9"` is before `"1.24"`. */
export function isBefore(version: string, other: string): boolean {
  const [left, right] = [version.split('.').map(Number), other.split('.').map(Number)]
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return false
}
