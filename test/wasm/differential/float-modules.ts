import { describe, expect, it } from 'vitest'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'
import { FloatPrograms } from './float-programs.ts'
import { compareModules } from './fuzz.ts'
import { SeededRandom } from './random.ts'

/** Compares a number of programs with their rewritten versions, and these with what they do on another engine. */
export function testFloatPrograms(count: number): void {
  describe('a program that calculates with NaN and looks at its bits', () => {
    it('sees the canonical NaN after arithmetic, and all other bits as they are', async () => {
      for (let number = 0; number < count; number++) {
        const text = new FloatPrograms(new SeededRandom(number)).module()
        const result = compareModules(await assembleWat(text, 'floats.wat'), number)
        expect(result, `program ${number}`).toMatchObject({ verdict: 'same', detail: '' })
      }
    })
  })
}
