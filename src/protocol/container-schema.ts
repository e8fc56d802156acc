import { limitFields } from './limits.ts'
import { anything, fields, flag, integer, list, map, type Schema, text, words } from './schema.ts'

/** `HostConfig.PortBindings`. */
export const portBindingsSchema: Schema = map(list(fields({ HostIp: text, HostPort: text })))

const mount = fields({
  Type: text,
  Source: text,
  Target: text,
  ReadOnly: flag,
  Consistency: text,
  BindOptions: fields({
    Propagation: text,
    CreateMountpoint: flag,
    NonRecursive: flag,
    ReadOnlyNonRecursive: flag,
    ReadOnlyForceRecursive: flag,
  }),
  VolumeOptions: fields({
    NoCopy: flag,
    Labels: map(text),
    Subpath: text,
    DriverConfig: fields({ Name: text, Options: map(text) }),
  }),
  TmpfsOptions: fields({ SizeBytes: integer, Mode: integer, Options: list(list(text)) }),
})

/** @source Docker Engine API v1.51, HostConfig */
export const hostConfigSchema: Schema = fields({
  Binds: list(text),
  Mounts: list(mount),
  VolumesFrom: list(text),
  VolumeDriver: text,
  NetworkMode: text,
  PortBindings: portBindingsSchema,
  PublishAllPorts: flag,
  RestartPolicy: fields({ Name: text, MaximumRetryCount: integer }),
  AutoRemove: flag,
  ConsoleSize: { type: ['array', 'null'], items: { type: ['integer'] }, minItems: 2, maxItems: 2 },
  CapAdd: words,
  CapDrop: words,
  Dns: list(text),
  DnsOptions: list(text),
  DnsSearch: list(text),
  ExtraHosts: list(text),
  GroupAdd: list(text),
  IpcMode: text,
  PidMode: text,
  UTSMode: text,
  CgroupnsMode: text,
  CgroupParent: text,
  UsernsMode: text,
  Isolation: text,
  Annotations: map(text),
  StorageOpt: map(text),
  ContainerIDFile: text,
  Links: list(text),
  OomScoreAdj: integer,
  Privileged: flag,
  ReadonlyRootfs: flag,
  SecurityOpt: list(text),
  Tmpfs: map(text),
  ShmSize: integer,
  Sysctls: map(text),
  Runtime: text,
  Init: flag,
  Devices: list(fields({ PathOnHost: text, PathInContainer: text, CgroupPermissions: text })),
  DeviceCgroupRules: list(text),
  DeviceRequests: list(
    fields({ Driver: text, Count: integer, DeviceIDs: list(text), Capabilities: list(list(text)), Options: map(text) }),
  ),
  Ulimits: list(fields({ Name: text, Soft: integer, Hard: integer })),
  MaskedPaths: list(text),
  ReadonlyPaths: list(text),
  LogConfig: fields({ Type: text, Config: map(text) }),
  ...limitFields,
})

/** @source Docker Engine API v1.51, EndpointSettings */
export const endpointSettingsSchema: Schema = fields({
  IPAMConfig: fields({ IPv4Address: text, IPv6Address: text, LinkLocalIPs: list(text) }),
  Links: list(text),
  Aliases: list(text),
  MacAddress: text,
  DriverOpts: map(text),
  GwPriority: integer,
})

/** The body of `POST /containers/create`. @source Docker Engine API v1.51, ContainerCreate */
export const containerCreateSchema: Schema = fields({
  Hostname: text,
  Domainname: text,
  User: text,
  AttachStdin: flag,
  AttachStdout: flag,
  AttachStderr: flag,
  ExposedPorts: map(anything),
  Tty: flag,
  OpenStdin: flag,
  StdinOnce: flag,
  Env: list(text),
  Cmd: words,
  Entrypoint: words,
  Image: text,
  Volumes: map(anything),
  WorkingDir: text,
  NetworkDisabled: flag,
  MacAddress: text,
  Labels: map(text),
  StopSignal: text,
  StopTimeout: integer,
  Healthcheck: fields({
    Test: list(text),
    Interval: integer,
    Timeout: integer,
    StartPeriod: integer,
    StartInterval: integer,
    Retries: integer,
  }),
  Shell: list(text),
  HostConfig: hostConfigSchema,
  NetworkingConfig: fields({ EndpointsConfig: map(endpointSettingsSchema) }),
})
