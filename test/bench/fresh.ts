let count = 0

/**
 * Imports a module anew. V8 compiles a function for the very variables around it as long as that function was made once,
 * as those of a game are; a second world with functions of the same module would slow down both.
 */
export async function importFresh<Module>(url: URL): Promise<Module> {
  return (await import(`${url.href}?fresh=${count++}`)) as Module
}
