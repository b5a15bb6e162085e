/** A module that an engine has made ready to run, any number of times. */
export interface CompiledModule {
  /** Makes an instance and runs its start function. Throws `Trap`, `OutOfMemory` and whatever an import throws. */
  instantiate(imports: WebAssembly.Imports): WebAssembly.Exports
}

/** What runs the code of scripts. */
export interface Engine {
  readonly name: string
  /** Compiles a module whose structure was decoded before. Throws `InvalidBinary`. */
  compile(bytes: Uint8Array<ArrayBuffer>): Promise<CompiledModule>
}
