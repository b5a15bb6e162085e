import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { createBundledProject } from './bundlers-page.ts'

// Bundlers that are too large for the packages of this repository.
it.each(['Webpack', 'Webpack, for Node', 'Rollup'])('docs/bundlers.md holds for %s', async (title) => {
  const project = await createBundledProject(fileURLToPath(new URL('./bundlers', import.meta.url)))
  try {
    expect(await project.runExample(title)).toMatch(/\S/)
  } finally {
    await project.remove()
  }
})
