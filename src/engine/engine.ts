/** A module that an engine has made ready to run, any number of times. */
export interface CompiledModule {
  /** Makes an instance and runs its start function. Throws `Trap`, `OutOfMemory` and whatever an import throws. */
  instantiate(imports: WebAssembly.Imports): WebAssembly.Exports
}

/** What runs the code of scripts. */
export interface Engine {
  readonly name: string
  /** Whether a module may have more than one memory. */
  readonly manyMemories: boolean
  /** Throws `InvalidBinary` unless the module is valid as it was written. */
  check(bytes: Uint8Array<ArrayBuffer>): Promise<void>
  /** Compiles a module. Throws `InvalidBinary`. */
  compile(bytes: Uint8Array<ArrayBuffer>): Promise<CompiledModule>
}
