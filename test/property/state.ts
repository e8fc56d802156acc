import { setTimeout as delay } from 'node:timers/promises'
import { learn, readFacts } from './facts.ts'
import type { Model } from './model.ts'
import { look, wanted } from './witnesses.ts'
import type { World } from './world.ts'

/** The model of a sequence while it runs, and the world that must be like it. */
export class State {
  readonly world: World
  model: Model
  /** What was done, step by step, as it came to be. */
  readonly story: string[] = []
  readonly #patienceMs: number

  constructor(world: World, model: Model, patienceMs: number) {
    this.world = world
    this.model = model
    this.#patienceMs = patienceMs
  }

  /** Begins a step of the story, or says more exactly what the last one is. */
  tell(text: string, isMoreExact = false): void {
    if (isMoreExact) this.story.pop()
    this.story.push(text)
  }

  /**
   * Takes the first of `models` that engine and kernel agree with, as soon as they do: links go and damage heals in
   * their own time.
   *
   * @throws {Error} with what contradicts each, when none of them comes true
   */
  async settle(models: readonly Model[] = [this.model]): Promise<void> {
    const deadline = performance.now() + this.#patienceMs
    for (;;) {
      const complaints = await this.#takeFirst(models)
      if (complaints.length === 0) return
      if (performance.now() > deadline) throw new Error(complaints.join('\n'))
      await delay(25)
    }
  }

  async #takeFirst(models: readonly Model[]): Promise<string[]> {
    const facts = await readFacts(this.world)
    const complaints: string[] = []
    for (const [i, candidate] of models.entries()) {
      const { model, wrong } = learn(candidate, facts)
      const differences = wrong.length > 0 ? wrong : await this.#witness(model)
      if (differences.length === 0) {
        this.model = model
        return []
      }
      complaints.push(...differences.map((line) => (models.length > 1 ? `as ${i}: ${line}` : line)))
    }
    return complaints
  }

  async #witness(model: Model): Promise<string[]> {
    const [has, should] = [await look(this.world, model), wanted(model, this.world)]
    const without = (lines: readonly string[], others: readonly string[]) => {
      const rest = [...others]
      return lines.filter((line) => {
        const at = rest.indexOf(line)
        if (at >= 0) rest.splice(at, 1)
        return at < 0
      })
    }
    return [
      ...without(should, has).map((line) => `missing: ${line}`),
      ...without(has, should).map((line) => `too much: ${line}`),
    ]
  }
}
