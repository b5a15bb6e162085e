import { createWorld } from 'bitecs'
import {
  type ComponentChanges,
  type ComponentSet,
  type ComponentValues,
  defineComponents,
  type GameEvent,
  type GameInput,
  type GuestKind,
  History,
  type HostContext,
  type HostFunction,
  type HostValue,
  type Job,
  type LoadOptions,
  type LogLine,
  Recorder,
  type Recording,
  type ReloadReport,
  Replay,
  type RuntimeEventName,
  type RuntimeOptions,
  type ScriptError,
  type ScriptId,
  type ScriptInfo,
  type TickReport,
  WasmScriptRuntime,
} from 'bitscript'
import type { mountInspector } from 'bitscript/devtools'
import type { watchScripts } from 'bitscript/node'
import { describe, expectTypeOf, it } from 'vitest'

/** A test that the compiler passes or fails: it does not run. */
const compiles = (_: () => unknown) => (): void => undefined

const world = createWorld()
const components = defineComponents({ Position: { x: 'f32', y: 'f32' }, Target: { entity: 'eid' }, Dead: {} }, { capacity: 10, reserve: 0 })
const mixed = { ...components, Health: { points: [] as number[], most: new Uint8Array(10) }, Sprite: { mesh: [] as object[] } }

declare const runtime: WasmScriptRuntime<typeof components>
declare const beside: WasmScriptRuntime<typeof mixed>
declare const unknownComponents: WasmScriptRuntime
declare const id: ScriptId
declare const entity: number
const WAT = '(module)'

describe('WasmScriptRuntime.create', () => {
  it(
    'infers the components',
    compiles(() => {
      const create = () => WasmScriptRuntime.create({ world, components })
      expectTypeOf(create).returns.resolves.toEqualTypeOf<WasmScriptRuntime<typeof components>>()
      expectTypeOf(runtime.components).toEqualTypeOf<typeof components>()
      expectTypeOf(beside.components.Health.points).toEqualTypeOf<number[]>()
    }),
  )

  it(
    'keeps plain bitECS components beside defined ones',
    compiles(async () => {
      const created = await WasmScriptRuntime.create({ world, components: { ...components, Health: { points: [] as number[] } } })
      expectTypeOf(created.components.Health.points).toEqualTypeOf<number[]>()
      expectTypeOf(created.components.Position.x).toEqualTypeOf<Float32Array<ArrayBuffer>>()
    }),
  )

  it(
    'knows no components where it is given none, or a set of any',
    compiles(async () => {
      const none = await WasmScriptRuntime.create({ world })
      expectTypeOf(none).toEqualTypeOf<WasmScriptRuntime<ComponentSet>>()
      const some: Record<string, object> = components
      const any = await WasmScriptRuntime.create({ world, components: some })
      for (const one of [none, any]) {
        one.spawn({ Anything: { x: 1 }, Tag: {} })
        one.write(entity, { Anything: { x: 1 }, Tag: null })
        one.loadModule(WAT, { grant: { read: ['Anything'] } })
      }
    }),
  )

  it(
    'has no option engine',
    compiles(() => {
      // @ts-expect-error
      WasmScriptRuntime.create({ world, components, engine: 'wasm' })
      expectTypeOf<RuntimeOptions>().not.toHaveProperty('engine')
      // @ts-expect-error a world is needed
      WasmScriptRuntime.create({ components })
    }),
  )
})

describe('spawn and write', () => {
  it(
    'take the names and fields of the components',
    compiles(() => {
      runtime.spawn()
      runtime.spawn({ Position: { x: 1 }, Target: { entity }, Dead: {} })
      runtime.write(entity, { Position: { x: 1, y: 2 }, Dead: {} })
      beside.spawn({ Health: { points: 1, most: 2 }, Position: {} })
      expectTypeOf(runtime.spawn).returns.toEqualTypeOf<number>()
    }),
  )

  it(
    'take no other name',
    compiles(() => {
      // @ts-expect-error
      runtime.spawn({ Positoin: {} })
      // @ts-expect-error
      runtime.write(entity, { Positoin: { x: 1 } })
      // @ts-expect-error
      runtime.write(entity, { Positoin: null })
    }),
  )

  it(
    'take no other field, and none of a tag',
    compiles(() => {
      // @ts-expect-error
      runtime.spawn({ Position: { z: 1 } })
      // @ts-expect-error
      runtime.write(entity, { Position: { z: 1 } })
      // @ts-expect-error
      runtime.spawn({ Dead: { x: 1 } })
      // @ts-expect-error
      runtime.write(entity, { Dead: { x: 1 } })
      // @ts-expect-error
      beside.write(entity, { Health: { pionts: 1 } })
    }),
  )

  it(
    'take numbers alone',
    compiles(() => {
      // @ts-expect-error
      runtime.write(entity, { Position: { x: '1' } })
      // @ts-expect-error
      runtime.write(entity, { Position: { x: 1n } })
      // @ts-expect-error
      runtime.write(entity, { Position: { x: undefined } })
      // @ts-expect-error a field that holds no numbers is out of reach
      beside.write(entity, { Sprite: { mesh: 1 } })
      // @ts-expect-error
      runtime.write(entity, { Position: 1 })
    }),
  )

  it(
    'remove by null in write alone',
    compiles(() => {
      runtime.write(entity, { Position: null, Dead: null })
      // @ts-expect-error
      runtime.spawn({ Position: null })
      // @ts-expect-error
      unknownComponents.spawn({ Position: null })
    }),
  )

  it(
    'take values that a function was given',
    compiles(() => {
      const spawn = (values: ComponentValues<typeof components>) => runtime.spawn(values)
      const write = (changes: ComponentChanges<typeof components>) => runtime.write(entity, changes)
      const values: ComponentValues<typeof components> = { Position: { x: 1 } }
      return [spawn(values), write(values), write({ Position: null })]
    }),
  )
})

describe('loadModule and checkModule', () => {
  it(
    'grant components by their names',
    compiles(() => {
      const grant = { read: ['Position', 'Dead'], write: ['Target'], change: ['Dead'], spawn: true, emit: ['hit'], host: ['math'] } as const
      runtime.loadModule(WAT, { grant })
      runtime.checkModule(WAT, { grant })
      for (const load of [runtime.loadModule, runtime.checkModule]) {
        load(WAT, { grant: { read: ['Position'], change: [] } })
        // @ts-expect-error
        load(WAT, { grant: { read: ['Positoin'] } })
        // @ts-expect-error
        load(WAT, { grant: { write: ['Positoin'] } })
        // @ts-expect-error
        load(WAT, { grant: { change: ['Positoin'] } })
        // @ts-expect-error a field is no component
        load(WAT, { grant: { read: ['Position.x'] } })
      }
    }),
  )

  it(
    'take the kinds of guest, and no other option',
    compiles(() => {
      expectTypeOf<LoadOptions['guest']>().toEqualTypeOf<'script' | 'extism' | 'component' | undefined>()
      expectTypeOf<GuestKind>().toEqualTypeOf<'script' | 'extism' | 'component'>()
      expectTypeOf<LoadOptions>().not.toHaveProperty('engine')
      runtime.loadModule(WAT, { guest: 'extism' })
      // @ts-expect-error
      runtime.loadModule(WAT, { guest: 'quickjs' })
      // @ts-expect-error
      runtime.loadModule(WAT, { engine: 'wasm' })
      // @ts-expect-error
      runtime.reloadModule(id, WAT, { name: 'other' })
      // @ts-expect-error
      runtime.loadModule(7)
    }),
  )
})

describe('ScriptId', () => {
  it(
    'is a number of a type of its own',
    compiles(() => {
      expectTypeOf(id).toExtend<number>()
      expectTypeOf<number>().not.toExtend<ScriptId>()
      expectTypeOf(runtime.loadModule).returns.resolves.toEqualTypeOf<ScriptId>()
      expectTypeOf(runtime.script(id).id).toEqualTypeOf<ScriptId>()
      runtime.attach(entity, id)
      // @ts-expect-error the arguments are swapped
      runtime.attach(id, entity)
      // @ts-expect-error the arguments are swapped
      runtime.detach(id, entity)
      // @ts-expect-error
      runtime.call(1, 'count')
      // @ts-expect-error
      runtime.unloadModule(entity)
    }),
  )
})

describe('call, callJson and callBytes', () => {
  it(
    'return what can be known',
    compiles(() => {
      expectTypeOf(runtime.call(id, 'count', 1, 2n)).toEqualTypeOf<unknown>()
      expectTypeOf(runtime.callJson(id, 'find')).toEqualTypeOf<unknown>()
      expectTypeOf(runtime.job(id, [new Uint8Array()])).toEqualTypeOf<Job<Uint8Array>>()
      expectTypeOf(runtime.job(id, new ReadableStream<Uint8Array<ArrayBuffer>>())).toEqualTypeOf<Job<Uint8Array>>()
      expectTypeOf(runtime.job(id, new Set([{ x: 1 }]), { chunk: 5 })).toEqualTypeOf<Job<unknown>>()
      expectTypeOf(runtime.job(id, runtime.job(id, [new Uint8Array()])).result).toEqualTypeOf<Promise<Uint8Array | undefined>>()
      // @ts-expect-error
      runtime.job(id, 5)
      expectTypeOf(runtime.callJson<{ x: number }>(id, 'find', { from: 1 })).toEqualTypeOf<{ x: number }>()
      expectTypeOf(runtime.callBytes(id, 'pack', new Uint8Array())).toEqualTypeOf<Uint8Array | undefined>()
      expectTypeOf(runtime.readState(id)).toEqualTypeOf<unknown>()
      // @ts-expect-error
      runtime.call(id, 'count', '1')
      // @ts-expect-error
      runtime.callBytes(id, 'pack', 'bytes')
      // @ts-expect-error
      runtime.emit('hit', '1')
    }),
  )
})

describe('host functions', () => {
  it(
    'take the context and values',
    compiles(() => {
      interface Range {
        readonly most: number
      }
      const host = (call: HostFunction<HostContext>) => WasmScriptRuntime.create({ world, host: { test: { call } } })
      host(() => undefined)
      host((context) => context.bytes.length)
      host((_, one: number, two: bigint) => one + Number(two))
      host((_, ...numbers: (number | bigint)[]) => numbers.length > 0)
      host(() => [1, 2n, true])
      // Values of components.
      host((_, name: string, { most }: Range, list: Uint8Array) => name.length + most + list.length)
      host((): Range => ({ most: 1 }))
      host(() => 'text')
      // @ts-expect-error a script cannot wait
      host(async () => 1)
    }),
  )

  it(
    'are given arguments that are not any',
    compiles(() =>
      WasmScriptRuntime.create({
        world,
        host: {
          test: {
            call(context, first) {
              expectTypeOf(context).toEqualTypeOf<HostContext>()
              expectTypeOf(first).toEqualTypeOf<HostValue>()
            },
            number: (_, entity: number) => entity,
            big: (_, value: bigint) => value,
            text: (_, name: string) => name.length,
            // @ts-expect-error nothing is passed as a symbol
            symbol: (_, key: symbol) => key.toString(),
          },
        },
      }),
    ),
  )

  it(
    'know the script that calls, and its memory',
    compiles(() => {
      expectTypeOf<HostContext['script']>().toEqualTypeOf<ScriptInfo>()
      expectTypeOf<HostContext>().not.toHaveProperty('memory')
      expectTypeOf<HostContext['bytes']>().toEqualTypeOf<Uint8Array>()
      expectTypeOf<HostContext['readString']>().toEqualTypeOf<(pointer: number, length: number) => string>()
      expectTypeOf<HostContext['readJson']>().toEqualTypeOf<(pointer: number, length: number) => unknown>()
    }),
  )
})

describe('what is built on a runtime', () => {
  it(
    'takes one with any components',
    compiles(() => {
      const use = (
        any: WasmScriptRuntime,
        recording: Recording,
        mount: typeof mountInspector,
        watch: typeof watchScripts,
      ): readonly unknown[] => [new History(any), new Recorder(any), Replay.begin(any, recording), mount(any), watch(any)]
      const useTyped = <Components extends ComponentSet>(
        typed: WasmScriptRuntime<Components>,
        recording: Recording,
        mount: typeof mountInspector,
        watch: typeof watchScripts,
      ): readonly unknown[] => [new History(typed), new Recorder(typed), Replay.begin(typed, recording), mount(typed), watch(typed)]
      const list: WasmScriptRuntime[] = [runtime, beside, unknownComponents]
      return [use, useTyped, list, new History(runtime), new Recorder(beside), new History(unknownComponents)]
    }),
  )
})

describe('on', () => {
  it(
    'passes each event what it is about',
    compiles(() => {
      runtime.on('load', (info) => expectTypeOf(info).toEqualTypeOf<ScriptInfo>())
      runtime.on('reload', (report) => expectTypeOf(report).toEqualTypeOf<ReloadReport>())
      runtime.on('unload', (info) => expectTypeOf(info).toEqualTypeOf<ScriptInfo>())
      runtime.on('error', (error) => expectTypeOf(error).toEqualTypeOf<ScriptError>())
      runtime.on('log', (line) => expectTypeOf(line).toEqualTypeOf<LogLine>())
      runtime.on('tick', (report) => expectTypeOf(report).toEqualTypeOf<TickReport>())
      runtime.on('event', (event) => expectTypeOf(event).toEqualTypeOf<GameEvent>())
      runtime.on('input', (input) => expectTypeOf(input).toEqualTypeOf<GameInput>())
      expectTypeOf<RuntimeEventName>().toEqualTypeOf<
        'load' | 'reload' | 'unload' | 'error' | 'log' | 'tick' | 'event' | 'restore' | 'input'
      >()
      expectTypeOf(runtime.on('tick', () => undefined)).toEqualTypeOf<() => void>()
      // @ts-expect-error
      runtime.on('ticks', () => undefined)
      // @ts-expect-error
      runtime.on('tick', (line: LogLine) => line)
    }),
  )
})
