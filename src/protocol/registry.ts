import { fields, type Schema, text } from './schema.ts'

/** Who somebody is to a registry. @source Docker Engine API v1.51, AuthConfig */
export interface AuthConfig {
  readonly username?: string
  readonly password?: string
  /** Stands for user and password, where a registry has given one. */
  readonly identitytoken?: string
  /** `"registry.test:5000"`; of Docker Hub `"https://index.docker.io/v1/"`. */
  readonly serveraddress?: string
}

/** @source Docker Engine API v1.51, SystemAuth */
export const authSchema: Schema = fields({
  username: text,
  password: text,
  identitytoken: text,
  serveraddress: text,
  email: text,
})

/** The answer to a log-in that the registry takes. @source Docker Engine API v1.51, SystemAuth */
export interface AuthAnswer {
  readonly Status: string
  /** Empty: the password is to be kept. */
  readonly IdentityToken: string
}

/** What a registry has under a name. @source Docker Engine API v1.51, DistributionInspect */
export interface DistributionInspect {
  readonly Descriptor: { readonly mediaType: string; readonly digest: string; readonly size: number }
  readonly Platforms: readonly { readonly architecture: string; readonly os: string; readonly variant?: string }[]
}
