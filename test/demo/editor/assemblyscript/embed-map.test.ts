import { expect, it } from 'vitest'
import { embedMap } from '../../../../demo/editor/assemblyscript/embed-map.ts'
import { assembleWat } from '../../../../src/wasm/text/assemble.ts'

it('a source map in a module takes the place of the name of one', async () => {
  const plain = (await assembleWat('(module (func (export "tick") (param f32)))', 'tick')) as Uint8Array<ArrayBuffer>
  const map = (mappings: string): string =>
    JSON.stringify({ mappings, sources: ['hunter.ts'], sourceRoot: './module', sourcesContent: ['long'] })
  const twice = embedMap(embedMap(plain, map('AAAA')), map('BBBB'))
  const [section, ...others] = WebAssembly.Module.customSections(await WebAssembly.compile(twice), 'sourceMappingURL')
  expect(others).toEqual([])
  const text = new TextDecoder().decode(section).replace(/^.*base64,/s, '')
  expect(JSON.parse(atob(text))).toEqual({ version: 3, mappings: 'BBBB', sources: ['hunter.ts'], sourceRoot: './module' })
})
