/** How a game is, for its music. */
export interface Mood {
  readonly wave: number
  /** Whether few lives and little health are left. */
  readonly isTight: boolean
  /** Whether music plays at all: a paused game has none. */
  readonly isRunning: boolean
}

/** Semitones above A of the bass in each bar, and of the notes of the chord over it. */
const BARS: readonly (readonly [bass: number, chord: readonly number[]])[] = [
  [0, [0, 3, 7, 12]],
  [-4, [-4, 0, 3, 8]],
  [3, [3, 7, 10, 15]],
  [-2, [-2, 2, 5, 10]],
]
const STEPS = 16
/** Semitones that the song is higher by, wave by wave. */
const KEYS: readonly number[] = [0, 0, 3, 5, -2]
const A1 = 55
/** Seconds ahead of which notes are planned, and between two plans. A timer is not exact, the clock of the context is. */
const AHEAD = 0.25
const BETWEEN_PLANS = 0.1

/** Plays an endless song whose tempo, key and drums follow the game. */
export interface Music {
  feel(mood: Mood): void
}

/** Creates the music; it plays as long as the mood says that the game runs. */
export function createMusic(context: AudioContext, output: AudioNode, noise: AudioBuffer): Music {
  const volume = new GainNode(context, { gain: 0.5 })
  volume.connect(output)
  let mood: Mood = { wave: 0, isTight: false, isRunning: false }
  let [step, next] = [0, 0]
  let timer: ReturnType<typeof setInterval> | undefined

  function note(type: OscillatorType, frequency: number, at: number, seconds: number, loudness: number): void {
    const gain = new GainNode(context, { gain: 0 })
    gain.gain.setValueAtTime(0, at)
    gain.gain.linearRampToValueAtTime(loudness, at + 0.01)
    gain.gain.exponentialRampToValueAtTime(0.001, at + seconds)
    const oscillator = new OscillatorNode(context, { type, frequency })
    oscillator.connect(gain).connect(volume)
    oscillator.start(at)
    oscillator.stop(at + seconds)
  }

  function hiss(at: number, frequency: number, seconds: number, loudness: number): void {
    const gain = new GainNode(context, { gain: loudness })
    gain.gain.setValueAtTime(loudness, at)
    gain.gain.exponentialRampToValueAtTime(0.001, at + seconds)
    const source = new AudioBufferSourceNode(context, { buffer: noise })
    source
      .connect(new BiquadFilterNode(context, { type: 'highpass', frequency }))
      .connect(gain)
      .connect(volume)
    source.start(at)
    source.stop(at + seconds)
  }

  function playStep(at: number): void {
    const [bass, chord] = BARS[Math.floor(step / STEPS) % BARS.length] as (typeof BARS)[number]
    const key = KEYS[mood.wave % KEYS.length] as number
    const frequency = (semitones: number, octave: number): number => A1 * 2 ** (octave + (semitones + key) / 12)
    const beat = step % STEPS
    if (beat % 4 === 0 || beat % 8 === 3) note('triangle', frequency(bass, 0), at, 0.28, 0.3)
    if (beat % 2 === 0 || mood.wave % 3 === 0) note('square', frequency(chord[(beat * 3) % chord.length] as number, 2), at, 0.14, 0.03)
    if (beat % 4 === 0) note('sine', beat % 8 === 0 ? 110 : 80, at, 0.16, 0.35)
    if (mood.wave > 1 && beat % 4 === 2) hiss(at, 7000, 0.05, 0.06)
    if (mood.wave > 1 && beat % 8 === 4) hiss(at, 1500, 0.14, 0.12)
    if (mood.isTight && beat % 8 === 0) note('sawtooth', frequency(chord[3] as number, 1), at, 0.5, 0.05)
  }

  function plan(): void {
    next = Math.max(next, context.currentTime + 0.02)
    const beatsPerMinute = 104 + Math.min(mood.wave, 8) * 5
    while (next < context.currentTime + AHEAD) {
      playStep(next)
      next += 60 / beatsPerMinute / 4
      step++
    }
  }

  return {
    feel(now) {
      mood = now
      if (now.isRunning && timer === undefined) timer = setInterval(plan, BETWEEN_PLANS * 1000)
      if (now.isRunning || timer === undefined) return
      clearInterval(timer)
      timer = undefined
    },
  }
}
