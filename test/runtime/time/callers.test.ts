import { readFileSync } from 'node:fs'
import { type HostCaller, Recorder, Recording, Replay } from 'bitscript'
import { Past } from 'bitscript/debug'
import { describe, expect, it } from 'vitest'
import { CallerTable, callerOfInput } from '../../../src/runtime/time/recorded-callers.ts'
import { asVersion1 } from '../../fixtures/forge.ts'
import { codeOf, createGame, type Game } from '../../fixtures/game.ts'

const HERE = new URL('./', import.meta.url)
const lineOf = (text: string): number =>
  readFileSync(new URL('callers.test.ts', HERE), 'utf8')
    .split('\n')
    .findIndex((line) => line.includes(text)) + 1

/** Writes a field at a line of its own, once for each value. */
function wound({ runtime }: Game, entity: number, ...values: readonly number[]): void {
  for (const points of values) runtime.write(entity, { Health: { points } })
}

/** Records a game that writes a field in two functions and between ticks. */
async function record(callers: URL | null = HERE): Promise<{ readonly game: Game; readonly entity: number; readonly recorder: Recorder }> {
  const game = await createGame()
  const { runtime } = game
  const recorder = new Recorder(runtime, {}, callers === null ? {} : { callers })
  const entity = runtime.spawn({ Health: { points: 9 } })
  runtime.tick(1)
  runtime.tick(1)
  wound(game, entity, 8, 7)
  runtime.tick(1)
  return { game, entity, recorder }
}

const places = ({ content }: Recording): readonly (string | undefined)[] =>
  content.inputs.map(({ kind }, input) => {
    const caller = callerOfInput(content, input)
    return caller && `${kind} in ${caller.function} of ${caller.file}`
  })

describe('the callers of a recording', () => {
  it('are the lines of the game that called the runtime, each once, in files named from a folder', async () => {
    const { recorder } = await record()
    const recording = Recording.fromBytes(recorder.stop().toBytes())
    const written = 'write in wound of callers.test.ts'
    expect(places(recording)).toEqual(['spawn in record of callers.test.ts', undefined, written, written, undefined])
    expect(recording.content.callers?.places).toEqual([
      { function: 'record', file: 'callers.test.ts', line: lineOf('runtime.spawn({'), column: expect.any(Number) },
      { function: 'wound', file: 'callers.test.ts', line: lineOf('runtime.write(entity'), column: expect.any(Number) },
    ])
  })

  it('change nothing of a replay, nor of a file of version 1', async () => {
    const { recorder, game } = await record()
    const recording = Recording.fromBytes(asVersion1(recorder.stop().toBytes()))
    const replay = await Replay.begin(game.runtime, recording)
    expect(await replay.run()).toEqual({ ticks: 3, hash: recording.hash, matches: true })
    replay.end()
  })

  it('are told by the past of a replay, and recorded again', async () => {
    const { recorder, game, entity } = await record()
    const { runtime } = game
    const recording = Recording.fromBytes(recorder.stop().toBytes())
    const past = new Past(runtime)
    const replay = await Replay.begin(runtime, recording)
    const again = new Recorder(runtime, {}, { callers: HERE })
    await replay.run()
    replay.end()
    expect(again.stop().content.callers).toEqual(recording.content.callers)
    const writers = await past.writers('Health.points', entity)
    expect(writers.slice(0, 2).map(({ tick, input, caller }) => [tick, input, caller?.function])).toEqual([
      [3, 'write', 'wound'],
      [3, 'write', 'wound'],
    ])
    expect(past.inputs(3)).toMatchObject([
      { input: { kind: 'write' }, caller: { function: 'wound' } },
      { input: { kind: 'write' }, caller: { function: 'wound' } },
    ])
    wound(game, entity, 1)
    expect((await past.writers('Health.points', entity, { count: 1 }))[0]?.caller?.line).toBe(lineOf('runtime.write(entity'))
    past.dispose()
    expect(await codeOf(() => past.inputs(3))).toBe('Disposed')
  })

  it('are kept for the first 32 calls after each tick', async () => {
    const { recorder, game, entity } = await record()
    wound(game, entity, ...Array(40).keys())
    game.runtime.tick(1)
    wound(game, entity, 1)
    const { content } = recorder.stop()
    expect(content.callers?.ofInputs.filter((place) => place > 0).length).toBe(3 + 32 + 1)
  })

  it('are not kept unless that is asked for', async () => {
    const { recorder, game } = await record(null)
    expect(recorder.stop().content).not.toHaveProperty('callers')
    expect(await codeOf(() => new Recorder(game.runtime, {}, { callers: '/home' as never }))).toBe('InvalidOptions')
  })
})

describe('the files of callers', () => {
  const at = (file: string): HostCaller => ({ file, line: 1, column: 1 })
  const nameOf = (root: string, file: string): string | undefined => {
    const table = new CallerTable(new URL(root))
    table.add(at(file))
    return table.content()?.places[0]?.file
  }

  it.each([
    ['file:///home/ann/game', 'file:///home/ann/game/src/main%20loop.ts', 'src/main loop.ts'],
    ['file:///home/ann/game/', '/home/ann/game/src/main.ts', 'src/main.ts'],
    ['file:///C:/game', 'C:\\game\\src\\main.ts', 'src/main.ts'],
    ['file:///home/ann/game', 'file:///home/ann/gamepad/index.js', 'index.js'],
    ['file:///home/ann/game', 'file:///home/ann/node_modules/pad/src/index.js', 'node_modules/pad/src/index.js'],
    ['http://localhost:5173/', 'http://localhost:5173/src/main.ts?t=17', 'src/main.ts'],
    ['http://localhost:5173/', 'http://localhost:5173/@fs/home/ann/shared/pad.ts', 'pad.ts'],
    ['http://localhost:5173/', 'https://cdn.example.com/v1/pad.js', 'pad.js'],
    ['http://localhost:5173/', 'src/main.ts', 'src/main.ts'],
    ['http://localhost:5173/', 'blob:http://localhost:5173/0a1b', undefined],
    ['file:///home/ann/game', 'node:events', undefined],
    ['file:///home/ann/game', 'file:///home/ann/game/\u202e.ts', undefined],
  ])('from %s, %s is %s', (root, file, name) => expect(nameOf(root, file)).toBe(name))

  it('are of at most 1,000 places', () => {
    const table = new CallerTable(HERE)
    for (let line = 1; line <= 1001; line++) table.add({ ...at('main.ts'), line })
    table.add({ ...at('main.ts'), line: 3 })
    const { places, ofInputs } = table.content() ?? {}
    expect([places?.length, ofInputs?.at(-2), ofInputs?.at(-1)]).toEqual([1000, 0, 3])
  })
})
