import { namedAccessors } from '../accessors.ts'
import type { Contestant } from '../contestant.ts'
import { embed } from '../embed.ts'

export const quickjs: Contestant = {
  name: 'QuickJS (quickjs-emscripten)',
  exact: false,
  async prepare(program, stage) {
    const { getQuickJS } = await import('quickjs-emscripten')
    const { accessors, loop } = await embed(program, stage)
    const context = (await getQuickJS()).newContext()
    for (const [name, accessor] of namedAccessors(accessors)) {
      const handle = context.newFunction(name, (a, b) => {
        const first = a === undefined ? 0 : context.getNumber(a)
        const result = b === undefined ? accessor(first) : accessor(first, context.getNumber(b))
        return typeof result === 'number' ? context.newNumber(result) : context.undefined
      })
      context.setProp(context.global, name, handle)
      handle.dispose()
    }
    context.unwrapResult(context.evalCode(program.javascript)).dispose()
    const tick = context.getProp(context.global, 'tick')
    const update = context.getProp(context.global, 'update')
    const call = (scriptFunction: typeof update, ...numbers: number[]): void => {
      const handles = numbers.map((number) => context.newNumber(number))
      context.unwrapResult(context.callFunction(scriptFunction, context.undefined, ...handles)).dispose()
      for (const handle of handles) handle.dispose()
    }
    return {
      tick: loop({
        tick: context.typeof(tick) === 'function' ? (seconds) => call(tick, seconds) : undefined,
        update: (entity, seconds) => call(update, entity, seconds),
      }),
      dispose() {
        for (const handle of [update, tick, context]) handle.dispose()
      },
    }
  },
}
