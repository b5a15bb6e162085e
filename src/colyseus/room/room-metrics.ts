/** What is counted of a room, from its beginning in this process. */
export interface RoomMetrics {
  /** The name by which the server defined the room's class. */
  readonly name: string
  clients: number
  ticks: number
  /** Seconds that ticks took, with what was sent. */
  tickSeconds: number
  /** Seconds that the slowest tick took. */
  maxTickSeconds: number
  /** Seconds by which ticks began too late. */
  lateSeconds: number
  fuel: number
  /** Scripts that were stopped because the room's fuel was used up. */
  outOfFuel: number
  /** Faults of scripts, those among them. */
  faults: number
  frames: number
  bytes: number
  /** Patches that were not sent, because their client reads too slowly. */
  skipped: number
  /** Inputs that were used at their tick. */
  inputs: number
  /** Ticks for which no input of a client came in time. */
  missed: number
  /** Frames that clients say they took, and those among them that corrected what they predicted. */
  clientFrames: number
  corrections: number
  /** Full states for clients whose world differed. */
  resyncs: number
  /** Clients of another version. */
  refused: number
}

const rooms = new Set<RoomMetrics>()
/** Sums of the rooms that ended, by name: counters never go down. */
const ended = new Map<string, RoomMetrics>()

function emptyMetrics(name: string): RoomMetrics {
  return {
    name,
    clients: 0,
    ticks: 0,
    tickSeconds: 0,
    maxTickSeconds: 0,
    lateSeconds: 0,
    fuel: 0,
    outOfFuel: 0,
    faults: 0,
    frames: 0,
    bytes: 0,
    skipped: 0,
    inputs: 0,
    missed: 0,
    clientFrames: 0,
    corrections: 0,
    resyncs: 0,
    refused: 0,
  }
}

/** Begins to count a room. */
export function openMetrics(name: string): RoomMetrics {
  const metrics = emptyMetrics(name)
  rooms.add(metrics)
  return metrics
}

/** Ends the count of a room: its sums remain. */
export function closeMetrics(metrics: RoomMetrics): void {
  if (!rooms.delete(metrics)) return
  ended.set(metrics.name, add(ended.get(metrics.name) ?? emptyMetrics(metrics.name), { ...metrics, clients: 0, maxTickSeconds: 0 }))
}

type Counted = Exclude<keyof RoomMetrics, 'name'>

function add(sum: RoomMetrics, metrics: RoomMetrics): RoomMetrics {
  const total = { ...sum }
  for (const key of Object.keys(sum) as (keyof RoomMetrics)[]) {
    if (key === 'name') continue
    total[key] = key === 'maxTickSeconds' ? Math.max(sum[key], metrics[key]) : sum[key] + metrics[key]
  }
  return total
}

const FAMILIES: readonly (readonly [name: string, kind: 'gauge' | 'counter', key: Counted, help: string])[] = [
  ['bitscript_room_clients', 'gauge', 'clients', 'Clients in rooms'],
  ['bitscript_room_ticks_total', 'counter', 'ticks', 'Ticks'],
  ['bitscript_room_tick_seconds_total', 'counter', 'tickSeconds', 'Seconds that ticks took, with what was sent'],
  ['bitscript_room_tick_seconds_max', 'gauge', 'maxTickSeconds', 'Seconds that the slowest tick of a room that runs took'],
  ['bitscript_room_late_seconds_total', 'counter', 'lateSeconds', 'Seconds by which ticks began too late'],
  ['bitscript_room_fuel_total', 'counter', 'fuel', 'Fuel that scripts spent'],
  ['bitscript_room_out_of_fuel_total', 'counter', 'outOfFuel', 'Scripts that were stopped by the quota of fuel'],
  ['bitscript_room_faults_total', 'counter', 'faults', 'Faults of scripts'],
  ['bitscript_room_frames_total', 'counter', 'frames', 'Frames that were sent'],
  ['bitscript_room_sent_bytes_total', 'counter', 'bytes', 'Bytes of the frames that were sent'],
  ['bitscript_room_skipped_frames_total', 'counter', 'skipped', 'Patches that were not sent to clients that read too slowly'],
  ['bitscript_room_inputs_total', 'counter', 'inputs', 'Inputs of clients that were used'],
  ['bitscript_room_missed_inputs_total', 'counter', 'missed', 'Ticks for which no input of a client came in time'],
  ['bitscript_room_client_frames_total', 'counter', 'clientFrames', 'Frames that clients say they took'],
  ['bitscript_room_corrections_total', 'counter', 'corrections', 'Frames that corrected what a client had predicted, as clients say'],
  ['bitscript_room_resyncs_total', 'counter', 'resyncs', 'Full states for clients whose world differed'],
  ['bitscript_room_refused_total', 'counter', 'refused', 'Clients of another version that were refused'],
]

/**
 * Returns the metrics of all rooms of this process in the text format of Prometheus, version 0.0.4, summed by the name of the room's class.
 *
 * @example
 * ```ts
 * app.get('/metrics', (_, response) => response.type('text/plain; version=0.0.4').send(formatRoomMetrics()))
 * ```
 */
export function formatRoomMetrics(): string {
  const names = [...new Set([...[...rooms].map(({ name }) => name), ...ended.keys()])].sort()
  const running = names.map((name) => [...rooms].filter((room) => room.name === name))
  const sums = names.map((name, index) => (running[index] ?? []).reduce(add, ended.get(name) ?? emptyMetrics(name)))
  const lines = ['# HELP bitscript_rooms Rooms', '# TYPE bitscript_rooms gauge']
  for (const [index, name] of names.entries()) lines.push(`bitscript_rooms{room=${quote(name)}} ${running[index]?.length ?? 0}`)
  for (const [family, kind, key, help] of FAMILIES) {
    lines.push(`# HELP ${family} ${help}`, `# TYPE ${family} ${kind}`)
    for (const sum of sums) lines.push(`${family}{room=${quote(sum.name)}} ${sum[key]}`)
  }
  return `${lines.join('\n')}\n`
}

function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`
}
