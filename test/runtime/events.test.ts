import { runInNewContext } from 'node:vm'
import { addEntity } from 'bitecs'
import type { GameEvent } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { MAX_EVENTS } from '../../src/host/services/event-queue.ts'
import { codeOf, createGame } from '../fixtures/game.ts'
import { tickScript } from '../fixtures/scripts.ts'

const SENDER = tickScript(
  '(call $hit (i32.const -1) (i64.const 5) (f32.const 0.5) (f64.const 0.25))',
  '(import "emit" "hit" (func $hit (param i32 i64 f32 f64)))',
)

describe('an event', () => {
  it('reaches every script that exports on_<event>, in the next tick', async () => {
    const seen: unknown[] = []
    const { runtime } = await createGame({ host: { test: { see: (context, ...args) => void seen.push([context.script.name, ...args]) } } })
    await runtime.loadModule(SENDER, { name: 'sender' })
    const receiver = `(module (import "test" "see" (func $see (param i32 i64 f32 f64)))
      (func (export "on_hit") (param i32 i64 f32 f64) (call $see (local.get 0) (local.get 1) (local.get 2) (local.get 3))))`
    await runtime.loadModule(receiver, { name: 'one' })
    await runtime.loadModule(receiver, { name: 'two' })
    runtime.tick(1)
    expect(seen).toEqual([])
    runtime.tick(1)
    expect(seen).toEqual([
      ['one', -1, 5n, 0.5, 0.25],
      ['two', -1, 5n, 0.5, 0.25],
    ])
  })

  it('is delivered to listeners with its name, arguments and script', async () => {
    const { runtime } = await createGame()
    const heard: GameEvent[] = []
    const off = runtime.on('event', (event) => heard.push(event))
    await runtime.loadModule(SENDER, { name: 'sender' })
    runtime.emit('hit', 1)
    runtime.tick(1)
    expect(heard).toEqual([{ name: 'hit', args: [-1, 5n, 0.5, 0.25], script: 'sender' }])
    off()
    off()
    runtime.tick(1)
    expect(heard).toHaveLength(1)
  })

  it('is fitted to a handler with fewer, more or other parameters', async () => {
    const seen: unknown[] = []
    const { runtime } = await createGame({ host: { test: { see: (_, ...args) => void seen.push(args) } } })
    await runtime.loadModule(`(module (import "test" "see" (func $see (param i64 f32)))
      (func (export "on_none")) (func (export "on_some") (param i64 f32) (call $see (local.get 0) (local.get 1))))`)
    runtime.emit('none', 1, 2)
    runtime.emit('some', 3.7)
    runtime.emit('some', Number.NaN, 2n)
    runtime.emit('unheard')
    expect(runtime.tick(1).faults).toBe(0)
    expect(seen).toEqual([
      [3n, 0],
      [0n, 2],
    ])
  })

  it('that a handler emits is delivered in the next tick', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(`(module (import "emit" "echo" (func $echo)) (global $n (mut i32) (i32.const 0))
      (func (export "on_echo") (global.set $n (i32.add (global.get $n) (i32.const 1))) (call $echo))
      (func (export "count") (result i32) (global.get $n)))`)
    runtime.emit('echo')
    for (let index = 0; index < 3; index++) runtime.tick(1)
    expect(runtime.call(id, 'count')).toBe(3)
  })

  it('must have a name, and only numbers as arguments', async () => {
    const { runtime } = await createGame()
    expect(await codeOf(() => runtime.emit('hit', 'x' as never))).toBe('InvalidOptions')
    expect(await codeOf(() => runtime.emit(''))).toBe('InvalidOptions')
    expect(await codeOf(() => runtime.on('nothing' as never, () => undefined))).toBe('InvalidOptions')
  })

  it('is refused if the queue is full', async () => {
    const { runtime, errors } = await createGame()
    await runtime.loadModule(tickScript('(loop $more (call $hit) (br $more))', '(import "emit" "hit" (func $hit))'))
    runtime.tick(1)
    expect(errors.map((error) => error.code)).toEqual(['OutOfMemory'])
    expect(MAX_EVENTS).toBe(10_000)
  })

  it('is refused if the events of its script have too many numbers', async () => {
    const { runtime, errors } = await createGame({ limits: { fuel: 1_000_000_000 } })
    const many = tickScript(
      `(loop $more (call $wide ${'(i64.const -1234567890123)'.repeat(900)}) (br $more))`,
      `(import "emit" "wide" (func $wide (param ${'i64 '.repeat(900)})))`,
    )
    await runtime.loadModule(many, { name: 'wide' })
    let numbers = 0
    runtime.on('event', ({ args }) => {
      numbers += args.length
    })
    runtime.tick(1)
    expect(errors).toMatchObject([{ code: 'OutOfMemory', script: 'wide', detail: expect.stringContaining('1048576 bytes of events') }])
    expect(numbers).toBe(130_500)
  })

  it('a listener of which returns a promise that rejects is reported as HostError', async () => {
    const { runtime, errors } = await createGame()
    runtime.on('tick', async () => {
      throw new Error('no network')
    })
    runtime.on('tick', () => runInNewContext("Promise.reject(new Error('of another realm'))"))
    runtime.tick(1)
    await new Promise((resolve) => setImmediate(resolve))
    expect(errors.map(({ code, detail }) => [code, detail])).toEqual([
      ['HostError', "a listener for 'tick' threw 'no network'"],
      ['HostError', expect.stringContaining("a listener for 'tick' threw 'Error: of another realm'")],
    ])
  })

  it('is delivered to listeners after the scripts have run, so that they may change the world', async () => {
    const { runtime, world } = await createGame()
    const id = await runtime.loadModule(SENDER, { name: 'sender' })
    runtime.on('event', () => {
      addEntity(world)
      if (runtime.find('sender') !== undefined) runtime.unloadModule(id)
    })
    expect(runtime.tick(1).faults).toBe(0)
    expect(runtime.scripts()).toEqual([])
  })

  it('costs no reading of the clock where its script is that of the event before', async () => {
    let now = 0
    const { runtime } = await createGame({ clock: () => ++now })
    const receiver = '(module (func (export "on_hit") (param i32)))'
    const one = await runtime.loadModule(receiver, { name: 'one' })
    const readings = (events: number): number => {
      for (let index = 0; index < events; index++) runtime.emit('hit', index)
      const before = now
      runtime.tick(1)
      return now - before
    }
    const first = readings(1)
    expect(readings(100)).toBe(first)
    expect(runtime.script(one).stats).toMatchObject({ calls: 100, ms: 1 })
    const two = await runtime.loadModule(receiver, { name: 'two' })
    expect(readings(100)).toBe(first + 199)
    expect(runtime.script(one).stats.ms + runtime.script(two).stats.ms).toBe(200)
  })
})
