import { hashWorld, Recorder, Recording, Replay, ScriptError } from 'bitscript'
import fc from 'fast-check'
import { expect } from 'vitest'
import { forgeRecording, forgeSnapshot } from '../../fixtures/forge.ts'
import { createForgedScene } from '../../fixtures/forged-scene.ts'
import { forgeContent, forgeries } from '../../fixtures/forgeries.ts'
import { plugin } from '../../fixtures/plugin.ts'

/** A plugin in a worker, whose answers are in the recording. */
const SERVICE = plugin(`(func (export "keep") (result i32)
    (call $var_set (call $block (i32.const 0) (i32.const 1)) (call $input_offset)) (call $output (i32.const 0) (i32.const 1)) (i32.const 0))
  (func (export "fail") (result i32) (i32.const 7))
  (func (export "trap") (result i32) unreachable)
  (data (i32.const 0) "v")`)

/** A recording of everything that a host does between ticks. */
async function record(): Promise<Uint8Array> {
  const { runtime } = await createForgedScene()
  const counter = runtime.find('counter')?.id as never
  const recorder = new Recorder(runtime, { about: 'forgery' }, { callers: new URL('../', import.meta.url) })
  runtime.tick(1 / 64)
  const entity = runtime.spawn({ Position: { x: 3 } })
  runtime.attach(entity, counter)
  runtime.write(entity, { Position: { x: 4 }, Health: { points: 1 } })
  runtime.emit('hit', 2)
  runtime.call(counter, 'count')
  runtime.callJson(counter, 'count')
  runtime.tick(1 / 64)
  runtime.restore(runtime.snapshot())
  await runtime.reloadModule(counter, '(module (func (export "tick") (param f32)))')
  await runtime.loadModule('(module (func (export "tick") (param f32)))', { name: 'late', config: { a: [1] } })
  runtime.tick(1 / 64)
  runtime.detach(entity, counter)
  runtime.despawn(entity)
  const service = await runtime.loadModule(SERVICE, { name: 'service', worker: true })
  for (const name of ['keep', 'fail', 'trap']) void runtime.callBytes(service, name, Uint8Array.of(1, 2))
  await runtime.settle()
  runtime.tick(1 / 64)
  const bytes = recorder.stop().toBytes()
  runtime.dispose()
  return bytes
}

/**
 * Replays forged recordings, each with a right checksum. One that is refused must be refused by an error of bitscript, and change
 * nothing; before it is begun, that is `LoadFailed`. One that is accepted is played without another error.
 */
export async function fuzzRecordings(numRuns: number, seed?: number): Promise<void> {
  const whole = await record()
  const start = performance.now()
  let accepted = 0
  let game = await createForgedScene()
  await fc.assert(
    fc.asyncProperty(forgeries, fc.boolean(), fc.constantFrom('loaded', 'recorded'), async (changes, inStart, scripts) => {
      const forged = forgeRecording(whole, (content) => {
        if (inStart) content.start = forgeSnapshot(content.start, (inner) => void forgeContent(inner, changes))
        else forgeContent(content, changes)
      })
      let recording: Recording
      try {
        recording = Recording.fromBytes(forged)
      } catch (error) {
        expect((error as ScriptError).code, (error as Error).stack).toBe('LoadFailed')
        return
      }
      const { world, components, runtime, errors } = game
      const state = (): string =>
        `${hashWorld(world, components)} ${runtime.scripts().map(({ name, status, generation }) => [name, status, generation])}`
      const before = state()
      let replay: Replay
      try {
        replay = await Replay.begin(runtime, recording, { scripts, load: true })
      } catch (error) {
        expect(error, (error as Error).stack).toBeInstanceOf(ScriptError)
        expect(state()).toBe(before)
        return
      }
      accepted++
      while (!replay.isOver && replay.ticks < 20) await replay.step()
      replay.report()
      expect(errors.filter(({ code }) => code === 'HostError')).toEqual([])
      expect(Reflect.ownKeys({})).toEqual([])
      game = await createForgedScene()
    }),
    { numRuns, ...(seed !== undefined && { seed }) },
  )
  const total = performance.now() - start
  console.info(`${numRuns} forged recordings in ${Math.round(total)} ms: ${accepted} played, ${numRuns - accepted} refused`)
}
