import { addEntity, entityExists, observe, onAdd, onRemove } from 'bitecs'
import { type ScriptError, type ScriptId, Snapshot } from 'bitscript'
import fc from 'fast-check'
import { expect } from 'vitest'
import { forgeSnapshot } from '../../fixtures/forge.ts'
import { createForgedScene } from '../../fixtures/forged-scene.ts'
import { forgeContent, forgeries } from '../../fixtures/forgeries.ts'

/**
 * Restores forged snapshots, each with a right checksum. One that is refused must be `StateRejected` or `LoadFailed`, and change nothing. One
 * that is accepted must be a game: it goes on, is saved, and the save is restored.
 */
export async function fuzzSnapshots(numRuns: number, seed?: number): Promise<void> {
  const { world, components, runtime, errors } = await createForgedScene()
  for (const query of [components.Position, components.Health, components.Plain]) {
    observe(world, onAdd(query as object), () => undefined)
    observe(world, onRemove(query as object), () => undefined)
  }
  const whole = runtime.snapshot().toBytes()
  const ownKeys = Reflect.ownKeys(Object.prototype).length
  const start = performance.now()
  let before = whole
  let isChanged = false
  let accepted = 0
  let slowest = 0
  const id = (): ScriptId => runtime.find('counter')?.id as ScriptId
  const goOn = (): void => {
    accepted++
    runtime.tick(1 / 64)
    const entity = runtime.spawn({ Position: { x: 1 } })
    runtime.attach(entity, id())
    addEntity(world, components.Position as object)
    runtime.emit('hit', 1)
    runtime.tick(1 / 64)
    if (entityExists(world, entity)) runtime.despawn(entity)
    runtime.tick(1 / 64)
    runtime.restore(Snapshot.fromBytes(runtime.snapshot().toBytes()))
    runtime.tick(1 / 64)
  }
  const restored = (bytes: Uint8Array): ScriptError | undefined => {
    const from = performance.now()
    try {
      runtime.restore(Snapshot.fromBytes(bytes))
      return undefined
    } catch (error) {
      return error as ScriptError
    } finally {
      slowest = Math.max(slowest, performance.now() - from)
    }
  }
  fc.assert(
    fc.property(forgeries, (changes) => {
      // A file that was refused has changed nothing.
      if (isChanged) {
        expect(restored(whole)).toBeUndefined()
        before = runtime.snapshot().toBytes()
        isChanged = false
      }
      const error = restored(forgeSnapshot(whole, (content) => void forgeContent(content, changes)))
      expect(Reflect.ownKeys(Object.prototype).length).toBe(ownKeys)
      if (error === undefined) {
        isChanged = true
        goOn()
      } else {
        expect(['StateRejected', 'LoadFailed'], error.stack).toContain(error.code)
        expect(Buffer.compare(runtime.snapshot().toBytes(), before)).toBe(0)
      }
      expect(errors.splice(0).filter(({ code }) => code === 'HostError')).toEqual([])
    }),
    { numRuns, ...(seed !== undefined && { seed }) },
  )
  const total = performance.now() - start
  console.info(
    `${numRuns} forged snapshots in ${Math.round(total)} ms: ${accepted} accepted, ${numRuns - accepted} refused, the slowest restore ${Math.round(slowest)} ms`,
  )
}
