import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { assemble } from '../wat.ts'

const PACKAGE = `package game:ecs;
interface position { get-x: func(entity: u32) -> f32; set-x: func(entity: u32, value: f32); }
interface velocity { get-x: func(entity: u32) -> f32; }
`

/** Makes a component of a core module in WAT; `undefined` if jco is not installed. `world` is the body of its world in WIT. */
export async function componentOf(wat: string, world: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const tools = await import('@bytecodealliance/jco-transpile/wasm-tools').catch(() => undefined)
  if (tools === undefined) return undefined
  const witSource = `${PACKAGE} world script { ${world} }`
  const embedded = await tools.componentEmbed({ binary: await assemble(wat), witSource, world: 'script' })
  return new Uint8Array(await tools.componentNew(embedded))
}

/** The exports of a component that jco runs by itself. */
export interface Transpiled {
  readonly echo: (text: string) => string
  readonly nothing: () => void
}

type Instantiate = (getCoreModule: (path: string) => WebAssembly.Module, imports: object) => Transpiled

/** Translates a component to JavaScript, and instantiates it as jco's users do. */
export async function transpile(component: Uint8Array): Promise<Transpiled> {
  const { transpileBytes } = await import('@bytecodealliance/jco-transpile')
  const { files } = await transpileBytes(component, { name: 'bench', instantiation: 'sync', minify: true })
  const folder = await mkdtemp(join(tmpdir(), 'bitscript-bench-'))
  try {
    const path = join(folder, 'bench.mjs')
    await writeFile(path, files['bench.js'] as Uint8Array)
    const { instantiate } = (await import(pathToFileURL(path).href)) as { readonly instantiate: Instantiate }
    return instantiate((name) => new WebAssembly.Module(new Uint8Array(files[name] as Uint8Array)), {})
  } finally {
    await rm(folder, { recursive: true })
  }
}
