import { addEntity } from 'bitecs'
import { describe, expect, it } from 'vitest'
import { createGame } from '../fixtures/game.ts'

const script = (name: string): URL => new URL(`../../scripts-wat/${name}.wat`, import.meta.url)

describe('the scripts that use services', () => {
  it('stats.wat counts kills and waves, and takes memory while there is plenty', async () => {
    const { runtime } = await createGame()
    await runtime.loadModule(script('stats'), { limits: { memoryPages: 4 } })
    runtime.emit('killed', 1)
    for (const wave of [1, 2]) runtime.emit('wave', wave)
    runtime.tick(1)
    runtime.tick(1)
    expect(runtime.metrics().map(({ name, value }) => [name, value])).toEqual([
      ['kills', 1],
      ['memory_free_bytes', 2 * 65_536],
      ['wave_size', { count: 2, sum: 3, min: 1, max: 2 }],
    ])
  })

  it('tuner.wat slows down what moves, as the config says', async () => {
    const { runtime, world, components } = await createGame()
    const id = await runtime.loadModule(script('tuner'), { config: { brake: { on: false, speed: 5 } } })
    const { Velocity } = components
    const fast = addEntity(world, Velocity)
    Velocity.x[fast] = -9
    runtime.tick(1)
    expect(Velocity.x[fast]).toBe(-9)
    runtime.configure(id, { brake: { on: true, speed: 5 } })
    runtime.tick(1)
    expect(Velocity.x[fast]).toBe(-5)
  })

  it('best.wat keeps the greatest wave', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(script('best'))
    for (const wave of [3, 7, 5]) runtime.emit('wave', wave)
    runtime.tick(1)
    await runtime.reloadModule(id, script('best'))
    expect([runtime.call(id, 'best'), runtime.call(id, 'used')]).toEqual([7, 8])
    expect([runtime.call(id, 'forget'), runtime.call(id, 'best')]).toEqual([1, 0])
  })

  it('news.wat logs what the server answers', async () => {
    const asked: string[] = []
    const answers = [new Response('all is well'), new Response('sorry', { status: 503 })]
    const fetch = async (url: string): Promise<Response> => {
      asked.push(url)
      return answers.shift() as Response
    }
    const { runtime, logs } = await createGame({ http: { fetch } })
    await runtime.loadModule(script('news'), { grant: { host: ['http', 'host'], hosts: ['example.com'] } })
    for (let count = 0; count < 2; count++) {
      runtime.emit('news')
      runtime.tick(1)
      await runtime.settle()
      runtime.tick(1)
    }
    expect(asked).toEqual(Array(2).fill('https://example.com/news.txt'))
    expect(logs.map(({ level, message }) => [level, message])).toEqual([
      ['info', 'all is well'],
      ['warn', 'sorry'],
    ])
  })
})
