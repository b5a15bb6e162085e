/** The version of the script ABI that this package implements. */
export const ABI_VERSION = 1

/** The WebAssembly value types that host and scripts exchange. An `i64` is a bigint in JavaScript, the others are numbers. */
export type NumberType = 'i32' | 'i64' | 'f32' | 'f64'

/** The type of a component's field. `eid` holds an entity. */
export type FieldType = 'f32' | 'f64' | 'i8' | 'u8' | 'i16' | 'u16' | 'i32' | 'u32' | 'eid'

/** Bytes of a page of memory. */
export const PAGE_BYTES = 65_536
/** Pages that a memory with i32 addresses can have. */
export const MAX_PAGES = 65_536

/**
 * How the import names of a module are formed: `Position.x` (`column`), `Position` (`component`), `Position !Dead` (`terms`),
 * `ChildOf` (`relation`), a script's name (`script`), `shots{weapon=laser}` (`series`), `gun.speed` (`path`), or any name (`event`).
 */
export type NamePattern = 'column' | 'component' | 'terms' | 'relation' | 'event' | 'script' | 'series' | 'path'

/** A value type in an import's signature. `T` is the type of the column that the import names. */
export type SignatureType = NumberType | 'T'

/** The type of a function that a script imports or exports. */
export interface AbiSignature {
  /** Types of the parameters, in order. */
  readonly params: readonly SignatureType[]
  /** Types of the results, in order. */
  readonly results: readonly SignatureType[]
}

/** An import that the runtime provides to scripts. */
export interface AbiImport extends AbiSignature {
  /** The import module. */
  readonly module: string
  /** The exact name, or the pattern of the names with an example. */
  readonly name: string | { readonly pattern: NamePattern; readonly example: string }
  /** Set if the import takes any further numbers after `params`. */
  readonly variadic?: true
  /** Units of fuel that a call costs beside the `call` instruction. A variadic import costs more for each number. */
  readonly price: number
  /** What the import does. */
  readonly meaning: string
}

/** An export that the runtime calls or reads. */
export interface AbiExport {
  /** The exact name. `on_<event>` stands for every name that begins with `on_`. */
  readonly name: string
  /** The signatures it may have; left out if any parameters are allowed and no results. */
  readonly signatures?: readonly AbiSignature[]
  /** Whether it is a function, a memory, or a number: a global i32, or a function `() → i32`. */
  readonly kind: 'func' | 'memory' | 'number'
  /** When the runtime calls or reads it. */
  readonly when: string
}

/** The names of the log levels. The index of each is its number in `host.log_level`. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
/** The level of a log line. */
export type LogLevel = (typeof LOG_LEVELS)[number]
