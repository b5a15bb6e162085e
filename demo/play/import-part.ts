/**
 * Imports a part of the page. Asks the server for the page first, and rejects as `fetch` does if it does not answer: a browser may remember a
 * failed import until the page is loaded again.
 */
export async function importPart<Part>(load: () => Promise<Part>): Promise<Part> {
  await (await fetch(location.href, { method: 'HEAD', cache: 'no-store' })).text()
  return load()
}
