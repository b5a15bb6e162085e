import type { FieldRead, FieldWriter } from '../../debug/index.ts'

/** Resolves with who wrote a field of an entity, the latest first: in ticks before one, or in all that are kept. */
export type FindWriters = (field: string, entity: number, count: number, before?: number) => Promise<readonly FieldWriter[]>

/** Writes of one tick that are looked at to find the one that a read found. */
const MAX_WRITERS = 20

/** Resolves with the latest writes before those that are known, which may be of the same tick as the last of them. */
export async function findEarlierWriters(
  find: FindWriters,
  field: string,
  entity: number,
  count: number,
  known: readonly FieldWriter[],
): Promise<readonly FieldWriter[]> {
  const tick = known.at(-1)?.tick
  if (tick === undefined) return find(field, entity, count)
  const inTick = known.filter((each) => each.tick === tick).length
  return (await find(field, entity, inTick + count, tick + 1)).slice(inTick)
}

/** Resolves with who wrote what was read in a tick; `undefined` if nobody did in the past that is kept. */
export async function findWriterOf(find: FindWriters, { field, entity, value }: FieldRead, tick: number): Promise<FieldWriter | undefined> {
  // In the tick of the read, only a write can be the answer that gave the field the value that was read. Later writes, and those that changed nothing, did not.
  const isAnswer = (writer: FieldWriter): boolean => writer.tick < tick || (Object.is(writer.value, value) && !Object.is(writer.old, value))
  const [last] = await find(field, entity, 1, tick + 1)
  if (last === undefined || isAnswer(last)) return last
  return (await find(field, entity, MAX_WRITERS, tick + 1)).find(isAnswer)
}
