import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { addEntity, createRelation, createWorld } from 'bitecs'
import { defineComponents, describeGame, hashWorld, WasmScriptRuntime } from 'bitscript'
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest'
import { createSimulation } from '../../../demo/sim/index.ts'
import { bindingsOf, PRINTERS } from '../../../src/node/bindings/printers.ts'
import { bindingsLibrary } from '../../../src/node/game-files.ts'
import { COMPILERS, compiled, createSourceFolder } from '../../fixtures/compiled.ts'
import type { CompiledLanguage } from '../../fixtures/find-compilers.ts'

const LANGUAGES = inject('compilers')
const DEMO = new URL('../../../demo/languages/', import.meta.url)
const CONFIG = { name: 'Ann "é"', waves: [{ size: 1 }, { a: [1, { b: '}' }], size: 12 }], gun: { speed: 1.5, auto: true } }

/** The import modules of services. */
const MODULES = ['host', 'storage', 'http', 'metrics.gauge', 'metrics.histogram', 'ecs.attach', 'ecs.detach']

/** Moves what it runs on. */
const DRIFT = `(module (import "ecs.get" "Position.x" (func $x (param i32) (result f32))) (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
  (func (export "update") (param $entity i32) (param $dt f32) (call $set_x (local.get $entity) (f32.add (call $x (local.get $entity)) (f32.const 1)))))`

interface Played {
  readonly lines: string[]
  readonly answers: unknown[]
  readonly sounds: number[]
  readonly hash: string
}

function createGame() {
  const world = createWorld()
  const components = defineComponents({
    Position: { x: 'f32', y: 'f32' },
    Velocity: { x: 'f32', y: 'f32' },
    Dead: {},
    Target: { of: 'eid' },
    Count: { n: 'i16' },
  })
  const sounds: number[] = []
  const host = { audio: { play: (_: unknown, sound: number) => void sounds.push(sound) } }
  const relations = { ChildOf: createRelation({ exclusive: true }) }
  return { world, components, sounds, options: { world, components, seed: 3, relations, host } }
}

/** Plays a program of `test/fixtures/languages`, with a reload that carries its state over. */
async function play(module: Uint8Array): Promise<Played> {
  const { world, components, sounds, options } = createGame()
  const runtime = await WasmScriptRuntime.create(options)
  const lines: string[] = []
  runtime.on('log', ({ level, message, tick }) => lines.push(`${tick} ${level} ${message}`))
  const id = await runtime.loadModule(module, { name: 'everything', config: CONFIG })
  for (let index = 0; index < 5; index++) {
    const entity = addEntity(world, components.Position, components.Target, components.Count)
    components.Position.x[entity] = index / 10
    runtime.attach(entity, id)
  }
  for (let tick = 0; tick < 50; tick++) expect(runtime.tick(1 / 60).faults).toBe(0)
  const answers = [runtime.callJson(id, 'process', { n: 21 })]
  // A custom section makes it another module.
  const { state } = await runtime.reloadModule(id, new Uint8Array([...module, 0, 2, 1, 97]))
  for (let tick = 0; tick < 10; tick++) expect(runtime.tick(1 / 60).faults).toBe(0)
  answers.push(state, runtime.callJson(id, 'process', { n: 4 }), runtime.metrics())
  const hash = hashWorld(world, components)
  runtime.dispose()
  return { lines, answers, sounds, hash }
}

describe.skipIf(LANGUAGES.length === 0)('programs with bindings', () => {
  let folder: string

  beforeAll(async () => {
    folder = await createSourceFolder()
    const runtime = await WasmScriptRuntime.create(createGame().options)
    const names = '(import "audio" "play" (func (param i32))) (import "ecs.query" "Position !Dead" (func (result i32)))'
    await runtime.loadModule(`(module ${names} (func (export "tick") (param f32)))`, { name: 'names' })
    await runtime.loadModule(DRIFT, { name: 'drift' })
    for (const language of LANGUAGES) {
      const file = PRINTERS[language].file
      await writeFile(join(folder, file), bindingsOf(describeGame(runtime), language, await bindingsLibrary(language)))
      for (const name of ['everything', 'rest']) {
        const program = `${name}${COMPILERS[language].extension}`
        await writeFile(join(folder, program), await readFile(new URL(`../../fixtures/languages/${program}`, import.meta.url)))
      }
    }
    runtime.dispose()
  })
  afterAll(() => rm(folder, { recursive: true }))

  const modules = new Map<CompiledLanguage, Promise<Uint8Array>>()
  const compile = (language: CompiledLanguage): Promise<Uint8Array> => {
    const known = modules.get(language) ?? compiled(join(folder, `everything${COMPILERS[language].extension}`), language)
    modules.set(language, known)
    return known
  }

  it.each(LANGUAGES)('tick, query, emit, log, read JSON and keep their state over a reload: %s', async (language) => {
    expect(await play(await compile(language))).toEqual({
      lines: [
        '0 info Ann \\"é\\" 12 1.5 auto -2.5 7',
        '0 warn -7% of 3000000000, xff, 0.67, 100000000000000000e4, -5000000000',
        '25 info hit 1 in tick 25 at 1.025',
        '29 info hit 2 in tick 29 at 1.025',
      ],
      answers: [
        { ticks: 50, hits: 5, last: 1.025, doubled: 42, before: -1, after: 5, kept: 'value', quoted: 'a "b" \\ \n' },
        'restored',
        { ticks: 60, hits: 5, last: 1.025, doubled: 8, before: 5, after: 5, kept: 'value', quoted: 'a "b" \\ \n' },
        [{ name: 'hits', kind: 'counter', tags: { by: 'script' }, value: 5, script: 'everything' }],
      ],
      sounds: [24536, 24536, 24536, 24536, 24536],
      // One world, in whatever language.
      hash: '4413cbd92d804d95',
    })
  })

  it.each(LANGUAGES)('do the rest of what a script can: %s', async (language) => {
    const { world, components, options } = createGame()
    const http = { fetch: async (url: string) => new Response(`${url}!`) }
    const runtime = await WasmScriptRuntime.create({ ...options, http })
    const heard: string[] = []
    runtime.on('log', ({ level, message }) => heard.push(`${level} ${message}`))
    runtime.on('error', (error) => heard.push(error.message))
    runtime.on('event', ({ name, args }) => heard.push(`${name} ${args.join(' ')}`))
    const drift = await runtime.loadModule(DRIFT, { name: 'drift' })
    const module = await compiled(join(folder, `rest${COMPILERS[language].extension}`), language)
    const hooks = [{ on: 'change', component: 'Position.x', export: 'moved' }] as const
    const every = [{ ticks: 4, export: 'often' }]
    await expect(runtime.loadModule(module, { name: 'wrong', config: { wrong: true } })).rejects.toThrow(/it is wrong/)
    const change = ['Position', 'Velocity', 'ChildOf'] as const
    const grant = {
      read: change.slice(0, 2),
      write: ['Position'],
      change,
      spawn: true,
      emit: ['said'],
      host: MODULES,
      hosts: ['example.com'],
    }
    const id = await runtime.loadModule(module, { name: 'rest', hooks, every, grant: grant as never })
    const entity = addEntity(world, components.Position, components.Velocity)
    runtime.attach(entity, id)
    const reply = runtime.request('rest', 'hello', [21])
    for (let tick = 0; tick < 4; tick++) runtime.tick(1)
    const job = runtime.job(id, [1, 2, 3, 4, 5], { config: { start: 100 }, chunk: 2 })
    const outputs: unknown[] = []
    const taken = (async () => {
      for await (const output of job) outputs.push(output)
    })()
    for (let tick = 0; tick < 100; tick++) {
      await setImmediate()
      runtime.tick(1)
    }
    await taken
    expect({
      reply: await reply,
      job: [outputs, await job.result],
      metrics: Object.fromEntries(runtime.metrics().map(({ name, value }) => [name, value])),
      position: [components.Position.x[entity], components.Position.y[entity]],
      drifting: runtime.script(drift).stats.entities,
      heard: [...new Set(heard)].sort(),
    }).toEqual({
      reply: { twice: 42, topic: 'hello' },
      job: [[[3], [7], [5]], 115],
      metrics: { load: 3, size: { count: 1, sum: 2, min: 2, max: 2 } },
      position: [2, 1],
      drifting: 1,
      heard: ['debug 1 0 6 1 0', 'said 1', 'said 10', 'said 1222', 'said 19', 'said 4', 'said 5'],
    })
    runtime.dispose()
  })

  it.each(LANGUAGES)('import nothing that they do not call: %s', async (language) => {
    const imports = WebAssembly.Module.imports(new WebAssembly.Module((await compile(language)) as BufferSource))
    expect(imports.length).toBeLessThanOrEqual(30)
    expect(imports.map(({ module, name }) => `${module} ${name}`)).not.toContain('host memory_used')
  })
})

describe.skipIf(!LANGUAGES.includes('c'))('a log in C', () => {
  /** Formats with their values, and the line that printf prints. */
  const LINES: readonly (readonly [format: string, printed: string])[] = [
    [
      '"%llx|%lx|%hhx|%X|%o|%zu|%x", 0xfedcba9876543210ull, 0xabcul, 0x1ff, 0xbeef, 8, sizeof(int), 1',
      'fedcba9876543210|abc|ff|BEEF|10|4|1',
    ],
    ['"%lld|%hd|%hhd|%jd|%ld", -5000000000ll, 65535, 128, (intmax_t)-1, -2l', '-5000000000|-1|-128|-1|-2'],
    ['"%5d|%-5d|%05d|%*d|%-*d|", -42, -42, -42, 4, 7, 4, 7', '  -42|-42  |-0042|   7|7   |'],
    ['"%04x|%8s|%-8s|%.2s|%.*s|%3c|", 255, "gun", "gun", "gun", 1, "gun", 33', '00ff|     gun|gun     |gu|g|  !|'],
    ['"%8.2f|%-7.1f|%06.1f|%5g|%d", 2.125, 0.5, -1.5, 1.0 / 0.0, 9', '    2.13|0.5    |-001.5| null|9'],
  ]

  it('writes what printf does', async () => {
    const folder = await createSourceFolder()
    onTestFinished(() => rm(folder, { recursive: true }))
    await writeFile(join(folder, 'game.h'), await bindingsLibrary('c'))
    const program = `#include "game.h"\nBS_EXPORT("write") void write(void) {\n${LINES.map(([call]) => `  log(${call});\n`).join('')}}\n`
    await writeFile(join(folder, 'formats.c'), program)
    const runtime = await WasmScriptRuntime.create(createGame().options)
    onTestFinished(() => runtime.dispose())
    const lines: string[] = []
    runtime.on('log', ({ message }) => lines.push(message))
    runtime.call(await runtime.loadModule(await compiled(join(folder, 'formats.c'), 'c')), 'write')
    expect(lines).toEqual(LINES.map(([, printed]) => printed))
  })
})

describe.skipIf(LANGUAGES.length === 0)("the demo's hunter", () => {
  it.each(LANGUAGES)('plays the same game in another language: %s', async (language) => {
    const folder = await createSourceFolder()
    const program = `hunter${COMPILERS[language].extension}`
    for (const name of [program, PRINTERS[language].file]) await writeFile(join(folder, name), await readFile(new URL(name, DEMO)))
    const hunter = await compiled(join(folder, program), language)
    const game = await createSimulation({ seed: 7, scripts: { hunter } })
    game.runtime.on('log', () => undefined)
    await game.load()
    for (let tick = 0; tick < 600; tick++) game.step(1 / 60)
    expect(hashWorld(game.world, game.components)).toBe('47e4ced5a3b21675')
    game.runtime.dispose()
    await rm(folder, { recursive: true })
  })
})
