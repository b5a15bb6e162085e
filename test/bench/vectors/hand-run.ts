import { addComponent } from 'bitecs'
import { createStage, TICK_SECONDS } from '../systems/stage.ts'
import { assemble } from '../wat.ts'
import { BY_HAND, type ByHand } from './by-hand.ts'
import type { Update } from './updates.ts'

type Column = Float32Array | Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array

/** An update by hand, with a world of its own. */
export interface HandRun {
  readonly tick: () => void
  /** Returns a column that it changes, by its name such as `Position.x`. */
  readonly column: (name: string) => ArrayLike<number>
  readonly columnNames: readonly string[]
}

const PAGE_BYTES = 65_536

/** Returns an update by hand on entities without gaps, or `undefined` if there is none. */
export async function startByHand(update: Update, count: number): Promise<HandRun | undefined> {
  const hand = BY_HAND[update.name]
  if (hand === undefined) return undefined
  const { world, components, entities } = createStage(update, count)
  const names = [...new Set([...hand.body.matchAll(/\{([\w.]+)/g)].map(([, name]) => name as string))]
  const sources = new Map<string, Column>(
    names.map((name) => [name, name === 'list' ? Uint32Array.from(entities) : columnOf(components, name)]),
  )
  const addresses = new Map<string, number>()
  let end = 0
  for (const [name, source] of sources) {
    addresses.set(name, end)
    // The last group may be read beyond the last entity.
    end = (end + source.byteLength + 79) & ~15
  }
  const kill = (entity: number): void => {
    if (entity > 0 && entity <= count) addComponent(world, entity, components.Dead)
  }
  const { instance } = await WebAssembly.instantiate(await assemble(textOf(hand, addresses, Math.ceil(end / PAGE_BYTES))), {
    host: { kill },
  })
  const { memory, run } = instance.exports as { memory: WebAssembly.Memory; run: (count: number, dt: number) => void }
  const columns = new Map<string, Column>()
  for (const [name, source] of sources) {
    const Type = source.constructor as new (buffer: ArrayBuffer, offset: number | undefined, length: number) => Column
    const column = new Type(memory.buffer, addresses.get(name), source.length)
    column.set(source)
    columns.set(name, column)
  }
  return {
    tick: () => run(count, TICK_SECONDS),
    column: (name) => columns.get(name) as Column,
    columnNames: names.filter((name) => name !== 'list'),
  }
}

/** Returns a column by its name, such as `Position.x`. */
export function columnOf(components: object, name: string): Column {
  const [component, field] = name.split('.') as [string, string]
  return (components as Record<string, Record<string, Column>>)[component]?.[field] as Column
}

function textOf({ locals, before = '', body }: ByHand, addresses: ReadonlyMap<string, number>, pages: number): string {
  const placed = body.replaceAll(/\{([\w.]+)(?:\+(\d+))?\}/g, (_, name: string, more = '0') =>
    String((addresses.get(name) ?? 0) + Number(more)),
  )
  return `(module
    (import "host" "kill" (func $kill (param i32)))
    (memory (export "memory") ${pages})
    (func (export "run") (param $count i32) (param $dt f32)
      (local $entity i32) (local $byte i32) (local $dts v128) (local $dtd v128) ${locals}
      (local.set $dts (f32x4.splat (local.get $dt)))
      (local.set $dtd (f64x2.splat (f64.promote_f32 (local.get $dt))))
      ${before}
      (loop $next
        (local.set $byte (i32.shl (local.get $entity) (i32.const 2)))
        ${placed}
        (local.set $entity (i32.add (local.get $entity) (i32.const 4)))
        (br_if $next (i32.le_u (local.get $entity) (local.get $count))))))`
}
