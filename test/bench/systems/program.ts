import { dataOf } from '../wat.ts'
import type { Components } from './schema.ts'
import type { Scene, Stage } from './stage.ts'

/** A script written in each of the languages, with the same meaning. */
export interface Program extends Scene {
  readonly name: string
  /** The path of the module that exports it as `program`. */
  readonly url: URL
  /** Whether it spawns and despawns, so that contestants cannot share a world. */
  readonly spawns: boolean
  /** The columns that it changes. */
  readonly columns: (components: Components) => readonly ArrayLike<number>[]
  /** An ordinary bitECS system. Returns a function that runs one tick. */
  readonly plain: (stage: Stage, round: (value: number) => number) => () => void
  /** A number that is a constant in the text, or is read from memory if there is one. */
  readonly constant: { readonly type: 'i32' | 'f32'; readonly value: number }
  /** The script: `constant` is an expression, `memory` the definition of a memory or nothing. */
  readonly wat: (parts: { readonly constant: string; readonly memory: string }) => string
  readonly lua: string
  readonly javascript: string
}

/** Returns the script of a program without a memory. */
export function bareWat({ wat, constant: { type, value } }: Program): string {
  return wat({ constant: `(${type}.const ${value})`, memory: '' })
}

/** Returns the script with a memory of its own, which it reads in each update. */
export function watWithMemory({ wat, constant: { type, value } }: Program): string {
  const memory = `(memory (export "memory") 1) (data (i32.const 16) "${dataOf(type, value)}")`
  return wat({ constant: `(${type}.load (i32.const 16))`, memory })
}
