import { describe, expect, it } from 'vitest'
import { keepCompiler } from '../../../../demo/editor/assemblyscript/kept-compiler.ts'

describe('the compiler of AssemblyScript', () => {
  it('is loaded once while its texts are shown, and again after the panel was hidden', async () => {
    const loads: string[] = []
    const compiler = keepCompiler(() => {
      loads.push('load')
      return Promise.resolve({ compile: () => Promise.resolve(new Uint8Array()), end: () => void loads.push('end') })
    })
    const compile = (): Promise<Uint8Array> => compiler.compile('hunter.ts', {}, () => undefined)
    compiler.keepLoaded(true)
    await compile()
    await compile()
    expect(loads).toEqual(['load'])
    compiler.keepLoaded(false)
    await Promise.resolve()
    compiler.keepLoaded(true)
    await compile()
    await compile()
    expect(loads).toEqual(['load', 'end', 'load'])
  })
})
