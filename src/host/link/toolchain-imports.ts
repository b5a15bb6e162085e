/** What compilers import by themselves: how to build a module without it. */
const BY_NAME: Readonly<Record<string, string>> = {
  'env::abort': 'AssemblyScript imports it to report what is wrong; compile with --use abort=',
  'env::seed': 'AssemblyScript imports it for Math.random; call host.random instead',
  'env::trace': 'AssemblyScript imports it for trace(); call host.log instead',
  'env::emscripten_notify_memory_growth':
    'Emscripten imports it with -sALLOW_MEMORY_GROWTH; define it in the script: void emscripten_notify_memory_growth(unsigned long memory) {}',
  'wasi_snapshot_preview1::fd_write': 'it prints by a system (WASI), as printf does; call host.log instead',
  'env::memory': 'the script must have a memory of its own; build it without --import-memory (AssemblyScript: --importMemory)',
}

/** The same by module, or by the start of a name. */
const BY_MODULE: readonly (readonly [RegExp, string])[] = [
  [/^env::_?emscripten_/, 'Emscripten has it in JavaScript; link with -sSTANDALONE_WASM --no-entry'],
  [
    /^env::/,
    'C, C++, Rust and AssemblyScript import from there what no file defines; define it, or declare the module and the name of the import that is meant',
  ],
  [/^wasi(_|::)/, 'it asks for a system with files and a clock (WASI); build it for wasm32-unknown-unknown, without what needs a system'],
  [/^(wbg|__wbindgen.*|.*_bg\.js)::/, 'wasm-bindgen adds it; build it for wasm32-unknown-unknown, without wasm-bindgen'],
  [/^go(js)?::/, 'the Go compiler adds it; compile with TinyGo and -target=wasm-unknown'],
]

/** Returns what to do about an import that a compiler added; `undefined` for other imports. */
export function toolchainAdvice(module: string, name: string): string | undefined {
  const label = `${module}::${name}`
  return Object.hasOwn(BY_NAME, label) ? BY_NAME[label] : BY_MODULE.find(([pattern]) => pattern.test(label))?.[1]
}
