/**
 * Which folder of src/ may import which. ARCHITECTURE.md shows this same table.
 * A folder may always import itself. A file whose name starts with `_` is private to its folder.
 * `src/main.ts`, the door of the program, may import everything.
 */
export const layers: Readonly<Record<string, readonly string[]>> = {
  base: [],
  wire: [],
  kernel: ['base', 'wire'],
  store: [],
  cluster: ['base', 'store'],
  plugins: ['base'],
  protocol: [],
  resolver: ['base', 'wire', 'kernel'],
  network: ['base', 'wire', 'kernel', 'store', 'cluster', 'plugins', 'resolver'],
  image: ['base', 'wire', 'kernel', 'store'],
  volume: ['base', 'kernel', 'store', 'plugins'],
  container: ['base', 'wire', 'kernel', 'store', 'protocol', 'image', 'volume', 'network'],
  build: ['base', 'kernel', 'image', 'network'],
  engine: ['base', 'kernel', 'store', 'cluster', 'protocol', 'network', 'image', 'volume', 'container', 'build'],
  api: ['base', 'wire', 'cluster', 'protocol', 'network', 'image', 'volume', 'container', 'build', 'engine'],
  daemon: ['base', 'kernel', 'engine', 'api'],
  client: ['base', 'wire', 'protocol'],
  cni: ['base', 'protocol', 'client'],
  cli: ['base', 'protocol', 'client'],
}
