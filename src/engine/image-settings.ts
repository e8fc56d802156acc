import type { ImagesOptions } from '../image/open-images.ts'
import type { EngineConfig } from './config.ts'

/** The settings of registries, as the image store asks for them. @param config  what counts now */
export function imageSettings(config: () => EngineConfig): Partial<ImagesOptions> {
  return {
    insecureRegistries: () => config().insecureRegistries,
    registryMirrors: () => config().registryMirrors,
    registryCertificates: config().registryCertificates,
    maxDownloads: () => config().maxDownloads,
    maxUploads: () => config().maxUploads,
  }
}
