/** What skopeo tells of one layer while it sends an image. */
export type UploadEvent =
  | { readonly what: 'begun'; readonly digest: string }
  | { readonly what: 'exists'; readonly digest: string; readonly mountedFrom: string | undefined }
  | { readonly what: 'sent' }

/**
 * Reads one line of `skopeo --debug copy … docker://…`; most lines say nothing of a layer.
 *
 * @param mounting  the repository that the registry was asked to take the layer from, told by the line before
 * @source containers/image, copy and docker_image_dest.go, debug messages
 */
export function readUploadLine(line: string, mounting: string | undefined): UploadEvent | undefined {
  const begun = /msg="Checking if we can reuse blob (sha256:[0-9a-f]{64})/.exec(line)?.[1]
  if (begun !== undefined) return { what: 'begun', digest: begun }
  const exists = /msg="Skipping blob (sha256:[0-9a-f]{64}) \(already present\)/.exec(line)?.[1]
  if (exists !== undefined) return { what: 'exists', digest: exists, mountedFrom: mounting }
  return /msg="Upload of layer sha256:[0-9a-f]{64} complete"/.test(line) ? { what: 'sent' } : undefined
}

/** The repository of `Trying to mount /v2/…?from=team%2Fbase&mount=…`. */
export function mountSource(line: string): string | undefined {
  const from = /msg="Trying to mount \/v2\/.*[?&]from=([^&"]+)/.exec(line)?.[1]
  return from === undefined ? undefined : decodeURIComponent(from)
}
