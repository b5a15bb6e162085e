import type { GuestInstance, Program } from '../../guest/guest.ts'
import type { Generation } from '../../runtime/script/generation.ts'
import { countPages } from '../../runtime/script/pages.ts'
import { install, type Script } from '../../runtime/script/script.ts'
import type { Store } from '../../runtime/script/store.ts'

/**
 * Makes the scripts run other programs of the same modules, with the state of their instances. A generation stays the same object, so that
 * a rollback within finds it. Returns what undoes it: the scripts then have the state that the other programs left. `spares` has the instances that
 * were made before, by those that they replaced: to use one again takes a fraction of what it takes to make one.
 */
export function swapPrograms(
  store: Store,
  programs: ReadonlyMap<Generation, Program>,
  spares: WeakMap<GuestInstance, GuestInstance>,
): () => void {
  const before = new Map<Generation, Program>()
  /** The instances that were replaced, by those that replaced them. */
  const replaced = new Map<GuestInstance, GuestInstance>()
  const swap = (script: Script, make: (generation: Generation, old: GuestInstance) => GuestInstance): void => {
    const { running } = script
    if (running === undefined) return
    const { generation, entityInstances } = running
    const instance = make(generation, running.instance)
    for (const [entity, old] of [...entityInstances]) entityInstances.set(entity, make(generation, old))
    install(script, { ...running, instance })
    countPages({ ...running, instance })
  }
  for (const script of store.scripts) {
    const generation = script.running?.generation
    const program = generation && programs.get(generation)
    if (generation === undefined || program === undefined) continue
    before.set(generation, generation.program)
    setProgram(generation, program)
    const shared = script.running?.instance
    swap(script, (_, old) => {
      const image = old.state.save()
      const spare = spares.get(old)
      const isUsable = spare !== undefined && store.renewal?.isTrapped(spare) !== true && spare.state.canHold(image)
      const made = isUsable ? spare : program.instantiate()
      made.state.restore(image)
      replaced.set(made, old)
      // Those of entities may be many, and each would be kept twice.
      if (old === shared) spares.set(old, made)
      return made
    })
  }
  const originals = new Set(replaced.values())
  return () => {
    for (const [generation, program] of before) setProgram(generation, program)
    for (const script of store.scripts) {
      swap(script, (generation, instance) => {
        // A rollback puts an original back.
        if (!before.has(generation) || originals.has(instance)) return instance
        const image = instance.state.save()
        const original = replaced.get(instance)
        const target = original?.state.canHold(image) === true ? original : generation.program.instantiate()
        target.state.restore(image)
        return target
      })
    }
  }
}

/** Replaces the program of a generation, which is the same code. */
function setProgram(generation: { program: Program }, program: Program): void {
  generation.program = program
}
