import { expect, it } from 'vitest'
import { endProcess } from '../../demo/rooms/cluster.ts'

it('a process of the cluster is ended only while another can run its rooms', () => {
  const ended: string[] = []
  const processes = ['process 1', 'process 2'].map((name) => ({
    name,
    isListening: true,
    end(signal: string): void {
      this.isListening = false
      ended.push(`${name} ${signal}`)
    },
  }))
  expect(endProcess(processes, 'process 1', 'SIGTERM')).toBe('process 1 got SIGTERM.')
  expect(endProcess(processes, 'process 2', 'SIGKILL')).toBe('process 2 is the only one that runs: wait for another.')
  expect(ended).toEqual(['process 1 SIGTERM'])
})
