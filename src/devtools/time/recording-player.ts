import { type Recording, Replay, type ReplayReport, type WasmScriptRuntime } from '../../index.ts'
import { formatCount, messageOf } from '../elements/format-number.ts'
import type { TimeControls } from './time-controls.ts'

/** Plays recordings in the game. */
export interface RecordingPlayback {
  readonly isPlaying: boolean
  /** Restores the game to the beginning of a recording, and plays it, a tick a frame. If it fails, nothing changes. */
  begin(recording: Recording): Promise<void>
  /** Stops. The game stays paused where it is. */
  end(): void
}

/** Ticks between two comparisons with the recording, each of which looks at the whole world. */
const COMPARE_EVERY = 60

/** Creates what plays recordings. `say` is called with how far it is, and with problems. */
export function createPlayback(
  runtime: WasmScriptRuntime,
  controls: TimeControls | undefined,
  say: (text: string, isProblem?: boolean) => void,
): RecordingPlayback {
  let replay: Replay | undefined
  let report: ReplayReport | undefined

  function end(): void {
    replay?.end()
    replay = undefined
  }

  function describe(ticks: number, all: number): string {
    const { parted } = report ?? {}
    const same =
      parted === undefined
        ? 'as it was recorded'
        : `another world from tick ${formatCount(parted.after)} to ${formatCount(parted.before)} on`
    return `Tick ${formatCount(ticks)} of ${formatCount(all)} of the recording, ${same}.`
  }

  async function play(playing: Replay, driven: TimeControls, all: number): Promise<void> {
    try {
      while (replay === playing) {
        if (!driven.paused) {
          say(`${describe(playing.ticks, all)} The game goes on from here.`)
          end()
          return
        }
        await playing.step()
        if (replay !== playing) return
        if (playing.isOver || playing.ticks % COMPARE_EVERY === 0) report = playing.report()
        say(`${describe(playing.ticks, all)}${playing.isOver ? ' It is over; the game is paused.' : ''}`)
        if (playing.isOver) end()
        await new Promise(requestAnimationFrame)
      }
    } catch (error) {
      if (replay === playing) end()
      say(messageOf(error), true)
    }
  }

  return {
    get isPlaying() {
      return replay !== undefined
    },
    async begin(recording) {
      if (controls === undefined)
        throw new Error('A recording plays while the game is paused: pass mountInspector the controls of its time.')
      end()
      const wasPaused = controls.paused
      // No tick may come between the beginning of the recording and its first one.
      controls.paused = true
      try {
        const begun = await Replay.begin(runtime, recording)
        replay = begun
        report = undefined
        void play(begun, controls, recording.ticks)
      } catch (error) {
        controls.paused = wasPaused
        throw error
      }
    },
    end,
  }
}
