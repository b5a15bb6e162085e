import type { CallContext, Plugin } from '@extism/extism'
import { ScriptError } from '../../errors.ts'

/** The version of `@extism/extism` that this works with: it uses more of it than that documents. */
const VERSION = '2.0.0-rc13'
/** The first word of a shared buffer when no thread waits for the other. */
const IDLE = 4

/** A function that a worker calls on the game's thread, and waits for. */
export type SdkFunction = (context: CallContext, ...args: bigint[]) => bigint | undefined

/** What a plugin in a worker is opened with. */
export interface SdkOptions {
  /** The modules by name. The one named `main` has the functions that are called. */
  readonly modules: ReadonlyMap<string, WebAssembly.Module>
  readonly config: Readonly<Record<string, string>>
  readonly useWasi: boolean
  /** Functions of `extism:host/env` in place of those of the SDK. */
  readonly functions: Readonly<Record<string, SdkFunction>>
  readonly fetch: typeof fetch
  readonly log: (level: number, message: string) => void
  /** Milliseconds until the worker must run. */
  readonly loadMs: number
}

/** A plugin in a worker. */
export interface Sandbox {
  /** Calls a function. Rejects with whatever the SDK rejects with. Never settles if the worker ends. */
  readonly call: (name: string, input: Uint8Array) => Promise<Uint8Array<ArrayBuffer> | undefined>
  /** Frees the blocks of earlier calls. */
  readonly reset: () => Promise<unknown>
  /** Rejects with `Trap` when the worker ends by itself. */
  readonly death: Promise<never>
  /** Ends the worker. */
  readonly stop: () => void
}

/** The parts of the SDK's plugin that it does not document. */
interface BackgroundPlugin extends Plugin {
  readonly worker: {
    on(event: string, listener: (cause: unknown) => void): void
    /** Only in Node. */
    unref?(): void
  }
  readonly opts: { functions: object }
  readonly hostFlag: Int32Array
}

const LEVELS = { trace: 0, debug: 0, info: 1, warn: 2, error: 3 } as const

/** Starts a worker with a plugin. Rejects with `EngineUnavailable`. */
export async function openSandbox(options: SdkOptions): Promise<Sandbox> {
  const sdk = await loadSdk()
  if (!sdk.CAPABILITIES.hasWorkerCapability) {
    const headers = 'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp'
    throw new ScriptError(
      'EngineUnavailable',
      `a worker shares memory with its page, which must be cross-origin isolated: serve the page with the headers ${headers}`,
    )
  }
  const { modules, config, useWasi, functions, fetch, log, loadMs } = options
  const logger = Object.fromEntries(
    Object.entries(LEVELS).map(([name, level]) => [name, (message: unknown) => log(level, String(message))]),
  )
  const opening = sdk.createPlugin(
    { wasm: [...modules].map(([name, module]) => ({ name, module })) },
    {
      runInWorker: true,
      useWasi,
      config: { ...config },
      functions: { 'extism:host/env': { ...functions } },
      // `fetch` checks the hosts.
      allowedHosts: ['*'],
      allowHttpResponseHeaders: true,
      fetch,
      logger: logger as unknown as Console,
      logLevel: 'trace',
    },
  ) as Promise<BackgroundPlugin>
  const plugin = await within(loadMs, opening)
  if (plugin.worker === undefined || plugin.opts === undefined || plugin.hostFlag === undefined) {
    throw new ScriptError('EngineUnavailable', `the plugin needs @extism/extism ${VERSION}, and another version is installed`)
  }
  return sandboxOf(plugin)
}

function sandboxOf(plugin: BackgroundPlugin): Sandbox {
  const { worker, opts, hostFlag } = plugin
  // A worker does not keep a process alive; a call does, by its timer.
  worker.unref?.()
  const death = new Promise<never>((_, reject) => {
    const ended = (cause: unknown): void => {
      const reason = cause instanceof Error ? `: ${cause.message}` : ''
      reject(new ScriptError('Trap', `the worker of the plugin ended${reason}`, { cause }))
    }
    worker.on('error', ended)
    worker.on('exit', ended)
  })
  death.catch(ignore)
  return {
    death,
    async call(name, input) {
      const output = await plugin.call(name, input.length === 0 ? undefined : input)
      return output === null ? undefined : output.bytes().slice()
    },
    reset: () => plugin.reset(),
    stop() {
      // Messages that are still on the way find no function, so that nobody answers a worker that is gone.
      opts.functions = {}
      const release = (): void => {
        Atomics.store(hostFlag, 0, IDLE)
        Atomics.notify(hostFlag, 0)
      }
      // The SDK waits for ever for a worker to read an answer that it was just given.
      plugin.close().then(release, release)
    },
  }
}

let loading: Promise<typeof import('@extism/extism')> | undefined

function loadSdk(): Promise<typeof import('@extism/extism')> {
  loading ??= withoutWarning(importSdk).finally(() => {
    loading = undefined
  })
  return loading
}

async function importSdk(): Promise<typeof import('@extism/extism')> {
  // Bundlers take a package as optional if its import is in a try block.
  try {
    return await import('@extism/extism')
  } catch (cause) {
    const detail = `a plugin in a worker needs the package @extism/extism: run 'npm install @extism/extism@${VERSION}'`
    throw new ScriptError('EngineUnavailable', detail, { cause })
  }
}

/** The part of Node's `process` that warns. */
interface Warner {
  emitWarning?: (warning: unknown, ...more: unknown[]) => void
}

/** Imports the SDK without the warning that Node prints because the SDK imports its WASI: no game can do anything about it. */
async function withoutWarning<Result>(work: () => Promise<Result>): Promise<Result> {
  const { process: warner } = globalThis as { process?: Warner }
  const emitWarning = warner?.emitWarning
  if (warner === undefined || emitWarning === undefined) return work()
  warner.emitWarning = (warning, ...more) => {
    if (!String(warning).startsWith('WASI is an experimental feature')) emitWarning.call(warner, warning, ...more)
  }
  try {
    return await work()
  } finally {
    warner.emitWarning = emitWarning
  }
}

/** Rejects with `EngineUnavailable` if the worker does not start in time: no code of the plugin runs until then. */
async function within<Result>(loadMs: number, opening: Promise<Result>): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const policy = 'a content security policy must allow worker-src data:'
      reject(new ScriptError('EngineUnavailable', `the worker did not start within ${loadMs} milliseconds (limits.loadMs); ${policy}`))
    }, loadMs)
  })
  try {
    return await Promise.race([opening, late])
  } finally {
    clearTimeout(timer)
  }
}

function ignore(): void {}
