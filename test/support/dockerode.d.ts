/** The part of dockerode that our tests and benches use. It comes without types of its own. */
declare module 'dockerode' {
  import type { Duplex, Readable } from 'node:stream'

  type Json = any

  interface Exec {
    readonly id: string
    start(options: object): Promise<Duplex>
    inspect(): Promise<Json>
    resize(size: { h: number; w: number }): Promise<void>
  }

  interface Container {
    readonly id: string
    start(): Promise<void>
    stop(options?: object): Promise<void>
    restart(options?: object): Promise<void>
    kill(options?: object): Promise<void>
    pause(): Promise<void>
    unpause(): Promise<void>
    rename(options: { name: string }): Promise<void>
    update(options: object): Promise<Json>
    remove(options?: object): Promise<void>
    wait(options?: object): Promise<{ StatusCode: number }>
    inspect(): Promise<Json>
    top(options?: object): Promise<Json>
    logs(options: { readonly follow: true; readonly stdout: boolean; readonly stderr: boolean }): Promise<Readable>
    logs(options: object): Promise<Buffer>
    stats(options?: object): Promise<Json>
    attach(options: object): Promise<Duplex>
    resize(size: { h: number; w: number }): Promise<void>
    exec(options: object): Promise<Exec>
    putArchive(file: string | Readable, options: object): Promise<unknown>
    getArchive(options: object): Promise<Readable>
    infoArchive(options: object): Promise<Json>
    changes(): Promise<Json>
    export(): Promise<Readable>
    commit(options: object): Promise<Json>
  }

  interface Network {
    readonly id: string
    inspect(): Promise<Json>
    remove(): Promise<void>
    connect(options: object): Promise<void>
    disconnect(options: object): Promise<void>
  }

  interface Image {
    inspect(): Promise<Json>
    remove(options?: object): Promise<Json>
    tag(options: object): Promise<void>
    history(): Promise<Json[]>
    get(): Promise<Readable>
  }

  interface Volume {
    readonly name: string
    inspect(): Promise<Json>
    remove(options?: object): Promise<void>
  }

  class Docker {
    buildImage(file: object, options: object): Promise<Readable>
    constructor(options: { socketPath: string; version?: string })
    readonly modem: {
      followProgress(stream: Readable, done: (error: unknown, lines: Json[]) => void): void
      demuxStream(stream: Readable, stdout: NodeJS.WritableStream, stderr: NodeJS.WritableStream): void
    }
    ping(): Promise<string>
    version(): Promise<Json>
    info(): Promise<Json>
    df(): Promise<Json>
    getVolume(name: string): Volume
    createVolume(options?: object): Promise<Json>
    listVolumes(options?: object): Promise<Json>
    pruneVolumes(options?: object): Promise<Json>
    listContainers(options?: object): Promise<Json[]>
    listNetworks(options?: object): Promise<Json[]>
    listImages(options?: object): Promise<Json[]>
    createContainer(options: object): Promise<Container>
    createNetwork(options: object): Promise<Network>
    getContainer(ref: string): Container
    getNetwork(ref: string): Network
    getImage(ref: string): Image
    getEvents(options?: object): Promise<Readable>
    pruneNetworks(options?: object): Promise<Json>
  }

  // biome-ignore lint/style/noDefaultExport: this is how dockerode exports it
  export { Docker as default }
}
