import type { SOUNDS } from '../sim/components.ts'
import { createMusic, type Mood } from './music.ts'

type Sound = (typeof SOUNDS)[number]

/** A tone glides between two frequencies in hertz. With `noise`, hiss is filtered at these frequencies instead. */
interface Tone {
  readonly type: OscillatorType | 'noise'
  readonly from: number
  readonly to: number
  readonly seconds: number
  readonly volume: number
}

const TONES: Readonly<Record<Sound, readonly Tone[]>> = {
  shot: [{ type: 'triangle', from: 720, to: 240, seconds: 0.07, volume: 0.05 }],
  kill: [
    { type: 'square', from: 180, to: 60, seconds: 0.12, volume: 0.04 },
    { type: 'noise', from: 2400, to: 400, seconds: 0.14, volume: 0.06 },
  ],
  hurt: [
    { type: 'sawtooth', from: 320, to: 70, seconds: 0.35, volume: 0.16 },
    { type: 'noise', from: 1200, to: 200, seconds: 0.3, volume: 0.16 },
  ],
  dash: [{ type: 'noise', from: 700, to: 4200, seconds: 0.18, volume: 0.14 }],
  pickup: [
    { type: 'sine', from: 523, to: 784, seconds: 0.12, volume: 0.12 },
    { type: 'sine', from: 784, to: 1568, seconds: 0.24, volume: 0.1 },
  ],
  blast: [
    { type: 'sine', from: 150, to: 28, seconds: 0.8, volume: 0.4 },
    { type: 'noise', from: 3200, to: 90, seconds: 0.9, volume: 0.3 },
  ],
  spit: [{ type: 'sine', from: 420, to: 190, seconds: 0.12, volume: 0.05 }],
  charge: [{ type: 'triangle', from: 90, to: 360, seconds: 0.25, volume: 0.08 }],
  boss: [
    { type: 'sawtooth', from: 55, to: 110, seconds: 1.4, volume: 0.2 },
    { type: 'sawtooth', from: 56.2, to: 112, seconds: 1.4, volume: 0.2 },
  ],
}
/** Minimum seconds between two sounds of the same kind. */
const MIN_INTERVAL = 0.05

/** Makes sounds and music; no file is loaded for them. */
export interface Synthesizer {
  play(sound: Sound): void
  feel(mood: Mood): void
  mute(yes: boolean): void
}

/** Creates a synthesizer, after a gesture. */
export function createSynthesizer(): Synthesizer {
  const context = new AudioContext()
  const compressor = new DynamicsCompressorNode(context)
  compressor.connect(context.destination)
  const noise = createNoise(context)
  const music = createMusic(context, compressor, noise)
  const last = new Map<Sound, number>()
  return {
    play(sound) {
      const now = context.currentTime
      if (now - (last.get(sound) ?? -1) < MIN_INTERVAL) return
      last.set(sound, now)
      for (const tone of TONES[sound]) playTone(context, compressor, noise, tone)
    },
    feel: (mood) => music.feel(mood),
    mute(yes) {
      if (yes) void context.suspend()
      else void context.resume()
    },
  }
}

function playTone(context: AudioContext, output: AudioNode, noise: AudioBuffer, { type, from, to, seconds, volume }: Tone): void {
  const now = context.currentTime
  const end = now + seconds
  const gain = new GainNode(context, { gain: volume })
  gain.gain.exponentialRampToValueAtTime(0.001, end)
  gain.connect(output)
  if (type === 'noise') {
    const filter = new BiquadFilterNode(context, { type: 'bandpass', frequency: from })
    filter.frequency.exponentialRampToValueAtTime(to, end)
    const source = new AudioBufferSourceNode(context, { buffer: noise, loop: true })
    source.connect(filter).connect(gain)
    source.start(now)
    source.stop(end)
    return
  }
  const oscillator = new OscillatorNode(context, { type, frequency: from })
  oscillator.frequency.exponentialRampToValueAtTime(to, end)
  oscillator.connect(gain)
  oscillator.start(now)
  oscillator.stop(end)
}

function createNoise(context: AudioContext): AudioBuffer {
  const buffer = context.createBuffer(1, context.sampleRate / 2, context.sampleRate)
  const samples = buffer.getChannelData(0)
  for (let index = 0; index < samples.length; index++) samples[index] = Math.random() * 2 - 1
  return buffer
}
