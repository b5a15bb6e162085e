/**
 * Imports a part of the page once the server of the page answers. A browser may keep the failure of an import until the page is loaded again,
 * so that none is begun without a connection. Rejects as `fetch` does if there is none.
 */
export async function importPart<Part>(load: () => Promise<Part>): Promise<Part> {
  await (await fetch(location.href, { method: 'HEAD', cache: 'no-store' })).text()
  return load()
}
