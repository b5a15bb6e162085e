import { schema, t } from '@colyseus/schema'
import { columns, type GameDefinition, inputs, q, ScriptRoom, type Sync } from 'bitscript/colyseus'
import { type ClientOptions, type ConnectionEvents, connectScripts, type ScriptConnection } from 'bitscript/colyseus/client'
import { type NetworkOptions, SimulatedNetwork } from '../../fixtures/network.ts'
import { RoomInMemory } from '../room/room-in-memory.ts'
import { arena } from './arena.ts'
import { MemoryClient } from './memory-client.ts'

const PREDICT = ['player', 'mover']
const Push = schema({ tick: t.uint32(), x: t.int8(), y: t.int8() }, 'Push')

class Arena extends ScriptRoom {
  readonly game = arena
  readonly sync: Sync = columns({ Position: q(1 / 16), Velocity: q(1 / 16) }, { own: true })
  override autoDispose = false
  override inputs = this.defineInput(Push, { seqField: 'tick' })

  onSeat(): number {
    const { player, mover } = this.running.scripts
    const entity = this.runtime.spawn({ Position: {}, Velocity: {} } as never)
    this.runtime.attach(entity, player as never)
    this.runtime.attach(entity, mover as never)
    return entity
  }
}

/** A room of columns. */
export const Columns: new () => ScriptRoom & { onSeat(): number } = Arena

/** Returns the class of rooms of inputs, of a game with the components of the arena. */
export function lockstepOf(game: GameDefinition): new () => ScriptRoom {
  return class extends Arena {
    override readonly game = game as typeof arena
    override readonly sync: Sync = inputs()
  }
}

/** A room of inputs. */
export const Lockstep: new () => ScriptRoom = lockstepOf(arena)

/** A room in memory, and players over a simulated network. */
export interface Play {
  readonly room: ScriptRoom
  readonly network: SimulatedNetwork
  readonly client: MemoryClient
  /** Lets time pass. */
  run(milliseconds: number): Promise<void>
  /** Lets time pass until work that needs more than that is done. Call it alone: nothing else may let time pass meanwhile. */
  until<Result>(work: Promise<Result>): Promise<Result>
  join(given?: Partial<ClientOptions>): Promise<ScriptConnection>
  dispose(player: ScriptConnection): void
  next<Name extends keyof ConnectionEvents>(player: ScriptConnection, name: Name): Promise<ConnectionEvents[Name]>
  /** Has a player pushed about, until `release`. */
  steer(player: ScriptConnection): void
  release(): void
}

/** Opens a room, and a network to it. */
export async function openArena(options: NetworkOptions, kind: new () => ScriptRoom = Arena): Promise<Play> {
  const server = await RoomInMemory.create(kind)
  const network = new SimulatedNetwork(options)
  const players: ScriptConnection[] = []
  const steered: ScriptConnection[] = []
  const client = new MemoryClient(network, () => server as never)
  const direction = (): number => Math.round(network.random() * 2 - 1)
  const run = async (milliseconds: number): Promise<void> => {
    for (let passed = 0; passed < milliseconds; passed += 10) {
      network.advance(10)
      await server.run(10)
      for (const player of steered) if (network.random() < 0.02) player.send({ x: direction(), y: direction() })
      for (const player of players) player.update(performance.now())
    }
  }
  const until = async <Result>(work: Promise<Result>): Promise<Result> => {
    let isSettled = false
    work.finally(() => (isSettled = true)).catch(() => undefined)
    while (!isSettled) {
      await run(10)
      await new Promise((resolve) => setImmediate(resolve))
    }
    return work
  }
  const join = async (given: Partial<ClientOptions> = {}): Promise<ScriptConnection> => {
    const player = await until(connectScripts(client.client, 'arena', { game: arena, predict: PREDICT, ...given } as ClientOptions))
    players.push(player)
    return player
  }
  const dispose = (player: ScriptConnection): void => {
    players.splice(players.indexOf(player), 1)
    player.dispose()
  }
  const next = <Name extends keyof ConnectionEvents>(player: ScriptConnection, name: Name): Promise<ConnectionEvents[Name]> =>
    new Promise((resolve) => void player.on(name, resolve))
  return {
    dispose,
    room: server.room,
    network,
    client,
    run,
    until,
    join,
    next,
    steer: (player: ScriptConnection) => void steered.push(player),
    release: () => steered.splice(0),
  }
}
