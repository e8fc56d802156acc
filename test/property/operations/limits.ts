import fc from 'fast-check'
import { changed, type Limits, numbered, type RestartPolicy } from '../model.ts'
import { type Operation, reasons } from '../operation.ts'
import { restartPolicy } from './create-container.ts'
import { anyContainer, sometimes } from './names.ts'

const megabyte = 1024 * 1024

const limits: fc.Arbitrary<Limits> = fc.constantFrom<Limits>(
  { Memory: 64 * megabyte, MemorySwap: -1 },
  { Memory: 96 * megabyte, MemorySwap: -1 },
  { PidsLimit: 40 },
  { PidsLimit: 50, CpuShares: 512 },
  { CpuShares: 256 },
  { Memory: megabyte },
  { Memory: 80 * megabyte },
)

/** `docker update`: of what runs at once, of what does not at its next start. */
export const updateContainer: fc.Arbitrary<Operation> = fc
  .tuple(anyContainer, limits, sometimes(2, restartPolicy))
  .map(([name, asked, policy]) => ({
    text: `update ${name} ${JSON.stringify(asked)} ${policy ?? ''}`,
    pairs: true,
    request: { method: 'POST', path: `/containers/${name}/update`, body: bodyOf(asked, policy) },
    predict: (model) => {
      const [number, container] = numbered(model, name) ?? []
      const { Memory = 0, MemorySwap = 0 } = asked
      const swap =
        'Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time'
      return {
        refusals: reasons(
          [container === undefined, 404, `No such container: ${name}`],
          [Memory === megabyte, 400, 'Minimum memory limit allowed is 6MB'],
          [Memory > 0 && MemorySwap === 0, 500, new RegExp(`^Cannot update container [0-9a-f]{64}: ${swap}$`)],
        ),
        status: 200,
        next: changed(model, ({ containers }) => {
          if (number === undefined) return
          const draft = containers[number]!
          draft.limits = { ...draft.limits, ...asked }
          draft.policy = policy ?? draft.policy
        }),
      }
    },
  }))

function bodyOf(limits: Limits, policy: RestartPolicy | undefined): unknown {
  return { ...limits, ...(policy && { RestartPolicy: { Name: policy } }) }
}
