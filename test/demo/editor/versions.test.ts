import { beforeEach, describe, expect, it } from 'vitest'
import type { Documents } from '../../../demo/editor/documents.ts'
import { recordStep, runningText } from '../../../demo/editor/versions.ts'
import { createDocuments } from './parts.ts'

describe('the running text', () => {
  let documents: Documents
  beforeEach(() => {
    documents = createDocuments([{ name: 'hunter', text: 'file' }])
  })
  const running = (): string => runningText(documents.state('hunter'))
  function run(text: string, generation: number, unchanged = false): void {
    documents.dispatch('hunter', { changes: { from: 0, to: documents.text('hunter').length, insert: text } })
    documents.dispatch('hunter', recordStep({ kind: 'try' }))
    documents.dispatch('hunter', recordStep({ kind: 'accept', report: { generation, unchanged } }))
  }
  const rollBack = (generation: number): void => documents.dispatch('hunter', recordStep({ kind: 'rollBack', generation }))

  it('is that of the generation that a rollback names, through several probations', () => {
    run('good', 2)
    run('bad', 3)
    run('bad ;; the same code', 3, true)
    expect(running()).toBe('bad ;; the same code')
    rollBack(2)
    rollBack(2)
    expect(running()).toBe('good')
    rollBack(1)
    expect(running()).toBe('file')
    run('better', 2)
    expect(running()).toBe('better')
  })

  it('is what ran last if a rollback in another game goes to its first generation', () => {
    run('good', 3)
    run('bad', 2)
    rollBack(1)
    expect(running()).toBe('good')
  })
})
