import { LOCAL_HOT } from './hot-events.ts'

/** Connects the plugin with runtimes in its own process: modules that `ssrLoadModule` loads have no `import.meta.hot`. */
export interface LocalHot {
  on(event: string, listener: (payload: never) => void): void
  off(event: string, listener: (payload: never) => void): void
  send(event: string, payload: unknown): void
}

/** Returns the connection, which all servers of the process share. */
export function localHot(): LocalHot {
  const shared = globalThis as { [key: symbol]: LocalHot | undefined }
  const key = Symbol.for(LOCAL_HOT)
  shared[key] ??= createLocalHot()
  return shared[key]
}

function createLocalHot(): LocalHot {
  const listeners = new Map<string, Set<(payload: never) => void>>()
  return {
    on: (event, listener) => void listeners.set(event, (listeners.get(event) ?? new Set()).add(listener)),
    off: (event, listener) => void listeners.get(event)?.delete(listener),
    send(event, payload) {
      for (const listener of listeners.get(event) ?? []) listener(payload as never)
    },
  }
}
