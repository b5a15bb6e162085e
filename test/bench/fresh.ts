let count = 0

/**
 * Imports a new copy of a module. V8 specializes a closure for its captured variables as long as it is created only once,
 * as in a game; a second world with closures of the same module would slow down both.
 */
export async function importFresh<Module>(url: URL): Promise<Module> {
  return (await import(`${url.href}?fresh=${count++}`)) as Module
}
