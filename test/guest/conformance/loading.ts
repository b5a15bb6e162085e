import { hashWorld } from 'bitscript'
import type { Chapter } from './suite.ts'

export const loading: Chapter = ({ it, expect, guest, load, play, add, source, errorOf }) => {
  const { kind, programs } = guest

  it('recognises the program by its bytes, or opens it as the kind that is named', async () => {
    for (const options of [{}, { guest: kind }]) {
      const { runtime, id } = await load(programs.counter(1), options)
      expect(runtime.script(id)).toMatchObject({ guest: kind, status: 'active', generation: 1 })
    }
  })

  it('checks a program without running it', async () => {
    const { runtime } = await play()
    const description = await runtime.checkModule(await source(programs.trapsIn('init')))
    expect(description.exports.length > 0).toEqual(true)
    expect(runtime.scripts()).toEqual([])
  })

  it('passes the config to init', async () => {
    const config = { größe: [1, 'ü', null], deep: { a: true } }
    const { json } = await load(programs.configured, { config })
    expect(json('config')).toEqual(config)
  })

  it('reads the metadata', async () => {
    const metadata = { name: 'Möwe', version: '1.2.0', abi: 1, description: 'flies', state_version: 3 }
    const { runtime, id } = await load(programs.metadata(JSON.stringify(metadata)))
    expect(runtime.script(id).metadata).toEqual(metadata)
  })

  const REFUSED = {
    'damaged bytes': ['InvalidBinary', programs.damaged],
    'a misspelt import': ['UnknownImport', programs.misspelt, {}, guest.misspelt ?? "did you mean 'Position.x'?"],
    'an import of another type': ['ImportTypeMismatch', programs.mistyped],
    'an import that is not granted': ['GrantDenied', programs.mover, { grant: { read: ['Position'] } }, 'Position'],
    'a missing export that the game requires': ['MissingExport', programs.counter(1), { requires: ['missing'] }],
    'metadata without a version': ['InvalidMetadata', programs.metadata('{"name":"a"}'), {}, 'version must be given'],
    'another version of the ABI': ['AbiMismatch', programs.metadata('{"name":"a","version":"1","abi":2}'), {}, 'ABI 2'],
    'more bytes than limits.moduleBytes': ['TooLarge', programs.counter(1), { limits: { moduleBytes: 60 } }, 'limits.moduleBytes'],
    'more pages than limits.memoryPages': [
      'TooLarge',
      programs.large(9),
      { limits: { memoryPages: 8, jsonBytes: 1000 } },
      'limits.memoryPages',
    ],
    'a start function that traps': ['Trap', programs.trapsIn('start')],
    'a start function that never ends': ['OutOfFuel', programs.spinsIn('start')],
    'an init that traps': ['InitFailed', programs.hostile, {}, 'unreachable'],
  } as const

  for (const [what, [code, program, options = {}, part = '']] of Object.entries(REFUSED)) {
    it(`refuses ${what}, and changes nothing`, async () => {
      const game = await play()
      const { world, components, runtime, errors } = game
      const heard: unknown[] = []
      runtime.on('event', (event) => heard.push(event))
      const before = hashWorld(world, components)
      const error = await errorOf(add(game, program, { name: 'guest', ...options }))
      expect(error).toMatchObject({ code, script: 'guest' })
      expect(error.message).toContain(part)
      expect([hashWorld(world, components), runtime.scripts(), heard, errors]).toEqual([before, [], [], []])
      await add(game, programs.counter(1), { name: 'guest' })
    })
  }

  it('accepts what is granted', async () => {
    const { runtime, id } = await load(programs.mover, { grant: { read: ['Position'], write: ['Position'] } })
    expect(runtime.script(id).status).toEqual('active')
  })

  it('unloads: on_detach is called, the entities remain, and the id and the exports are gone', async () => {
    const { runtime, id, logs } = await load(programs.diary)
    const entity = runtime.spawn({})
    runtime.attach(entity, id)
    runtime.tick(1)
    logs.length = 0
    runtime.unloadModule(id)
    expect(logs.map(({ message }) => message)).toEqual(['detach'])
    expect(runtime.scripts()).toEqual([])
    for (const work of [() => runtime.callJson(id, 'count'), () => runtime.script(id), () => runtime.unloadModule(id)]) {
      expect((await errorOf(work)).code).toEqual('ScriptNotFound')
    }
    expect(runtime.tick(1)).toMatchObject({ entities: 0, faults: 0 })
    runtime.write(entity, { Health: { points: 1 } })
  })

  it('unloads a program that is still loading, and ends with the runtime', async () => {
    const { runtime } = await play()
    const given = await source(programs.counter(1))
    const early = runtime.loadModule(given, { name: 'early' })
    const { id } = runtime.find('early') ?? {}
    if (id !== undefined) runtime.unloadModule(id)
    expect((await errorOf(early)).code).toEqual('ScriptNotFound')
    const late = runtime.loadModule(given)
    runtime.dispose()
    expect((await errorOf(late)).code).toEqual('Disposed')
  })
}
