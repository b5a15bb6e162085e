import { afterEach, expect, it } from 'vitest'
import type { Keeper, RoomClaim } from '../../../src/colyseus/keep/keeper.ts'

/** Processes that share what is kept. */
export interface KeeperBench {
  /** Returns the keeper of another process. */
  readonly join: () => Keeper
  /** Ends the bench. */
  readonly close: () => Promise<void>
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.of(...values)

/** What every keeper does. */
export function describeKeeper(open: () => Promise<KeeperBench>): void {
  const benches: KeeperBench[] = []
  const bench = async (): Promise<KeeperBench> => {
    const opened = await open()
    benches.push(opened)
    return opened
  }
  afterEach(async () => {
    for (const each of benches.splice(0)) await each.close()
  })
  const about = { name: 'arena', options: { map: 'forest' } }
  /** Claims a new room, saves it after tick 4 and appends ticks 5 and 6. */
  async function start(keeper: Keeper, roomId = 'one'): Promise<RoomClaim> {
    const claim = await keeper.claim(roomId, about)
    await claim.save(4, bytes(4, 4))
    await claim.append(5, bytes(5))
    await claim.append(6, bytes())
    return claim
  }
  const plain = ({ kept }: RoomClaim): unknown =>
    kept && { tick: kept.snapshot.tick, bytes: [...kept.snapshot.bytes], ticks: kept.ticks.map(({ tick, entry }) => [tick, ...entry]) }

  it('has nothing of a new room', async () => {
    const claim = await (await bench()).join().claim('one', about)
    expect(claim).toMatchObject({ roomId: 'one', epoch: 1, kept: undefined, state: 'held', wantsSnapshot: false })
  })

  it('gives a room that was released to the next claim: its snapshot, and all ticks since', async () => {
    const { join } = await bench()
    const first = await start(join())
    await first.release()
    expect(first.state).toBe('lost')
    const second = await join().claim('one', about)
    expect([second.epoch, plain(second)]).toEqual([2, { tick: 4, bytes: [4, 4], ticks: [[5, 5], [6]] }])
  })

  it('keeps a snapshot in the place of that before it and of the ticks up to it', async () => {
    const { join } = await bench()
    const first = await start(join())
    await first.save(6, bytes(6))
    await first.append(7, bytes(7))
    await first.release()
    expect(plain(await join().claim('one', about))).toEqual({ tick: 6, bytes: [6], ticks: [[7, 7]] })
  })

  it('goes on counting where the claim before ended', async () => {
    const { join } = await bench()
    await (await start(join())).release()
    const second = await join().claim('one', about)
    await expect(second.append(6, bytes())).rejects.toMatchObject({ code: 'InvalidOptions' })
    await second.append(7, bytes(7))
    await second.release()
    expect(plain(await join().claim('one', about))).toEqual({ tick: 4, bytes: [4, 4], ticks: [[5, 5], [6], [7, 7]] })
  })

  it('keeps a copy of what it was given', async () => {
    const { join } = await bench()
    const first = await join().claim('one', about)
    const given = bytes(1, 2)
    await first.save(0, given)
    given.fill(9)
    await first.append(1, given)
    given.fill(8)
    await first.release()
    expect(plain(await join().claim('one', about))).toEqual({ tick: 0, bytes: [1, 2], ticks: [[1, 9, 9]] })
  })

  it('refuses to claim a room that runs', async () => {
    const { join } = await bench()
    const keeper = join()
    await start(keeper)
    await expect(keeper.claim('one', about)).rejects.toMatchObject({ code: 'LoadFailed' })
    await expect(join().claim('one', about)).rejects.toMatchObject({ code: 'LoadFailed' })
  })

  it('keeps rooms apart', async () => {
    const { join } = await bench()
    const keeper = join()
    await (await start(keeper)).release()
    expect((await keeper.claim('two', about)).kept).toBeUndefined()
  })

  it('forgets a room that is over', async () => {
    const { join } = await bench()
    const first = await start(join())
    await first.forget()
    expect(first.state).toBe('lost')
    expect((await join().claim('one', about)).kept).toBeUndefined()
  })

  it('forgets a room that was never saved', async () => {
    const { join } = await bench()
    await (await join().claim('one', about)).release()
    expect((await join().claim('one', about)).kept).toBeUndefined()
  })

  it('refuses everything from a claim that was ended', async () => {
    const { join } = await bench()
    const first = await start(join())
    await first.release()
    await expect(first.append(7, bytes())).rejects.toMatchObject({ code: 'Disposed' })
    await expect(first.save(6, bytes())).rejects.toMatchObject({ code: 'Disposed' })
    await first.release()
    await first.forget()
    expect((await join().claim('one', about)).kept).toBeDefined()
  })

  it('takes ticks in order, after a first snapshot', async () => {
    const { join } = await bench()
    const claim = await join().claim('one', about)
    await expect(claim.append(1, bytes())).rejects.toMatchObject({ code: 'InvalidOptions' })
    await claim.save(0, bytes())
    for (const wrong of [0, 2, 1.5, Number.NaN])
      await expect(claim.append(wrong, bytes())).rejects.toMatchObject({ code: 'InvalidOptions' })
    for (const wrong of [1, -1, 0.5]) await expect(claim.save(wrong, bytes())).rejects.toMatchObject({ code: 'InvalidOptions' })
    await claim.append(1, bytes())
  })

  it('takes ticks before those before them are kept', async () => {
    const { join } = await bench()
    const first = await join().claim('one', about)
    const saved = first.save(0, bytes())
    await Promise.all([saved, ...Array.from({ length: 20 }, (_, index) => first.append(index + 1, bytes(index)))])
    await first.release()
    expect((await join().claim('one', about)).kept?.ticks.map(({ tick }) => tick)).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    )
  })
}
