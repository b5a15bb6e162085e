import { bitscript } from 'bitscript/vite'
import { build, createServer } from 'vite'
import { afterEach, expect, it, vi } from 'vitest'
import { errorOf } from '../fixtures/game.ts'
import { createWebProject, type WebProject } from '../fixtures/web-project.ts'

vi.mock('@bytecodealliance/jco-transpile/wasm-tools', () => {
  throw new Error('Cannot find package')
})

/** A component with nothing in it. */
const COMPONENT = Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0)
const SENTENCE = 'npm install @bytecodealliance/jco-transpile'

let project: WebProject
afterEach(() => project.remove())

it.each([["import parts from './parts.wasm?script'; console.log(parts)"], ["console.log(new URL('./parts.wasm', import.meta.url))"]])(
  'a component needs a package, which builds and servers name where it is missing: %s',
  async (main) => {
    project = await createWebProject({ 'main.ts': main, 'parts.wasm': COMPONENT })
    // The plugin of this process, in which the package is missing.
    const config = { ...project.config, plugins: [bitscript()] }
    expect((await errorOf(build(config))).message).toContain(SENTENCE)
    const server = await createServer({ ...config, server: { middlewareMode: true, ws: false } })
    expect((await errorOf(server.transformRequest(main.startsWith('import') ? '/parts.wasm?script' : '/main.ts'))).message).toContain(
      SENTENCE,
    )
    await server.close()
  },
)
