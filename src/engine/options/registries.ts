import { between, registryNames, urls } from './checks.ts'
import { integer, list, text } from './kinds.ts'
import { option } from './option.ts'

/** Where images come from, and where they go. */
export const registries = {
  registryMirrors: option({
    key: 'registry-mirrors',
    flag: 'registry-mirror',
    kind: list,
    fallback: [],
    reloadable: true,
    check: urls,
    doc: 'Mirrors that images of Docker Hub are looked for at first: `https://mirror.example.test`.',
  }),
  insecureRegistries: option({
    key: 'insecure-registries',
    flag: 'insecure-registry',
    kind: list,
    fallback: [],
    reloadable: true,
    check: registryNames,
    doc: 'Registries that may be spoken to without TLS, or without a valid certificate: `host:port`, or a block of addresses.',
  }),
  registryCertificates: option({
    key: 'registry-certificates',
    kind: text,
    fallback: '/etc/docker/certs.d',
    doc: 'Directory that has one for each registry, `host:port`, with its `ca.crt` and `client.cert`, `client.key`. Docker has no such setting.',
  }),
  maxDownloads: option({
    key: 'max-concurrent-downloads',
    kind: integer,
    fallback: 3,
    reloadable: true,
    check: between(1, 1000),
    doc: 'How many pulls fetch layers at the same time. Docker counts layers; each pull fetches up to six.',
  }),
  maxUploads: option({
    key: 'max-concurrent-uploads',
    kind: integer,
    fallback: 5,
    reloadable: true,
    check: between(1, 1000),
    doc: 'How many pushes send layers at the same time. Docker counts layers; each push sends one after the other.',
  }),
} as const
