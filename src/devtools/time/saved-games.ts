import { Recorder, Recording, type RestoreReport, Snapshot, type WasmScriptRuntime } from '../../index.ts'
import { button, element, setAttribute, setText } from '../elements/element.ts'
import { formatCount, messageOf } from '../elements/format-number.ts'
import { createPlayback } from './recording-player.ts'
import type { TimeControls } from './time-controls.ts'

/** Bytes that a file may have. */
const MAX_BYTES = 1024 * 1024 * 1024
/** Milliseconds after which the browser has begun to save a file. */
const SAVE_TIME = 60_000

/** The part that saves and opens snapshots and recordings. */
export interface GameFiles {
  readonly element: HTMLElement
  refresh(): void
  /** Ends what is being recorded, which can still be saved, and what is being played. */
  close(): void
}

/**
 * Creates buttons that save and open snapshots and recordings. A file may come from anyone: it is checked whole before anything changes, and the game as it
 * was before can be restored.
 */
export function createGameFiles(runtime: WasmScriptRuntime, controls: TimeControls | undefined): GameFiles {
  let recorder: Recorder | undefined
  /** A recording that was stopped and is not saved yet. */
  let stopped: Recording | undefined
  /** The game before a file was opened. */
  let before: Snapshot | undefined
  const notice = element('p', { role: 'status' })
  const playback = createPlayback(runtime, controls, say)
  const record = button('Record', () => void attempt(toggleRecording), { 'aria-pressed': 'false' })
  const discard = button('Discard the recording', () => void attempt(discardRecording))
  const end = button('End the replay', () => playback.end())
  const back = button('Return to the game before', () => void attempt(restoreBefore))
  const view = element(
    'div',
    { class: 'files' },
    element(
      'div',
      { class: 'bar' },
      button('Save a snapshot', () => void attempt(saveSnapshot)),
      opener('Open a snapshot', '.save', openSnapshot),
      record,
      discard,
      opener('Open a recording', '.rec', openRecording),
      end,
      back,
    ),
    notice,
  )

  /** Creates a button that opens a file. */
  function opener(text: string, ending: string, open: (bytes: Uint8Array) => void | Promise<void>): HTMLElement {
    const input = element('input', { type: 'file', accept: ending, hidden: true, 'aria-label': text })
    input.addEventListener('change', () => {
      const [file] = input.files ?? []
      // So that the same file can be opened again.
      if (file !== undefined) void attempt(() => readFile(file).then(open)).finally(() => (input.value = ''))
    })
    return element(
      'span',
      {},
      button(`${text}…`, () => input.click()),
      input,
    )
  }

  function say(text: string, isProblem = false): void {
    setText(notice, text)
    setAttribute(notice, 'class', isProblem ? 'error' : 'muted')
  }

  async function attempt(act: () => void | Promise<void>): Promise<void> {
    try {
      say('')
      await act()
    } catch (error) {
      say(messageOf(error), true)
    }
    refresh()
  }

  function saveSnapshot(): void {
    const snapshot = runtime.snapshot()
    download(snapshot.toBytes({ without: 'unnamed' }), `tick-${snapshot.tick}.save`)
    say(`Saved tick ${formatCount(snapshot.tick)}.`)
  }

  function openSnapshot(bytes: Uint8Array): void {
    const snapshot = Snapshot.fromBytes(bytes)
    const present = runtime.snapshot()
    const report = runtime.restore(snapshot)
    before = present
    say(`The game is at tick ${formatCount(report.tick)} of the snapshot.${describeScripts(report)}`)
  }

  function toggleRecording(): void {
    if (stopped === undefined && recorder === undefined) {
      const callers = folderOfPage()
      recorder = new Recorder(runtime, {}, { without: 'unnamed', ...(callers && { callers }) })
      return
    }
    stopped ??= recorder?.stop()
    recorder = undefined
    // If it cannot be saved, it is kept.
    if (stopped !== undefined) saveRecording(stopped)
    stopped = undefined
  }

  function discardRecording(): void {
    stopped = undefined
  }

  function saveRecording(recording: Recording): void {
    download(recording.toBytes(), `${recording.ticks}-ticks.rec`)
    say(`Saved a recording of ${formatCount(recording.ticks)} ticks.`)
  }

  async function openRecording(bytes: Uint8Array): Promise<void> {
    const recording = Recording.fromBytes(bytes)
    const present = runtime.snapshot()
    await playback.begin(recording)
    before = present
  }

  function restoreBefore(): void {
    if (before === undefined) return
    playback.end()
    const { tick } = runtime.restore(before)
    before = undefined
    say(`The game is at tick ${formatCount(tick)} again.`)
  }

  function refresh(): void {
    const isRecording = recorder !== undefined
    const ticks = recorder?.ticks ?? stopped?.ticks ?? 0
    setText(
      record,
      isRecording
        ? `Stop and save (${formatCount(ticks)} ticks)`
        : stopped === undefined
          ? 'Record'
          : `Save the recording (${formatCount(ticks)} ticks)`,
    )
    setAttribute(record, 'aria-pressed', String(isRecording))
    discard.hidden = stopped === undefined
    end.hidden = !playback.isPlaying
    back.hidden = before === undefined
  }

  refresh()
  return {
    element: view,
    refresh,
    close() {
      playback.end()
      try {
        stopped = recorder?.stop() ?? stopped
      } catch {
        // The runtime has been disposed of.
      }
      recorder = undefined
    },
  }
}

/** Returns the folder from which a recording names the files of the page: of a server, its root. `undefined` if the page has none. */
function folderOfPage(): URL | undefined {
  const { href, protocol } = location
  try {
    return new URL(protocol === 'file:' ? '.' : '/', href)
  } catch {
    return undefined
  }
}

async function readFile(file: File): Promise<Uint8Array> {
  if (file.size > MAX_BYTES)
    throw new Error(`${file.name} has ${formatCount(file.size)} bytes: open a file of at most ${formatCount(MAX_BYTES)}`)
  return new Uint8Array(await file.arrayBuffer())
}

function download(bytes: Uint8Array<ArrayBuffer>, name: string): void {
  const url = URL.createObjectURL(new Blob([bytes]))
  element('a', { href: url, download: name }).click()
  setTimeout(() => URL.revokeObjectURL(url), SAVE_TIME)
}

/** Describes the scripts whose state was not restored as it was. */
export function describeScripts({ scripts }: RestoreReport): string {
  return scripts.flatMap(({ script, state, detail }) => (state === 'restored' ? [] : `\n${script} ${state}: ${detail ?? ''}`)).join('')
}
