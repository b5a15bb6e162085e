import { getAllEntities } from 'bitecs'
import { describe, expect, it } from 'vitest'
import { Lead } from '../../../src/colyseus/client/lead.ts'
import { type Input, Prediction, type Reconciliation } from '../../../src/colyseus/client/prediction.ts'
import { type PredictedScripts, Replica } from '../../../src/colyseus/client/replica.ts'
import { startGame } from '../../../src/colyseus/game/start-game.ts'
import { type NetworkOptions, SimulatedNetwork } from '../../fixtures/network.ts'
import { ArenaServer, applyInput, arena, HZ, SYNCED } from './arena.ts'

const OWN: PredictedScripts = { own: ['player', 'mover'], others: [] }
const ALL: PredictedScripts = { own: ['player', 'mover'], others: ['mover'] }

/** A server and a client that predicts, with a network between them. */
async function play(options: NetworkOptions, predicted: PredictedScripts) {
  const network = new SimulatedNetwork(options)
  const server = await ArenaServer.start()
  const game = await startGame(arena)
  const replica = new Replica(game, SYNCED, predicted)
  const prediction = new Prediction({
    replica,
    dt: 1 / HZ,
    ticks: 64,
    applyInput: (entity, input) => applyInput(game.runtime as never, entity, input),
  })
  const lead = new Lead(4, 20)
  const reports: Reconciliation[] = []
  let input: Input = { x: 0, y: 0 }
  let due = 0
  let isSteered = true
  const down = network.pipe((frame: ReturnType<ArenaServer['step']>) => {
    reports.push(prediction.take(frame))
    due += lead.heed(frame)
  })
  const up = network.pipe((packet: { tick: number; input: Input }) => server.receive(packet))
  network.every(1000 / HZ, () => down(server.step()))
  network.every(1000 / HZ, () => {
    if (prediction.confirmed < 0) return
    if (!isSteered) input = { x: 0, y: 0 }
    else if (network.random() < 0.1) input = { x: Math.round(network.random() * 2 - 1), y: Math.round(network.random() * 2 - 1) }
    due = prediction.tick <= prediction.confirmed ? lead.ticks : due + 1
    for (; due > 0; due--) {
      prediction.step(input)
      up({ tick: prediction.tick, input })
    }
  })
  /** The values of an entity: on the client, where it is named by its id on the server. */
  const seen = (id: number): readonly number[] => {
    const entity = replica.cast.entities.get(id) as number
    const components = game.components as Record<string, Record<string, ArrayLike<number>>>
    return SYNCED.map(({ component, field }) => components[component]?.[field]?.[entity] as number)
  }
  const release = (): void => {
    isSteered = false
  }
  return { network, server, game, replica, prediction, lead, reports, seen, release }
}

const wrong = (reports: readonly Reconciliation[], id: number): number => reports.filter(({ corrected }) => corrected.includes(id)).length

describe('a prediction', () => {
  it('is right on a steady line: no frame corrects it', async () => {
    const { network, server, reports, lead } = await play({ latency: 50, jitter: 10 }, OWN)
    network.advance(5000)
    expect(reports.length).toBeGreaterThan(90)
    expect(reports.filter(({ replayed }) => replayed > 0)).toEqual([])
    expect(wrong(reports, server.own)).toBe(0)
    expect(lead.ticks).toBeLessThanOrEqual(5)
  })

  it('is corrected in at most one frame of 200 at 100 ms there and back with 5 % lost', async () => {
    const { network, server, reports, lead } = await play({ latency: 50, jitter: 10, loss: 0.05, seed: 3 }, OWN)
    network.advance(3000)
    reports.length = 0
    network.advance(12_000)
    expect(wrong(reports, server.own)).toBeLessThanOrEqual(reports.length / 200)
    expect(lead.ticks).toBeLessThanOrEqual(12)
  })

  it('takes what the server did that no client could know, and runs the later inputs again', async () => {
    const { network, server, reports, seen } = await play({ latency: 50 }, OWN)
    network.advance(2000)
    server.game.runtime.write(server.own, { Position: { x: 1000 } })
    network.advance(500)
    const [report, ...others] = reports.filter(({ corrected }) => corrected.length > 0)
    expect(report).toMatchObject({ tick: 41, corrected: [server.own], replayed: 3 })
    expect(others).toEqual([])
    expect(seen(server.own)[0]).toBeGreaterThan(900)
  })

  it('ends equal to the world of the server', async () => {
    const { network, server, game, seen, release } = await play({ latency: 50, jitter: 20, loss: 0.1 }, ALL)
    for (let count = 0; count < 20; count++) server.add(count, count - 10)
    network.advance(2000)
    server.game.runtime.write(server.own, { Velocity: { y: 500 } })
    network.advance(2000)
    // Whatever is pushed no more stands still in the end, on both sides.
    release()
    for (const entity of server.entities) server.game.runtime.write(entity, { Velocity: { x: 0, y: 0 } })
    network.advance(6000)
    const { Position } = server.game.components
    for (const entity of server.entities) {
      expect(seen(entity)[0]).toBeCloseTo(Position.x[entity] as number, entity === server.own ? 3 : 1)
      expect(seen(entity)[1]).toBeCloseTo(Position.y[entity] as number, entity === server.own ? 3 : 1)
    }
    expect(getAllEntities(game.world)).toHaveLength(server.entities.length + game.runtime.scripts().length)
  })

  it('shows entities that come, and removes those that go', async () => {
    for (const predicted of [OWN, ALL]) {
      const { network, server, replica, seen } = await play({ latency: 50 }, predicted)
      network.advance(1000)
      const entity = server.add(500, 10)
      network.advance(1000)
      // One that is predicted is ahead of what the server sent.
      const [x] = seen(entity) as [number]
      if (predicted === ALL) expect(x).toBeGreaterThan(510)
      else expect(x).toBeLessThan(510)
      expect(Math.abs(x - 510)).toBeLessThan(3)
      server.remove(entity)
      network.advance(500)
      expect([...replica.cast.entities.keys()]).toEqual([server.own])
    }
  })

  it('keeps no more than its ring, however long the server is silent', async () => {
    const { network, server, prediction, reports } = await play({ latency: 50 }, OWN)
    network.advance(1000)
    const { tick } = prediction
    for (let count = 0; count < 500; count++) prediction.step({ x: 1, y: 0 })
    expect(prediction.inputOf(tick + 1)).toBeUndefined()
    expect(prediction.inputOf(prediction.tick - 63)).toBeDefined()
    // A frame of a tick that it does not have any more is taken as it is.
    reports.length = 0
    network.advance(200)
    expect(reports[0]).toMatchObject({ corrected: [], replayed: 0 })
    expect(prediction.tick).toBeLessThan(server.tick + 10)
  })
})
