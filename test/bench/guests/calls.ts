import { readFile } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { createWorld } from 'bitecs'
import { WasmScriptRuntime } from 'bitscript'
import { assemble } from '../wat.ts'
import { componentOf, transpile } from './components.ts'

/** Someone who can be called: a guest of bitscript, or another host of the same module. */
export interface Callee {
  readonly name: string
  /** Passes a value in as JSON and returns what comes back. */
  readonly echo: (value: unknown) => unknown
  /** Passes a text in, as its host takes text fastest, and returns what comes back. */
  readonly echoText: (text: Text) => unknown
  readonly nothing: () => unknown
  /** Whether it answers with promises. */
  readonly isAsynchronous: boolean
}

/** A text and its bytes. */
interface Text {
  readonly text: string
  readonly bytes: Uint8Array
}

/** A value that is 84 bytes of JSON. */
export const VALUE: unknown = { id: 1, name: 'a hunter', position: { x: 12.25, y: -3.5 }, tags: ['fast', 'hungry!'] }

export const TEXT: Text = { text: JSON.stringify(VALUE), bytes: new TextEncoder().encode(JSON.stringify(VALUE)) }

interface Callees {
  readonly callees: readonly Callee[]
  /** Who is left out, and why. */
  readonly notes: readonly string[]
  readonly close: () => Promise<void>
}

/** Creates everyone who is compared. */
export async function createCallees(): Promise<Callees> {
  const { createPlugin } = await import('@extism/extism')
  const runtime = await WasmScriptRuntime.create({ world: createWorld(), limits: { fuel: 2 ** 30 - 1 } })
  const data = await assemble(await read('plugin'))
  const component = await componentOf(await read('component'), 'export echo: func(text: string) -> string; export nothing: func();')
  const guests = new Map<string, string | Uint8Array>([
    ['script', await read('script')],
    ['extism', data],
  ])
  if (component !== undefined) guests.set('component', component)
  const callees: Callee[] = [
    {
      name: 'plain JavaScript',
      echo: (value) => JSON.parse(JSON.stringify(value)),
      echoText: ({ text }) => text,
      nothing: () => undefined,
      isAsynchronous: false,
    },
  ]
  for (const [name, source] of guests) {
    const id = await runtime.loadModule(source, { name })
    callees.push({
      name: `bitscript, ${name}`,
      echo: (value) => runtime.callJson(id, 'echo', value),
      echoText: ({ bytes }) => runtime.callBytes(id, 'echo', bytes),
      nothing: () => runtime.call(id, 'nothing'),
      isAsynchronous: false,
    })
  }
  const plugins = [
    { name: '@extism/extism', plugin: await createPlugin({ wasm: [{ data }] }) },
    { name: '@extism/extism, worker', plugin: await createPlugin({ wasm: [{ data }] }, { runInWorker: true }) },
  ]
  for (const { name, plugin } of plugins) {
    let calls = 0
    const call = async (exported: string, input?: string | Uint8Array) => {
      // In a worker it keeps blocks until it is reset.
      if (++calls % 50 === 0) await plugin.reset()
      return plugin.call(exported, input)
    }
    callees.push({
      ...{ name, isAsynchronous: true, nothing: () => call('nothing') },
      echoText: async ({ bytes }) => (await call('echo', bytes))?.bytes(),
      echo: async (value) => (await call('echo', JSON.stringify(value)))?.json(),
    })
  }
  if (component !== undefined) {
    const { echo, nothing } = await transpile(component)
    callees.push({
      ...{ name: 'jco', isAsynchronous: false, nothing },
      echo: (value) => JSON.parse(echo(JSON.stringify(value))),
      echoText: ({ text }) => echo(text),
    })
  }
  for (const { name, echo } of callees)
    if (!isDeepStrictEqual(await echo(VALUE), VALUE)) throw new Error(`${name} does not give the value back`)
  return {
    callees,
    notes: component === undefined ? ['Components and jco are left out: @bytecodealliance/jco-transpile is not installed.'] : [],
    async close() {
      runtime.dispose()
      for (const { plugin } of plugins) await plugin.close()
    },
  }
}

function read(name: string): Promise<string> {
  return readFile(new URL(`${name}.wat`, import.meta.url), 'utf8')
}
