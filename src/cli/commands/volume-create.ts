import { createVolume } from '../../client/volumes.ts'
import type { Command } from '../command.ts'
import { printLine } from '../terminal.ts'

/** `wharf volume create`. */
export const command: Command = {
  usage: '[OPTIONS] [VOLUME]',
  arguments: { min: 0, max: 1 },
  flags: [
    { name: 'driver', short: 'd', kind: 'string', default: 'local', help: 'Specify volume driver name' },
    { name: 'label', kind: 'list', help: 'Set metadata for a volume' },
    { name: 'name', kind: 'string', help: 'Specify volume name' },
    { name: 'opt', short: 'o', kind: 'list', typeName: 'map', help: 'Set driver specific options' },
  ],
  examples: [
    'wharf volume create data',
    'wharf volume create -o type=tmpfs -o device=tmpfs -o o=size=100m scratch',
    'wharf volume create -o type=nfs -o device=:/export -o o=addr=10.0.0.1,rw shared',
  ],
  async run({ flags, args, terminal, transport }) {
    const [named = ''] = args
    const flag = flags.text('name')
    if (named !== '' && flag !== '')
      throw new Error('conflicting options: cannot specify a volume-name through both --name and as a positional arg')
    const { Name: name } = await createVolume(transport, {
      Name: named || flag,
      Driver: flags.text('driver'),
      ...(flags.given('opt') ? { DriverOpts: flags.map('opt') } : {}),
      ...(flags.given('label') ? { Labels: flags.map('label') } : {}),
    })
    printLine(terminal.stdout, name)
    return 0
  },
}
