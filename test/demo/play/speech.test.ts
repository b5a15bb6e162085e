import { expect, it } from 'vitest'
import { createSpeech } from '../../../demo/play/speech.ts'

it('how a game stands is said now and then, and not at each point', () => {
  const element = { textContent: '' } as HTMLElement
  const speech = createSpeech(element)
  speech.follow({ score: 10, wave: 1, lives: 3, health: 3 }, 0)
  expect(element.textContent).toBe('Score 10, wave 1, 3 lives, health 3')
  speech.follow({ score: 20, wave: 1, lives: 3, health: 3 }, 5000)
  expect(element.textContent).toContain('Score 10')
  speech.follow({ score: 900, wave: 2, lives: 1, health: 2 }, 13_000)
  expect(element.textContent).toBe('Score 900, wave 2, 1 life, health 2')
})
